"""Gaussian means that stay cheap however wide they are: wide ones are taken on a small copy."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]

# A Gaussian this many pixels wide survives the detour over a smaller copy unseen.
SIGMA_ON_COPY = 2.5


def wide_blur(image: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """``image`` (H, W, C) blurred by ``sigma`` pixels."""
    height, width = image.shape[:2]
    shrink = max(1, int(sigma / SIGMA_ON_COPY))
    size = (max(1, -(-width // shrink)), max(1, -(-height // shrink)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def masked_blur(
    values: Float, weight: Float, sigma: float, *, sideways: float | None = None
) -> Float:
    """Gaussian mean of ``values`` (H, W[, C]) where ``weight`` (H, W) counts; along the rows
    ``sideways`` pixels wide, if given.
    """
    height, width = weight.shape
    along = sigma if sideways is None else sideways
    shrink = max(1, int(min(sigma, along) / SIGMA_ON_COPY))
    size = (max(1, -(-width // shrink)), max(1, -(-height // shrink)))
    wide = weight[..., None] if values.ndim == 3 else weight
    top = _blurred(values * wide, size, along / shrink, sigma / shrink)
    under = np.maximum(_blurred(weight, size, along / shrink, sigma / shrink), 1e-4)
    mean = top / (under[..., None] if values.ndim == 3 else under)
    if shrink > 1:
        mean = np.asarray(cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.asarray(mean, dtype=np.float32)


def _blurred(image: Float, size: tuple[int, int], along: float, down: float) -> Float:
    if size != (image.shape[1], image.shape[0]):
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    blurred = cv2.GaussianBlur(image, (0, 0), along, sigmaY=down, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred, dtype=np.float32)
