"""Filling the empty part of an atlas from what lies nearest, level by level."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


def fill_empty(values: Values, weight: Values) -> Values:
    """Empty texels at the rim of a chart take their neighbours' mean, the rest that of a block.

    The rim is what bilinear filtering reads at the edge of a chart. The rest is what an engine's
    box-filtered mip chain mixes in: the colour of the nearest charts, not of the background.
    Method: push-pull (Gortler et al., The Lumigraph, SIGGRAPH 96), here with box filters.

    Args:
        values: (H, W, C) float32; sides are powers of two.
        weight: (H, W) float32, not negative.

    Returns:
        (H, W, C) float32; texels with weight keep their value. Unchanged when nothing has weight.
    """
    empty = weight <= 0
    if not empty.any() or empty.all():
        return values
    filled = _push_pull(values, weight)
    solid = (~empty).astype(np.uint8)
    rim = np.flatnonzero(empty & (cv2.dilate(solid, np.ones((3, 3), np.uint8)) > 0))
    near = cv2.blur(weight, (3, 3)).ravel()[rim]
    summed = cv2.blur(weighted(values, weight), (3, 3)).reshape(-1, values.shape[2])[rim]
    filled.reshape(-1, values.shape[2])[rim] = summed / near[:, None]
    return filled


def weighted(values: Values, weight: Values) -> Values:
    """``values * weight``, where most weights are 0 or 1."""
    kept = cv2.copyTo(values, (weight > 0).astype(np.uint8))
    product: Values = np.asarray(kept, np.float32).reshape(values.shape)
    partial = np.flatnonzero((weight > 0) & (weight != 1))
    product.reshape(-1, values.shape[2])[partial] *= weight.ravel()[partial, None]
    return product


def _push_pull(values: Values, weight: Values) -> Values:
    """A copy whose empty texels hold the mean of the nearest coarser block that has weight."""
    height, width = weight.shape
    shape = (max(width // 2, 1), max(height // 2, 1))
    total = np.asarray(cv2.resize(weight, shape, interpolation=cv2.INTER_AREA), np.float32)
    total = total.reshape(shape[1], shape[0])
    summed = cv2.resize(weighted(values, weight), shape, interpolation=cv2.INTER_AREA)
    coarser: Values = np.asarray(summed, np.float32).reshape(*total.shape, values.shape[2])
    coarser /= np.maximum(total, np.float32(1e-12))[..., None]
    if (total <= 0).any():
        coarser = _push_pull(coarser, total)
    spread = cv2.resize(coarser, (width, height), interpolation=cv2.INTER_NEAREST)
    filled = spread.reshape(values.shape)
    cv2.copyTo(values, (weight > 0).astype(np.uint8), filled)
    return np.asarray(filled, np.float32)
