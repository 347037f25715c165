"""The ways to write a texture as PNG, JPEG or WebP, and which of them suit its slot."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageFile

from ._slots import COLOR_SLOTS, Pixels, TextureFormat

_PROBE_SIDE, _TILE = 512, 128
_FULL, _HALF = "4:4:4", "4:2:0"
_MOST_BYTES = 4  # of a pixel in a JPEG: noise in all three channels takes 3.3
_GROWING = Lock()
_PNG_RLE, _PNG_DEFAULT = cv2.IMWRITE_PNG_STRATEGY_RLE, cv2.IMWRITE_PNG_STRATEGY_DEFAULT

_FORMATS: dict[str, tuple[str, ...]] = {
    "png": ("png",),
    "ktx2": ("png",),
    "jpeg": ("jpeg", "png"),
    "webp": ("webp", "jpeg", "webp_lossless"),
}
"""What each wish may become; JPEG and PNG need no extension, so every reader has them. KTX2 stays
KTX2, but for maps less than a block of 4 texels wide, which it cannot hold: they become PNG."""


@dataclass(frozen=True)
class Codec:
    """One way to write a texture: ``write`` takes pixels and a quality of 0..100."""

    format: TextureFormat
    chroma: str
    write: Callable[[Pixels, int], bytes]
    lossy: bool = True


def codecs_for(pixels: Pixels, slot: str, wish: TextureFormat) -> list[Codec]:
    """What may be tried for these pixels; the lossless one is always among them."""
    color, opaque = slot in COLOR_SLOTS, pixels.shape[2] == 3
    codecs: list[Codec] = []
    for kind in _FORMATS[wish]:
        if kind == "png":
            codecs.append(Codec("png", _FULL, _png, lossy=False))
        elif kind == "webp_lossless":
            codecs.append(Codec("webp", _FULL, _webp_lossless, lossy=False))
        elif kind == "webp" and color:
            codecs.append(Codec("webp", _HALF, _webp))
        elif kind == "jpeg" and opaque:
            codecs.append(Codec("jpeg", _FULL, partial(_jpeg, chroma=_FULL)))
            if color:
                codecs.append(Codec("jpeg", _HALF, partial(_jpeg, chroma=_HALF)))
    return codecs


def read_back(data: bytes) -> Pixels:
    """What a reader sees of a lossy file: (H, W, 3 or 4) uint8."""
    with Pillow.open(io.BytesIO(data), formats=["JPEG", "WEBP"]) as picture:
        return np.asarray(picture.convert("RGBA" if picture.mode == "RGBA" else "RGB"), np.uint8)


def probe(pixels: Pixels) -> Pixels:
    """Sixteen tiles spread evenly over the picture, side by side; small pictures whole."""
    height, width = pixels.shape[:2]
    if height <= _PROBE_SIDE or width <= _PROBE_SIDE:
        return pixels
    tops = np.linspace(0, height - _TILE, _PROBE_SIDE // _TILE).astype(int)
    lefts = np.linspace(0, width - _TILE, _PROBE_SIDE // _TILE).astype(int)
    tiles = [
        np.concatenate([pixels[top : top + _TILE, left : left + _TILE] for left in lefts], axis=1)
        for top in tops
    ]
    return np.concatenate(tiles, axis=0)


def _png(pixels: Pixels, _quality: int) -> bytes:
    """At level 1, by run lengths (smooth bakes) or as usual (detail), as the sample likes best."""
    sample = probe(pixels)
    tried = [(_write_png(_swapped(sample), how), how) for how in (_PNG_RLE, _PNG_DEFAULT)]
    written, best = min(tried, key=lambda one: len(one[0]))
    return written if sample is pixels else _write_png(_swapped(pixels), best)


def _write_png(swapped: Pixels, strategy: int) -> bytes:
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, strategy]
    return cv2.imencode(".png", swapped, options)[1].tobytes()


def _jpeg(pixels: Pixels, quality: int, *, chroma: str) -> bytes:
    height, width = pixels.shape[:2]
    with _GROWING:
        # Optimised tables need room for the whole file; Pillow takes two bytes a pixel at most,
        # or as much as this, and fails where noise needs more.
        ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, _MOST_BYTES * height * width)
    target = io.BytesIO()
    table = _quantisation(quality)
    Pillow.fromarray(pixels[..., :3]).save(
        target, "JPEG", qtables=[table, table], subsampling=chroma, optimize=True
    )
    return target.getvalue()


def _quantisation(quality: int) -> list[int]:
    """Steps of the 8 x 8 frequencies, row by row, the same for luma and chroma.

    The tables that JPEG encoders bring are made for the eye on photographs: chroma and fine detail
    in coarse steps. In data each channel counts alike, and equal steps lose least at a given size
    (Gersho and Gray, Vector Quantization and Signal Compression, 1992, chapter 8); colour loses
    nothing by them. Low frequencies have half the step, so that smooth areas do not fall into
    blocks. Steps double every 10 points below 100.
    """
    rising = 0.5 + np.minimum(np.add.outer(np.arange(8), np.arange(8)), 4) / 8
    steps = np.rint(rising * 2 ** ((100 - quality) / 10))
    return [int(step) for step in np.clip(steps, 1, 255).ravel()]


def _webp(pixels: Pixels, quality: int) -> bytes:
    target = io.BytesIO()
    # exact: colour under alpha 0 is what a viewer shows when the material is OPAQUE
    Pillow.fromarray(pixels).save(
        target, "WEBP", quality=quality, method=6, exact=True, alpha_quality=100
    )
    return target.getvalue()


def _webp_lossless(pixels: Pixels, _quality: int) -> bytes:
    target = io.BytesIO()
    Pillow.fromarray(pixels).save(target, "WEBP", lossless=True, quality=0, method=0, exact=True)
    return target.getvalue()


def _swapped(pixels: Pixels) -> Pixels:
    """RGB(A) to the BGR(A) that OpenCV writes."""
    code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(pixels, code), np.uint8)
