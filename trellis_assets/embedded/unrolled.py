"""The third of a turned object that a picture shows well, unrolled, and what is measured on it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

# Degrees from the middle; beyond the last one the picture is too crowded to be unrolled.
CUTS = (52.0, 64.0)
LAST = 71.0
BAND = 6.0
COARSE = 4
SMOOTHED = 0.03
LIGHT_SAMPLES = 71
# Bows of rings that are tried, relative to their radius, and the gain that convinces.
BOWS = np.arange(-15, 16) * 0.02
CLEAR = 0.97


def unrolled(image: Bytes, radius: Float, middle: Float, columns: int) -> Bytes:
    """(S, N, 4): the picture by angle from -LAST to LAST degrees, ``columns`` to a full turn."""
    count = 2 * round(LAST / 360.0 * columns) + 1
    angle = np.radians(np.linspace(-LAST, LAST, count))
    x = middle[:, None] + radius[:, None] * np.sin(angle)[None, :]
    y = np.arange(len(radius), dtype=np.float32)[:, None] + np.zeros_like(x)
    found = cv2.remap(
        image,
        x.astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, dtype=np.uint8)


def columns_at(strip: Bytes, degrees: Float, rows: NDArray[np.floating]) -> Float:
    """The strip at ``degrees`` (N,) from the front and ``rows`` (M, N): (M, N, 4)."""
    x = (degrees / LAST + 1.0) * 0.5 * (strip.shape[1] - 1)
    maps = np.broadcast_to(x.astype(np.float32), rows.shape), rows.astype(np.float32)
    found = cv2.remap(
        strip,
        np.ascontiguousarray(maps[0]),
        maps[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, dtype=np.float32)


def light_across(strip: Bytes, size: float) -> tuple[Float, Float]:
    """Course of the light across the picture, (S,) each: grey is about
    ``mean + linear * t + curved * (t^2 - 1)`` with t from -1 to 1 between the widest cuts.
    """
    t = np.linspace(-LAST, LAST, LIGHT_SAMPLES) / CUTS[1]
    basis = np.stack([np.ones_like(t), t, t * t - 1.0], axis=1)
    small = cv2.resize(strip, (LIGHT_SAMPLES, len(strip)), interpolation=cv2.INTER_AREA)
    grey = np.asarray(small)[..., :3].mean(axis=2)
    found = grey @ np.linalg.pinv(basis).T
    linear, curved = (smooth(found[:, i].astype(np.float32), SMOOTHED * size) for i in (1, 2))
    return linear, curved


def best_cut(strip: Bytes, linear: Float, weight: Float) -> float:
    """The angle (degrees) at which the two ends of the strip continue each other best."""
    rows = np.arange(0, len(strip), COARSE)
    about = np.arange(-0.5 * BAND, BAND + 0.5)
    grid = rows[:, None] + np.zeros((1, about.size))
    best, best_cost = CUTS[1], np.inf
    for cut in np.arange(CUTS[0], CUTS[1] + 0.5):
        right, left = (
            columns_at(strip, (end + about).astype(np.float32), grid)[..., :3]
            for end in (cut, -cut)
        )
        apart = np.abs(right - left - 2.0 * linear[rows][:, None, None]).mean(axis=(1, 2))
        cost = float((apart * weight[rows]).sum())
        if cost < best_cost:
            best, best_cost = float(cut), cost
    return best


def bow_of_rings(strip: Bytes, radius: Float, share: Float) -> Float:
    """How many pixels (S,) a ring's front lies below its sides in the picture.

    Judged in the upper and in the lower half: the bow that makes rows most alike along the ring,
    if it does so clearly.
    """
    used = np.flatnonzero(share > 0.5)
    if used.size < COARSE:
        return np.zeros_like(radius)
    rows = np.arange(used[0], used[-1] + 1, COARSE)
    degrees = np.linspace(-CUTS[1], CUTS[1], 33, dtype=np.float32)
    bend = np.cos(np.radians(degrees)) - 1.0
    costs = []
    for slope in BOWS:
        y = rows[:, None] + slope * radius[rows][:, None] * bend[None, :]
        grey = columns_at(strip, degrees, y)[..., :3].mean(axis=2)
        costs.append(np.abs(grey - grey.mean(axis=1, keepdims=True)).mean(axis=1))
    cost = np.stack(costs, axis=1) * share[rows][:, None]
    straight = int(np.flatnonzero(BOWS == 0.0)[0])
    ends = []
    for half in (cost[: len(cost) // 2], cost[len(cost) // 2 :]):
        total = half.sum(axis=0)
        best = int(total.argmin())
        ends.append(float(BOWS[best]) if total[best] < CLEAR * total[straight] else 0.0)
    t = np.clip((np.arange(len(radius)) - used[0]) / (used[-1] - used[0] + 1), 0.0, 1.0)
    slope_at = ends[0] + (ends[1] - ends[0]) * np.clip(2.0 * t - 0.5, 0.0, 1.0)
    return np.asarray(slope_at * radius, dtype=np.float32)


def smooth(values: Float, sigma: float) -> Float:
    soft = cv2.GaussianBlur(
        values[:, None], (1, 0), sigmaX=0.1, sigmaY=sigma, borderType=cv2.BORDER_REPLICATE
    )
    return np.asarray(soft, dtype=np.float32).ravel()
