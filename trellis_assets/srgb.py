"""The sRGB transfer function (IEC 61966-2-1), exact in both directions for 8-bit codes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_CELLS = 65536


def _to_linear(code: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


LINEAR_OF_CODE: NDArray[np.float32] = _to_linear(np.arange(256, dtype=np.float64) / 255.0).astype(
    np.float32
)
"""Linear light of each 8-bit code."""

# The linear value at which rounding in code space moves on to the next code; no value reaches 256.
_THRESHOLD = np.append(_to_linear((np.arange(255, dtype=np.float64) + 0.5) / 255.0), np.inf).astype(
    np.float32
)
# The code at the lower edge of each cell. The steepest part of the curve is 1/3294 wide per code
# and a cell 1/65536, so at most one threshold lies inside a cell: one comparison settles it.
_CODE_AT_CELL = np.searchsorted(_THRESHOLD, np.arange(_CELLS + 1) / _CELLS, side="right").astype(
    np.uint8
)


def srgb_to_linear(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear light in [0, 1] of 8-bit sRGB codes, same shape, (H, W, C)."""
    return np.asarray(cv2.LUT(codes, LINEAR_OF_CODE), np.float32).reshape(codes.shape)


def linear_to_srgb(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The nearest 8-bit sRGB code of linear light, which is clipped to [0, 1]; same shape."""
    clipped = np.clip(light, 0.0, 1.0)
    code = np.take(_CODE_AT_CELL, (clipped * np.float32(_CELLS)).astype(np.intp))
    code += clipped >= np.take(_THRESHOLD, code)
    return np.asarray(code, np.uint8)
