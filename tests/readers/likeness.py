"""Structural similarity of two pictures."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_GREY = 128.0
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Mean SSIM of the luminance, over grey (Wang et al. 2004: window of 11, sigma of 1.5).

    Args:
        first: (H, W, 4) RGBA.
        second: as large.
    """
    a, b = _luminance(first), _luminance(second)
    mean_a, mean_b = _blurred(a), _blurred(b)
    var_a, var_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    both = _blurred(a * b) - mean_a * mean_b
    shape = (2 * both + _C2) / (var_a + var_b + _C2)
    light = (2 * mean_a * mean_b + _C1) / (mean_a**2 + mean_b**2 + _C1)
    return float((shape * light).mean())


def _luminance(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    alpha = picture[..., 3:].astype(np.float64) / 255.0
    colour = picture[..., :3] * alpha + _GREY * (1.0 - alpha)
    return np.asarray(colour @ np.array([0.2126, 0.7152, 0.0722]))


def _blurred(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5))
