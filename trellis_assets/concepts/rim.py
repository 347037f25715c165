"""The edge of a cut-out: stray specks removed, background colour taken out of the rim."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", np.uint8, np.float32)

SPECK_SHARE = 0.0006
GHOST_PERCENTILE = 0.6


def clean_alpha(
    alpha: NDArray[np.float32],
) -> tuple[NDArray[np.float32], int, int]:
    """``alpha`` (H, W) in 0..1 without specks; the pieces kept and the specks dropped.

    A speck is a piece below 0.06 % of the largest. A ghostly picture (95th percentile of its
    non-empty alpha below 0.6) is made solid first.
    """
    seen = alpha[alpha > 0.02]
    if seen.size == 0:
        return np.zeros_like(alpha), 0, 0
    strength = float(np.percentile(seen, 95))
    if strength < GHOST_PERCENTILE:
        alpha = np.clip(alpha / max(strength, 0.05), 0.0, 1.0)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (alpha > 0.5).astype(np.uint8), connectivity=8
    )
    if count <= 1:
        return np.zeros_like(alpha), 0, 0
    areas = stats[1:, cv2.CC_STAT_AREA]
    keep = areas >= max(1.0, SPECK_SHARE * float(areas.max()))
    kept_mask = np.concatenate([[False], keep])[labels]
    # Soft edge pixels belong to the piece they touch.
    near = cv2.dilate(kept_mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    dropped_mask = (labels > 0) & ~kept_mask
    cleaned = np.where(near & ~dropped_mask, alpha, 0.0).astype(np.float32)
    return cleaned, int(keep.sum()), int((~keep).sum())


def repair_rim(rgb: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    """RGBA (H, W, 4): outside an eroded opaque core every pixel takes the nearest core colour.

    This removes the fringe of the old background and bleeds the object's colour outwards, so that
    no filter ever mixes a foreign colour in.
    """
    opaque = (alpha > 0.95).astype(np.uint8)
    core = cv2.erode(opaque, np.ones((3, 3), np.uint8))
    # Thin parts vanish under erosion; there the most opaque pixels speak for themselves.
    thin = (opaque > 0) & (cv2.dilate(core, np.ones((5, 5), np.uint8)) == 0)
    source = (core > 0) | thin
    if not source.any():
        source = alpha > 0.5
    filled = nearest_fill(rgb, source)
    alpha8 = (np.clip(alpha, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return np.dstack([filled, alpha8])


def nearest_fill(rgb: NDArray[Value], source: NDArray[np.bool_]) -> NDArray[Value]:
    """``rgb`` (H, W, C), each pixel outside ``source`` (not empty) as the nearest one inside."""
    outside, nearest = nearest_inside(source)
    filled = rgb.copy()
    flat = filled.reshape(-1, rgb.shape[2])
    flat[outside] = flat[nearest]
    return filled


def nearest_inside(source: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Flat numbers of the pixels outside ``source`` (H, W), not empty, and for each of them that
    of the nearest one inside.
    """
    labels = cv2.distanceTransformWithLabels(
        (~source).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )[1].ravel()
    inside, outside = np.flatnonzero(source), np.flatnonzero(~source)
    by_label = np.zeros(inside.size + 1, dtype=np.int64)
    by_label[labels[inside]] = inside
    return outside, by_label[labels[outside]]
