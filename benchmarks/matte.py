"""Measure the matte of opaque pictures: cut-outs laid over backgrounds, cut out again.

    python benchmarks/matte.py IMAGES_OR_FOLDERS... [--only noise vignette] [--json]

Every cut-out (a picture with alpha) is laid over every background, saved as PNG (or JPEG, where the
name says so) and prepared as an artist's picture would be. IoU is that of the found object with the
cut-out's own alpha above one half, in the picture's frame. A busy background need not be cut
well, but must carry a warning. Exit code 1 when a median is below 0.97 or a warning is missing.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from pictures import pictures_in
from PIL import Image

from trellis_assets.concepts.decode import decode
from trellis_assets.concepts.findings import method_findings
from trellis_assets.concepts.matte import background_matte
from trellis_assets.concepts.rim import clean_alpha

Picture = NDArray[np.uint8]
Light = NDArray[np.float64]

LEAST_MEDIAN = 0.97
GUESSED = {"background_guessed", "whole_frame_used"}


def plain(colour: tuple[int, int, int]) -> Callable[[int, int], Light]:
    return lambda height, width: np.broadcast_to(np.array(colour, float), (height, width, 3))


def gradient(height: int, width: int) -> Light:
    y, x = _places(height, width)
    return np.stack([90 + 110 * y, 120 + 60 * x, 200 - 80 * y], axis=2)


def vignette(height: int, width: int) -> Light:
    y, x = _places(height, width)
    away = np.hypot(x - 0.5, y - 0.45)
    return np.clip(215 - 170 * away**1.6, 0, 255)[..., None] * np.array([1.0, 0.98, 0.94])


def noisy(under: Callable[[int, int], Light], sigma: float) -> Callable[[int, int], Light]:
    def drawn(height: int, width: int) -> Light:
        grain = np.random.default_rng(1).normal(0.0, sigma, (height, width, 3))
        return np.clip(under(height, width) + grain, 0, 255)

    return drawn


def busy(height: int, width: int) -> Light:
    """Soft patches of many colours, as of a room out of focus, and grain."""
    random = np.random.default_rng(2)
    patches = random.integers(20, 235, (9, 9, 3)).astype(np.uint8)
    wide = cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC).astype(float)
    return np.clip(wide + random.normal(0.0, 6.0, wide.shape), 0, 255)


def _places(height: int, width: int) -> tuple[Light, Light]:
    y, x = np.mgrid[0:height, 0:width]
    return y / height, x / width


BACKGROUNDS: dict[str, Callable[[int, int], Light]] = {
    "white": plain((255, 255, 255)),
    "grey": plain((128, 128, 128)),
    "blue": plain((70, 110, 180)),
    "white JPEG": plain((255, 255, 255)),
    "gradient": gradient,
    "vignette": vignette,
    "noise 6": noisy(plain((190, 190, 190)), 6.0),
    "noise 12": noisy(plain((190, 190, 190)), 12.0),
    "noise 20": noisy(plain((190, 190, 190)), 20.0),
    "noisy gradient": noisy(gradient, 6.0),
    "noisy vignette": noisy(vignette, 6.0),
    "busy": busy,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("images", nargs="+", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(BACKGROUNDS), default=list(BACKGROUNDS))
    parser.add_argument("--json", action="store_true", help="every single IoU")
    asked = parser.parse_args(arguments)
    cut_outs = {path.stem: _cut_out(path) for path in pictures_in(asked.images)}
    good = True
    for name in asked.only:
        found = {stem: _measure(name, cut) for stem, cut in cut_outs.items()}
        overlap = {stem: round(iou, 4) for stem, (iou, _) in found.items()}
        warned = sum(warning for _, warning in found.values())
        median, worst = statistics.median(overlap.values()), min(overlap, key=overlap.__getitem__)
        good &= warned == len(found) if name == "busy" else median >= LEAST_MEDIAN
        print(
            f"{name:15} median {median:.3f}  worst {overlap[worst]:.3f} ({worst})  "
            f"below {LEAST_MEDIAN}: {sum(v < LEAST_MEDIAN for v in overlap.values())}"
            f"  guessed: {warned} of {len(found)}",
            flush=True,
        )
        if asked.json:
            print(json.dumps(overlap))
    return 0 if good else 1


def _cut_out(path: Path) -> Picture:
    decoded = decode(path.read_bytes(), max_side=1024)
    if not decoded.has_alpha:
        raise SystemExit(f"{path} has no alpha channel: there is nothing to compare with")
    return decoded.pixels


def _measure(background: str, cut: Picture) -> tuple[float, bool]:
    """IoU over one background, and whether the findings say that the object was guessed."""
    height, width = cut.shape[:2]
    opacity = cut[:, :, 3:] / 255.0
    over = cut[:, :, :3] * opacity + BACKGROUNDS[background](height, width) * (1.0 - opacity)
    buffer = io.BytesIO()
    kind = "JPEG" if background.endswith("JPEG") else "PNG"
    Image.fromarray((over + 0.5).astype(np.uint8)).save(buffer, kind)
    pixels = decode(buffer.getvalue(), max_side=1024).pixels
    matte = background_matte(np.ascontiguousarray(pixels[:, :, :3]))
    alpha, pieces, dropped = clean_alpha(matte.alpha)
    found, truth = alpha > 0.5, cut[:, :, 3] > 127
    codes = {finding.code for finding in method_findings(matte.method, alpha, pieces, dropped)}
    return float((found & truth).sum() / (found | truth).sum()), bool(codes & GUESSED)


if __name__ == "__main__":
    raise SystemExit(main())
