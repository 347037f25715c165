"""How the time of a ladder grows with its master, and mode ``preserve`` beside gltfpack.

    python benchmarks/lod_scaling.py model.glb [--triangles 100000 500000 1000000]

The model is brought to each size: by collapses that keep its atlas, or by a vertex in the middle of
as many triangles as it takes. Then, in CPU seconds of all threads, the repair and a ladder: LOD0 of
20,000 triangles rebuilt and baked at 2048, and three rungs below it; in wall seconds, the ladder.
Before that, four rungs of the model itself in mode ``preserve``, read and written, against four
calls of gltfpack (found as in ``lod_peers.py``) for the same triangles.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from lod import cpu_seconds
from lod_peers import gltfpack_file

from trellis_assets.geometry import build_ladder, build_lod, reduce, repair
from trellis_assets.gltf import Mesh, Model, load_model, model_to_glb

LOD0, LOWER, TEXTURE = 20_000, (10_000, 5_000, 2_500), 2048
SHARES = (0.5, 0.25, 0.125, 0.0625)
T = TypeVar("T")


def sized(model: Model, triangles: int) -> Model:
    """The first part of the model at about so many triangles, with its atlas."""
    model = replace(model, parts=model.parts[:1])
    if triangles <= model.triangle_count:
        return reduce(model, triangles=triangles, at_floor="return").model
    part = model.parts[0]
    mesh = part.mesh
    while mesh.triangle_count < triangles:
        mesh = _split(mesh, (triangles - mesh.triangle_count) // 2 + 1)
    return replace(model, parts=(replace(part, mesh=mesh),))


def _split(mesh: Mesh, count: int) -> Mesh:
    """A vertex in the middle of the first ``count`` triangles, which become three each."""
    cut, rest = mesh.triangles[:count], mesh.triangles[count:]
    middle = np.arange(len(cut), dtype=np.uint32) + np.uint32(mesh.vertex_count)
    a, b, c = cut.T
    fans = [np.stack(corners, axis=1) for corners in ((a, b, middle), (b, c, middle))]
    fans.append(np.stack([c, a, middle], axis=1))

    def grown(values: np.ndarray | None) -> np.ndarray | None:
        if values is None:
            return None
        return np.concatenate([values, values[cut].mean(axis=1)]).astype(np.float32)

    positions = grown(mesh.positions)
    assert positions is not None  # noqa: S101 (mesh.positions is never None)
    faces = np.concatenate([*fans, rest])
    return Mesh(positions, faces, normals=grown(mesh.normals), uvs=grown(mesh.uvs))


def timed(make: Callable[[], T]) -> tuple[T, float, float]:
    """What was made, CPU seconds and wall seconds."""
    start, clock = cpu_seconds(), time.perf_counter()
    made = make()
    return made, cpu_seconds() - start, time.perf_counter() - clock


def ladder(model: Model) -> str:
    """One line of figures."""
    repaired, mend, _ = timed(lambda: repair(model).model)
    _, whole, clock = timed(lambda: build_ladder(repaired, (LOD0, *LOWER), texture_size=TEXTURE))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"  {model.triangle_count:>9} {mend:8.2f} {whole:8.2f} {clock:8.2f} {peak:9.0f}"


def preserved(data: bytes) -> list[bytes]:
    """Four rungs with the model's own atlas."""
    model = load_model(data)
    lod0: Model | None = None
    files = []
    for share in SHARES:
        count = int(model.triangle_count * share)
        rung = build_lod(model, lod0, triangles=count, texture_size=TEXTURE, mode="preserve").model
        lod0 = lod0 or rung
        files.append(model_to_glb(rung))
    return files


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--triangles", nargs="+", type=int, default=[100_000, 500_000, 1_000_000])
    arguments = parser.parse_args()
    data = arguments.model.read_bytes()
    _, ours, _ = timed(lambda: preserved(data))
    print(f"preserve, {len(SHARES)} rungs: {ours:.2f} s CPU", flush=True)
    _, theirs, _ = timed(lambda: [gltfpack_file(arguments.model, share) for share in SHARES])
    print(f"gltfpack, {len(SHARES)} calls: {theirs:.2f} s CPU, ratio {ours / theirs:.2f}")
    print("  triangles   repair   ladder     wall  peak MiB", flush=True)
    model = load_model(data)
    for count in arguments.triangles:
        print(ladder(sized(model, count)), flush=True)


if __name__ == "__main__":
    main()
