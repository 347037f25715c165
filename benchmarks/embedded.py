"""Measure the embedded generator on a folder of images: time, memory, closedness, likeness.

    python benchmarks/embedded.py IMAGES... [--resolution 1024 --triangles 500000 --texture 2048]
    python benchmarks/embedded.py IMAGES... --sheet sheet.png

Every image is generated in a process of its own, so that wall time and peak memory are
whole-process figures, imports included. ``--sheet`` draws input, front, three-quarter, side, back
and wire instead.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

Mode = Literal["shaded", "wire"]
VIEWS: tuple[tuple[float, float, Mode], ...] = (
    (0.0, 0.0, "shaded"),
    (35.0, 15.0, "shaded"),
    (90.0, 0.0, "shaded"),
    (180.0, 0.0, "shaded"),
    (35.0, 15.0, "wire"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.one:
        print(json.dumps(_measure(options.images[0], options)))
        return 0
    if options.sheet:
        _sheet(options.images, options)
        return 0
    rows = [_in_own_process(image, options) for image in options.images]
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    for key in ("wall_s", "peak_mb", "iou"):
        values = [row[key] for row in rows]
        print(
            f"{key}: median {statistics.median(values):.3f}, "
            f"worst {(min if key == 'iou' else max)(values):.3f}"
        )
    good = all(row["watertight"] and row["winding"] and row["volume"] > 0 for row in rows)
    return 0 if good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("images", nargs="+", type=Path)
    parser.add_argument("--resolution", type=int, default=1024)
    parser.add_argument("--triangles", type=int, default=500_000)
    parser.add_argument("--texture", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-remesh", action="store_true")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return parser


def _in_own_process(image: Path, options: argparse.Namespace) -> dict[str, Any]:
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
    begin = time.perf_counter()
    run = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    output = run.stdout
    row: dict[str, Any] = json.loads(output)
    row["wall_s"] = round(time.perf_counter() - begin - row.pop("checking_s"), 2)
    return row


def _measure(image: Path, options: argparse.Namespace) -> dict[str, Any]:
    from trellis_assets.embedded import generate

    data = image.read_bytes()
    result = generate(data, settings=_settings(options), seed=options.seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    cpu = time.process_time()
    begin = time.perf_counter()
    row = {
        "image": image.stem,
        "cpu_s": round(cpu, 2),
        "peak_mb": peak,
        "grid": result.report["grid"],
        "triangles": result.report["triangles"],
        "bodies": result.report["bodies"],
        "charts": result.report["charts"],
        **_quality(data, result.glb),
    }
    row["checking_s"] = time.perf_counter() - begin
    return row


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "resolution": options.resolution,
        "decimationTarget": options.triangles,
        "textureSize": options.texture,
        "remesh": not options.no_remesh,
    }


def _quality(data: bytes, glb: bytes) -> dict[str, Any]:
    """Closedness after welding by position, and the front silhouette against the matte."""
    import numpy as np
    import trimesh

    from trellis_assets.concepts import cut_out
    from trellis_assets.embedded.raster import cover
    from trellis_assets.gltf import load_model

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
    }


def _sheet(images: Sequence[Path], options: argparse.Namespace) -> None:
    import io

    import numpy as np
    from PIL import Image

    from trellis_assets.concepts import prepare
    from trellis_assets.embedded import generate
    from trellis_assets.gltf import load_model
    from trellis_assets.previews.render import Scene

    size = 256
    lines = []
    for path in images:
        data = path.read_bytes()
        picture = Image.open(io.BytesIO(prepare(data).png)).resize((size, size))
        scene = Scene(
            load_model(generate(data, settings=_settings(options), seed=options.seed).glb)
        )
        views = [picture] + [
            Image.fromarray(scene.render(size=size, azimuth=turn, elevation=up, mode=mode))
            for turn, up, mode in VIEWS
        ]
        line = Image.new("RGB", (size * len(views), size), (58, 58, 64))
        for place, view in enumerate(views):
            line.paste(view, (place * size, 0), view)
        lines.append(np.asarray(line))
    Image.fromarray(np.vstack(lines)).save(options.sheet)


if __name__ == "__main__":
    raise SystemExit(main())
