"""Measure the embedded generator on a folder of images: time, memory, closedness, likeness.

    python benchmarks/embedded.py IMAGES... [--resolution 1024 --triangles 500000 --texture 2048]

Every image is generated in a process of its own, so that times and peak memory are whole-process
figures: from its start, imports included, until the GLB is made, with byte code already written, as
an installed package has it. Then the result is judged: closed, wound and oriented after welding,
the outline against the matte, texels covered twice, errors of the Khronos validator; ``--twice``
generates again and compares the bytes. IMAGES are pictures, or folders of pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pictures import pictures_in


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.one:
        print(json.dumps(_measure(options.images[0], options)))
        return 0
    images = pictures_in(options.images)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as byte_code:
        _in_own_process(images[0], options, byte_code)
        for image in images:
            row = _in_own_process(image, options, byte_code)
            if isinstance(row, str):
                print(f"{image}: {row}", flush=True)
                continue
            rows.append(row)
            print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    if not rows:
        return 1
    for key in ("wall_s", "cpu_s", "peak_mb", "iou"):
        values = [row[key] for row in rows]
        print(
            f"{key}: median {statistics.median(values):.3f}, "
            f"worst {(min if key == 'iou' else max)(values):.3f}"
        )
    good = [_is_good(row, options.triangles) for row in rows]
    print(f"sound: {sum(good)} of {len(images)}")
    return 0 if sum(good) == len(images) else 1


def _is_good(row: dict[str, Any], target: int) -> bool:
    closed = row["watertight"] and row["winding"] and row["volume"] > 0
    bounded = 1 <= row["bodies"] <= 64 and row["triangles"] <= target
    return closed and bounded and row["again"] and not row["overlap"] and not row["errors"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("images", nargs="+", type=Path)
    parser.add_argument("--resolution", type=int, default=1024)
    parser.add_argument("--triangles", type=int, default=500_000)
    parser.add_argument("--texture", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-remesh", action="store_true")
    parser.add_argument("--twice", action="store_true", help="compare with a second run")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return parser


def _in_own_process(
    image: Path, options: argparse.Namespace, byte_code: str
) -> dict[str, Any] | str:
    """What was measured, or why the picture was refused."""
    command = [
        sys.executable,
        __file__,
        "--one",
        str(image),
        "--resolution",
        str(options.resolution),
        "--triangles",
        str(options.triangles),
        "--texture",
        str(options.texture),
        "--seed",
        str(options.seed),
    ]
    command += ["--no-remesh"] if options.no_remesh else []
    command += ["--twice"] if options.twice else []
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": byte_code}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.time()
    run = subprocess.run(  # noqa: S603
        command, check=False, capture_output=True, text=True, env=environment
    )
    if run.returncode:
        return run.stderr.strip() or f"ended with code {run.returncode}"
    row: dict[str, Any] = json.loads(run.stdout)
    row["wall_s"] = round(row.pop("made_at") - begin, 2)
    return row


def _measure(image: Path, options: argparse.Namespace) -> dict[str, Any]:
    from trellis_assets.embedded import generate
    from trellis_assets.errors import TrellisAssetsError

    data = image.read_bytes()
    try:
        result = generate(data, settings=_settings(options), seed=options.seed)
    except TrellisAssetsError as error:
        raise SystemExit(str(error)) from error
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    cpu = time.process_time()
    made_at = time.time()
    row = {
        "image": image.stem,
        "cpu_s": round(cpu, 2),
        "peak_mb": peak,
        "grid": result.report["grid"],
        "triangles": result.report["triangles"],
        "bodies": result.report["bodies"],
        "charts": result.report["charts"],
        **_quality(data, result.glb, options.texture),
        "again": True,
        "made_at": made_at,
    }
    if options.twice:
        again = generate(data, settings=_settings(options), seed=options.seed)
        row["again"] = again.glb == result.glb
    return row


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "resolution": options.resolution,
        "decimationTarget": options.triangles,
        "textureSize": options.texture,
        "remesh": not options.no_remesh,
    }


def _quality(data: bytes, glb: bytes, texels: int) -> dict[str, Any]:
    """What acceptance asks of one model."""
    import numpy as np
    import trimesh

    from trellis_assets.concepts import cut_out
    from trellis_assets.embedded.raster import cover, overlapping_texels
    from trellis_assets.gltf import load_model
    from trellis_assets.validation.khronos import validate_glbs

    mesh = load_model(glb).parts[0].mesh
    welded = trimesh.Trimesh(mesh.positions, mesh.triangles, process=False)
    welded.merge_vertices(merge_tex=True, merge_norm=True)
    opaque = cut_out(data).pixels[:, :, 3] > 127
    rows, columns = np.nonzero(opaque)
    flat = mesh.positions[:, :2] * np.array([1.0, -1.0], np.float32)
    low, high = flat.min(axis=0), flat.max(axis=0)
    longest = int(max(np.ptp(rows), np.ptp(columns))) + 1
    scale = longest / float((high - low).max())
    centre = np.array([columns.min() + columns.max() + 1, rows.min() + rows.max() + 1]) / 2
    pixels = (flat - (low + high) / 2) * scale + centre
    seen = np.zeros_like(opaque)
    for part in cover(pixels[mesh.triangles].astype(np.float32), texels=len(opaque)):
        seen[part.row, part.column] = True
    return {
        "watertight": bool(welded.is_watertight),
        "winding": bool(welded.is_winding_consistent),
        "volume": round(float(welded.volume), 4),
        "iou": round(float((seen & opaque).sum() / (seen | opaque).sum()), 4),
        "overlap": overlapping_texels(mesh.uvs[mesh.triangles] * texels, texels=texels),
        "errors": validate_glbs([glb])[0].errors,
    }


if __name__ == "__main__":
    raise SystemExit(main())
