"""LODs of this package against other simplifiers, on the same files in one run.

    python benchmarks/lod.py model.glb... [--triangles 20000 5000 1000] [--texture-size 2048]

Peers (``lod_peers.py``): gltfpack and glTF-Transform (npm), pymeshlab and fast-simplification
(PyPI). One row per model, budget and tool:

| column | what it is |
|---|---|
| got | triangles reached |
| CPU | seconds, all processes and threads |
| rms, max | two-way distance to the master in per mille of its diagonal |
| normals | mean angle to the master's surface in degrees |
| colour | mean difference of base color at corresponding points, 0..255 |
| PSNR | of shaded renders from eight directions against the master's, dB |

Budgets below the master's chart floor are marked ``<``; the summary counts how often each tool was
best there and above it.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from lod_peers import Peer, installed_peers

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.geometry import build_lod, colour_deviation, deviation, repair
from trellis_assets.geometry.measure import uv_patches
from trellis_assets.gltf import Model, load_model
from trellis_assets.previews import Scene
from trellis_assets.previews.compare import psnr

OURS = "trellis-assets"
TRIANGLES_PER_PATCH = 3  # where collapses that keep seams stall (measured: 2.2 to 3.7)
_VIEWS = [(azimuth, elevation) for elevation in (15.0, -15.0) for azimuth in (20, 110, 200, 290)]
_PIXELS = 512


@dataclass(frozen=True)
class Row:
    """One result, ready to print."""

    tool: str
    asked: int
    below_floor: bool
    got: int
    cpu: float
    rms: float
    worst: float
    normals: float
    colour: float | None
    psnr: float

    @property
    def in_budget(self) -> bool:
        return self.got <= self.asked

    def __str__(self) -> str:
        colour = "     -" if self.colour is None else f"{self.colour:6.2f}"
        return (
            f"  {self.tool:<20} {'<' if self.below_floor else ' '}{self.asked:>7} {self.got:>7} "
            f"{self.cpu:7.2f} {self.rms * 1000:7.3f} {self.worst * 1000:7.2f} "
            f"{self.normals:7.2f} {colour} {self.psnr:6.2f}"
        )


def cpu_seconds() -> float:
    """Of this process and the children it has waited for."""
    own, children = os.times(), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.user + own.system + children.ru_utime + children.ru_stime


class Judge:
    """Measures models against one master; what is needed of that is made once."""

    def __init__(self, master: Model) -> None:
        self.master = master
        # One camera for all: a model that fills its picture by its own outline is shifted by it.
        self.framing = Scene(master).framing
        self.views = self._renders(master)
        patches = sum(uv_patches(part.mesh) for part in master.parts)
        self.floor = TRIANGLES_PER_PATCH * patches

    def row(self, tool: str, asked: int, make: Callable[[], Model], *, textured: bool) -> Row | str:
        """Run one tool and measure what it made; a line that says why where there is nothing."""
        start = cpu_seconds()
        try:
            found = make()
        except (TrellisAssetsError, subprocess.CalledProcessError) as error:
            return f"  {tool:<20} {asked:>8} {error}"
        spent = cpu_seconds() - start
        if found.triangle_count == 0:
            return f"  {tool:<20} {asked:>8} wrote an empty model"
        shape = deviation(self.master, found)
        return Row(
            tool=tool,
            asked=asked,
            below_floor=asked < self.floor,
            got=found.triangle_count,
            cpu=spent,
            rms=shape.rms,
            worst=shape.hausdorff,
            normals=shape.normal_degrees,
            colour=colour_deviation(self.master, found).mean if textured else None,
            psnr=self._psnr(found),
        )

    def _psnr(self, found: Model) -> float:
        """Of the mean square error over all views."""
        values = [
            psnr(view, other) for view, other in zip(self.views, self._renders(found), strict=True)
        ]
        return float(-10 * np.log10(np.mean(10 ** (-np.array(values) / 10))))

    def _renders(self, model: Model) -> list[np.ndarray]:
        scene = Scene(model)
        return [
            scene.render(size=_PIXELS, azimuth=azimuth, elevation=elevation, bounds=self.framing)
            for azimuth, elevation in _VIEWS
        ]


def compare(path: Path, budgets: list[int], texture_size: int) -> list[Row]:
    """Print the rows of one model."""
    start = cpu_seconds()
    master = repair(load_model(path.read_bytes())).model
    spent = cpu_seconds() - start
    judge = Judge(master)
    print(
        f"{path.stem}: {master.triangle_count} triangles, chart floor near {judge.floor}, "
        f"repair {spent:.2f} s",
        flush=True,
    )

    def ours(model: Model, asked: int) -> Model:
        # As LOD0 of a profile of this budget: every tool starts from the master.
        return build_lod(model, None, triangles=asked, texture_size=texture_size).model

    rows = []
    for asked in (budget for budget in budgets if budget < master.triangle_count):
        tools = {OURS: Peer(ours), **installed_peers()}
        for tool, peer in tools.items():
            row = judge.row(tool, asked, partial(peer.make, master, asked), textured=peer.textured)
            print(row, flush=True)
            rows += [row] if isinstance(row, Row) else []
    return rows


def summary(models: list[list[Row]]) -> None:
    """How this package stands against the peers that keep textures, case by case."""
    for below, title in ((True, "below the chart floor"), (False, "above it")):
        cases = [
            (row, [peer for peer in rows if peer.asked == row.asked and peer.colour is not None])
            for rows in models
            for row in rows
            if row.tool == OURS and row.below_floor == below
        ]
        cases = [(row, [peer for peer in peers if peer.tool != OURS]) for row, peers in cases]
        print(f"{title}: {len(cases)} cases, {sum(row.in_budget for row, _ in cases)} on budget")
        ahead = sum(all(row.psnr > peer.psnr for peer in peers) for row, peers in cases)
        fair = sum(
            all(row.psnr > peer.psnr for peer in peers if peer.in_budget) for row, peers in cases
        )
        near = sum(all(row.psnr > peer.psnr - 0.5 for peer in peers) for row, peers in cases)
        smooth = sum(all(row.normals < peer.normals for peer in peers) for row, peers in cases)
        print(
            f"  PSNR above every peer's in {ahead}, above all that keep to the budget in {fair}, "
            f"within 0.5 dB or better in {near}"
        )
        print(f"  normal deviation lowest in {smooth}")
        print("  colour error, and its ratio to the best peer on budget:", *map(_colour, cases))


def _colour(case: tuple[Row, list[Row]]) -> str:
    row, peers = case
    best = min((peer.colour or 0.0 for peer in peers if peer.in_budget), default=0.0)
    return f"{row.colour:.1f} ({row.colour / best:.2f})" if best and row.colour else "-"


def main() -> None:
    """Print one table per model, then the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--triangles", nargs="+", type=int, default=[20_000, 5_000, 1_000])
    parser.add_argument("--texture-size", type=int, default=2048)
    arguments = parser.parse_args()
    print("  tool                    asked     got     CPU     rms     max normals colour   PSNR")
    budgets, size = arguments.triangles, arguments.texture_size
    summary([compare(path, budgets, size) for path in arguments.models])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
