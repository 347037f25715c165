"""CIELAB (CIE 15, D65) of sRGB pictures.

OpenCV's own conversion builds tables on its first call that cost more time than a whole picture
does here.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.srgb import linear_to_srgb, srgb_to_linear

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

# Linear sRGB to X, Y, Z (IEC 61966-2-1), each relative to that of white.
_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
_XYZ /= _XYZ.sum(axis=1, keepdims=True)
_RGB = np.linalg.inv(_XYZ)
_MIX = np.array([[0.0, 116.0, 0.0], [500.0, -500.0, 0.0], [0.0, 200.0, -200.0]])
_BLACK = np.array([-16.0, 0.0, 0.0])
_UNMIX = np.linalg.inv(_MIX)
# Below this the curve is a straight line.
_DARK = 216.0 / 24389.0
_SLOPE, _OFFSET = 841.0 / 108.0, 4.0 / 29.0


def lab_of(rgb: Bytes) -> Float:
    """L 0..100, a and b about -128..127, (H, W, 3), of sRGB codes (H, W, 3)."""
    curved = _curved(cv2.transform(srgb_to_linear(rgb), _XYZ))
    return np.asarray(cv2.transform(curved, _affine(_MIX, _BLACK)), dtype=np.float32)


def lightness_of(rgb: Bytes) -> Float:
    """L alone, 0..100, (H, W), of sRGB codes (H, W, 3)."""
    return 116.0 * _curved(cv2.transform(srgb_to_linear(rgb), _XYZ[1:2])) - np.float32(16.0)


def rgb_of(lab: Float) -> Bytes:
    """The nearest sRGB codes (H, W, 3); colours outside sRGB are clipped."""
    curved = cv2.transform(lab, _affine(_UNMIX, -_UNMIX @ _BLACK))
    line = (curved - np.float32(_OFFSET)) * np.float32(1.0 / _SLOPE)
    xyz = np.where(curved > np.float32(_DARK ** (1 / 3)), curved * curved * curved, line)
    return linear_to_srgb(np.asarray(cv2.transform(xyz, _RGB), dtype=np.float32))


def _curved(light: NDArray[np.generic]) -> Float:
    values = np.asarray(light, dtype=np.float32)
    line = values * np.float32(_SLOPE) + np.float32(_OFFSET)
    return np.where(values > np.float32(_DARK), np.cbrt(values), line)


def _affine(matrix: NDArray[np.float64], offset: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hstack([matrix, offset[:, None]])
