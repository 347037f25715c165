"""Whether a PNG can serve as it is, byte for byte: nothing to convert, and nothing to fill."""

from __future__ import annotations

import struct

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Image

from ._slots import Pixels
from .coverage import Coverage

_BLOCK = 8  # texels a side: the third mip level
_MOSTLY = 0.5  # of a block's texels are the surface's own: the others are seen with them
_CLOSE = 8.0
"""Codes of 255 by which the background may shift what such a block shows."""
_RARE = 0.01  # share of the blocks that may be further away


def is_plain_png(image: Image) -> bool:
    """8-bit RGB without palette, transparency, profile, text or anything after the picture.

    Only the critical chunks IHDR, IDAT and IEND (ISO/IEC 15948, section 11.2) may be there.
    """
    data = image.data
    if image.mime != "image/png" or not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return False
    if data[24:29] != b"\x08\x02\x00\x00\x00":  # bits, RGB, deflate, adaptive, not interlaced
        return False
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        if kind not in {b"IHDR", b"IDAT", b"IEND"}:
            return False
        at += 12 + length
        if kind == b"IEND":
            return bool(at == len(data))
    return False


def is_filled(pixels: Pixels, coverage: Coverage) -> bool:
    """Whether the background is filled already, measured by what filling is for: clean mips.

    Compares the mean of blocks of 8 x 8 texels with that of the surface's own texels in them, on
    two grids, so that no chart can hide by lying in step with one. A bake that extends its charts
    passes, an empty background does not.

    Args:
        pixels: (H, W, 3); coverage: (H, W), which of them the surface uses.
    """
    if min(coverage.shape) < 2 * _BLOCK or any(side % _BLOCK for side in coverage.shape):
        return bool((coverage == 2).all())
    shown = np.asarray(coverage == 2, np.uint8) * np.uint8(255)
    if shown.all():
        return True
    own = np.asarray(cv2.copyTo(pixels, shown), np.uint8)
    half = slice(_BLOCK // 2, -_BLOCK // 2)
    both = [_apart(pixels, own, shown), _apart(*(one[half, half] for one in (pixels, own, shown)))]
    apart = np.concatenate(both)
    return bool(apart.size > 0 and float((apart > _CLOSE).mean()) <= _RARE)


def _apart(pixels: Pixels, own: Pixels, shown: Pixels) -> NDArray[np.float32]:
    """By how many codes each block that is mostly shown differs from its own texels."""
    share = _means(shown) / np.float32(255)
    mostly = share >= _MOSTLY
    clean = _means(own)[mostly] / share[mostly][:, None]
    return np.asarray(np.abs(_means(pixels)[mostly] - clean).max(axis=1), np.float32)


def _means(pixels: Pixels) -> NDArray[np.float32]:
    height, width = pixels.shape[:2]
    shape = (width // _BLOCK, height // _BLOCK)
    return cv2.resize(pixels, shape, interpolation=cv2.INTER_AREA).astype(np.float32)
