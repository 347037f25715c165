"""LODs of this package against the simplifiers that are installed, on the same files.

    python benchmarks/lod.py model.glb... [--triangles 20000 5000 1000] [--texture-size 2048]

Peers: fast-simplification (PyPI), gltfpack (npm, when on PATH). One row per model, budget and tool:
triangles reached, CPU seconds, deviation in per mille of the diagonal, colour error in 0..255.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.geometry import build_lod, colour_deviation, deviation, repair
from trellis_assets.geometry.topology import concatenated, weld
from trellis_assets.gltf import Mesh, Model, Part, load_model, model_to_glb


@dataclass(frozen=True)
class Row:
    """One result, ready to print."""

    tool: str
    asked: int
    got: int
    cpu: float
    rms: float
    worst: float
    normals: float
    colour: float | None

    def __str__(self) -> str:
        colour = "   -" if self.colour is None else f"{self.colour:6.2f}"
        return (
            f"  {self.tool:<20} {self.asked:>7} {self.got:>7} {self.cpu:7.2f} s "
            f"{self.rms * 1000:7.3f} {self.worst * 1000:7.2f} {self.normals:6.2f} deg {colour}"
        )


def cpu_seconds() -> float:
    """Of this process and the children it has waited for."""
    own, children = os.times(), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.user + own.system + children.ru_utime + children.ru_stime


def judge(
    tool: str, master: Model, asked: int, make: Callable[[], Model], *, textured: bool = True
) -> Row | str:
    """Run one tool and measure what it made."""
    start = cpu_seconds()
    try:
        found = make()
    except (TrellisAssetsError, subprocess.CalledProcessError) as error:
        return f"  {tool:<20} {asked:>7} {error}"
    spent = cpu_seconds() - start
    if found.triangle_count == 0:
        return f"  {tool:<20} {asked:>7} wrote an empty model"
    shape = deviation(master, found)
    colour = colour_deviation(master, found).mean if textured else None
    return Row(
        tool,
        asked,
        found.triangle_count,
        spent,
        shape.rms,
        shape.hausdorff,
        shape.normal_degrees,
        colour,
    )


def fast_simplification(master: Model, triangles: int) -> Model:
    """Positions only: UVs are lost."""
    import fast_simplification as peer

    positions, faces = concatenated([part.mesh for part in master.parts])
    place, first = weld(positions)
    points, cells = peer.simplify(
        positions[first], place[faces].astype(np.int32), target_count=triangles
    )
    mesh = Mesh(np.asarray(points, np.float32), np.asarray(cells, np.uint32))
    return Model((Part(mesh, replace(master.parts[0].material, base_color=None)),))


def gltfpack(master: Model, triangles: int) -> Model:
    """Seam-locked simplification without quantisation, error unlimited as far as it stays safe."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.glb"), Path(folder, "out.glb")
        source.write_bytes(model_to_glb(master))
        ratio = f"{triangles / master.triangle_count:.6f}"
        command = ["gltfpack", "-i", str(source), "-o", str(target), "-si", ratio, "-noq"]
        subprocess.run([*command, "-se", "0.05"], check=True, capture_output=True)  # noqa: S603
        return load_model(target.read_bytes())


def compare(path: Path, budgets: list[int], texture_size: int) -> None:
    """Print the rows of one model."""
    start = cpu_seconds()
    master = repair(load_model(path.read_bytes())).model
    print(f"{path.stem}: {master.triangle_count} triangles, repair {cpu_seconds() - start:.2f} s")
    ladder: list[Model] = []

    def ours(asked: int) -> Model:
        lod0 = ladder[0] if ladder else None
        ladder.append(build_lod(master, lod0, triangles=asked, texture_size=texture_size).model)
        return ladder[-1]

    for asked in (budget for budget in budgets if budget < master.triangle_count):
        print(judge("trellis-assets", master, asked, partial(ours, asked)))
        peer = partial(fast_simplification, master, asked)
        print(judge("fast-simplification", master, asked, peer, textured=False))
        if shutil.which("gltfpack"):
            print(judge("gltfpack", master, asked, partial(gltfpack, master, asked)))


def main() -> None:
    """Print one table per model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--triangles", nargs="+", type=int, default=[20_000, 5_000, 1_000])
    parser.add_argument("--texture-size", type=int, default=2048)
    arguments = parser.parse_args()
    print("  tool                   asked     got     CPU   rms 1e-3  max   normals  colour/255")
    for path in arguments.models:
        compare(path, arguments.triangles, arguments.texture_size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
