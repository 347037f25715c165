"""Surface relief from shading: dark is deep (Langer & Zucker 1994; Glencross 2008), in three bands.

Wrong by nature for dark paint and cast shadows, which is why a limiter keeps it shallow.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.concepts.lab import lightness_of
from trellis_assets.embedded.blur import masked_blur

Float = NDArray[np.float32]

SIGMAS = (0.004, 0.012, 0.04)
WEIGHTS = (0.25, 0.5, 0.9)
STRENGTH = 0.14


def relief(
    rgb: NDArray[np.uint8],
    inside: NDArray[np.bool_],
    *,
    size: float,
    gain: float,
    limit: float,
    balance: float,
) -> Float:
    """Height in cells (H, W), about zero mean; at most ``limit`` times ``size``.

    ``balance`` above 1 favours coarse forms, below 1 fine ones.
    """
    smooth = cv2.bilateralFilter(rgb, 5, 22.0, 3.0)
    lightness = lightness_of(np.asarray(smooth, np.uint8)) / np.float32(100.0)
    weight = inside.astype(np.float32)
    finer = lightness
    total = np.zeros_like(lightness)
    for sigma, share, power in zip(SIGMAS, WEIGHTS, (-1.0, 0.0, 1.0), strict=True):
        coarser = masked_blur(lightness, weight, sigma * size)
        total += share * balance**power * (finer - coarser)
        finer = coarser
    height = STRENGTH * gain * total
    limited = limit * np.tanh(height / limit)
    return np.asarray(np.where(inside, limited * size, 0.0), dtype=np.float32)
