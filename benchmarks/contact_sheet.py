"""The embedded generator's contact sheet: what it makes of each picture, one row each.

    python benchmarks/contact_sheet.py catalog/concepts docs/concepts --out sheet.webp

Columns: input, front, three-quarter view, side, back, and the wire of a version with few triangles.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pictures import pictures_in
from PIL import Image

from trellis_assets.concepts import prepare
from trellis_assets.embedded import generate
from trellis_assets.gltf import load_model
from trellis_assets.previews.render import Scene

VIEWS = ((0.0, 0.0), (35.0, 15.0), (90.0, 0.0), (180.0, 0.0))
TILE = 200
GREY = (58, 58, 64)
# Triangles of the models, and of those in the wire column: more would be a grey mass.
SOLID = {"resolution": 512, "decimationTarget": 100_000, "textureSize": 1024}
WIRE = {"resolution": 256, "decimationTarget": 4_000, "textureSize": 256}
LARGEST = 600_000


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("images", nargs="+", type=Path, help="pictures, or folders of pictures")
    parser.add_argument("--out", type=Path, required=True, help="PNG or WebP")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    rows = [row(path.read_bytes(), asked.seed) for path in pictures_in(asked.images)]
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    save(Image.fromarray(np.vstack(rows)), asked.out)
    return 0


def row(data: bytes, seed: int) -> NDArray[np.uint8]:
    """(TILE, 6 * TILE, 3): the prepared picture and its model from all sides."""
    model, coarse = (
        load_model(generate(data, settings=settings, seed=seed).glb) for settings in (SOLID, WIRE)
    )
    scene = Scene(model)
    views = [scene.render(size=TILE, azimuth=turn, elevation=up) for turn, up in VIEWS]
    views.append(Scene(coarse).render(size=TILE, azimuth=35.0, elevation=15.0, mode="wire"))
    concept = Image.open(io.BytesIO(prepare(data).png)).resize((TILE, TILE))
    strip = Image.new("RGB", (TILE * (len(views) + 1), TILE), GREY)
    for place, view in enumerate([concept, *map(Image.fromarray, views)]):
        strip.paste(view, (place * TILE, 0), view)
    return np.asarray(strip)


def save(sheet: Image.Image, path: Path) -> None:
    """As good as it fits into LARGEST bytes (a PNG as it is)."""
    if path.suffix == ".png":
        sheet.save(path)
        return
    for quality in range(90, 30, -5):
        sheet.save(path, quality=quality, method=6)
        if path.stat().st_size <= LARGEST:
            return


if __name__ == "__main__":
    raise SystemExit(main())
