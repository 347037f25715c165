"""An object cut out of an opaque picture: border model and flood, GrabCut when that cannot work.

The background is a quadratic Lab colour surface fitted to the frame (iteratively reweighted, so
that an object touching the frame does not bend it); the alpha of the edge follows from the colours
on both sides. GrabCut: Rother et al. 2004; its edge: guided filter, He et al. 2010.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.concepts.lab import lab_of
from trellis_assets.concepts.rim import nearest_fill

RING_SHARE = 0.02
UNIFORM_NOISE = 6.0
UNIFORM_OUTLIERS = 0.25
GRABCUT_SIDE = 480
GRABCUT_ROUNDS = 4
GRABCUT_LEAST = 0.05
GRABCUT_MOST = 0.92
FLAT_SHARE = 0.001
# The background is followed on a small copy; a mean counts down to this share of known pixels.
FOLLOW_SIDE = 256
FOLLOW_SIGMA = 6.0
FOLLOW_ROUNDS = 8
FOLLOW_LEAST = 0.02
# Smoothing blurs the outline by about two pixels; those further inside are sure.
EDGE = 5
UNMIX_BLUR = 0.8


@dataclass(frozen=True)
class Matte:
    """``alpha`` (H, W) float32 0..1; ``distance`` (H, W) to the fitted ``background`` in Lab."""

    alpha: NDArray[np.float32]
    method: Literal["border", "grabcut", "frame"]
    lab: NDArray[np.float32]
    background: NDArray[np.float32]
    distance: NDArray[np.float32]
    threshold: float


def background_matte(rgb: NDArray[np.uint8]) -> Matte:
    """The matte of an opaque ``rgb`` (H, W, 3) uint8; an all-zero alpha for one flat colour."""
    lab = lab_of(rgb)
    background, noise, outliers = _fit_border(lab)
    smooth = _blurred(lab, 0.6 + 0.25 * min(noise, 4.0))
    distance = np.linalg.norm(smooth - background, axis=2).astype(np.float32)
    uniform = noise < UNIFORM_NOISE and outliers < UNIFORM_OUTLIERS
    # Smoothing leaves a fraction of the noise; a limit for all of it would eat the object.
    noise = _noise_left(distance, noise)
    threshold = max(4.0, 3.2 * noise)
    if uniform:
        background = _followed_inwards(smooth, background, threshold)
        distance = np.linalg.norm(smooth - background, axis=2).astype(np.float32)
    mask = _flood(distance, threshold, noise) if uniform else _grabcut(rgb)
    if mask is None:
        alpha = np.ones(rgb.shape[:2], dtype=np.float32)
        return Matte(alpha, "frame", lab, background, distance, threshold)
    if float(mask.mean()) < FLAT_SHARE:
        alpha = np.zeros(rgb.shape[:2], dtype=np.float32)
    elif uniform:
        alpha = _unmixed(_blurred(lab, UNMIX_BLUR), background, mask, threshold)
    else:
        alpha = _refine(lab, mask)
    return Matte(alpha, "border" if uniform else "grabcut", lab, background, distance, threshold)


def _blurred(lab: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(lab, (0, 0), sigma), dtype=np.float32)


def _noise_left(distance: NDArray[np.float32], noise: float) -> float:
    """The noise in the smoothed picture, judged on the frame; at most ``noise``, that before."""
    frame = np.concatenate([distance[0], distance[-1], distance[:, 0], distance[:, -1]])
    return min(noise, float(np.median(frame)))


def _followed_inwards(
    lab: NDArray[np.float32], surface: NDArray[np.float32], threshold: float
) -> NDArray[np.float32]:
    """``surface`` (H, W, 3) bent to the background itself, from the frame inwards.

    A vignette is no quadratic. What hangs together with the frame and differs less than
    ``threshold`` is background; its local mean holds a little further in, and so on.
    """
    height, width = lab.shape[:2]
    scale = min(1.0, FOLLOW_SIDE / max(height, width))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    small, start = (cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in (lab, surface))
    found = np.asarray(start, dtype=np.float32)
    for _ in range(FOLLOW_ROUNDS):
        alike = np.linalg.norm(small - found, axis=2) < threshold
        _, labels = cv2.connectedComponents(alike.astype(np.uint8), connectivity=4)
        edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        weight = (np.isin(labels, np.unique(edge)) & alike).astype(np.float32)[..., None]
        apart = cv2.GaussianBlur(weight * (small - start), (0, 0), FOLLOW_SIGMA)
        known = cv2.GaussianBlur(weight, (0, 0), FOLLOW_SIGMA)[..., None]
        found = start + np.asarray(apart) / np.maximum(known, FOLLOW_LEAST)
    grown = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown, dtype=np.float32)


def _unmixed(
    lab: NDArray[np.float32],
    background: NDArray[np.float32],
    mask: NDArray[np.bool_],
    threshold: float,
) -> NDArray[np.float32]:
    """``mask`` with the alpha of its edge: how far a colour lies on the way from the background
    to the nearest colour well inside the object.
    """
    solid = mask.astype(np.uint8)
    core = cv2.erode(solid, np.ones((EDGE, EDGE), np.uint8))
    thin = mask & (cv2.dilate(core, np.ones((2 * EDGE - 1, 2 * EDGE - 1), np.uint8)) == 0)
    sure = (np.asarray(core) > 0) | thin
    if not sure.any():
        return mask.astype(np.float32)
    toward = nearest_fill(lab, sure) - background
    contrast = np.einsum("hwc,hwc->hw", toward, toward)
    along = np.einsum("hwc,hwc->hw", lab - background, toward) / np.maximum(contrast, 1.0)
    edge = (cv2.dilate(solid, np.ones((3, 3), np.uint8)) > 0) & ~sure & (contrast > threshold**2)
    return np.where(edge, np.clip(along, 0.0, 1.0), mask).astype(np.float32)


def _fit_border(lab: NDArray[np.float32]) -> tuple[NDArray[np.float32], float, float]:
    """The background surface (H, W, 3), its noise in Lab units, and the frame's outlier share."""
    height, width = lab.shape[:2]
    ring = max(2, round(RING_SHARE * max(height, width)))
    on_ring = np.zeros((height, width), dtype=bool)
    on_ring[:ring] = on_ring[-ring:] = True
    on_ring[:, :ring] = on_ring[:, -ring:] = True
    rows, columns = np.nonzero(on_ring)
    step = max(1, rows.size // 20_000)
    rows, columns = rows[::step], columns[::step]
    samples = lab[rows, columns].astype(np.float64)
    basis = _quadratic(columns / max(width - 1, 1), rows / max(height - 1, 1))
    weights = np.ones(len(samples))
    # Start from the per-channel median: a touching object of a third of the frame stays an outlier.
    fitted = np.broadcast_to(np.median(samples, axis=0), samples.shape)
    residual = np.linalg.norm(samples - fitted, axis=1)
    coefficients = np.zeros((6, 3))
    for _ in range(12):
        scale = max(1.4826 * float(np.median(residual)) / 1.5, 0.4)
        weights = 1.0 / (1.0 + (residual / (2.5 * scale)) ** 2) ** 2
        root = np.sqrt(weights)[:, None]
        coefficients = np.linalg.lstsq(basis * root, samples * root, rcond=None)[0]
        residual = np.linalg.norm(samples - basis @ coefficients, axis=1)
    noise = float(np.median(residual))
    outliers = float(np.mean(residual > max(6.0, 4.0 * noise)))
    x = np.linspace(0.0, 1.0, width)[None, :].repeat(height, axis=0).ravel()
    y = np.linspace(0.0, 1.0, height)[:, None].repeat(width, axis=1).ravel()
    surface = (_quadratic(x, y) @ coefficients).reshape(height, width, 3)
    return surface.astype(np.float32), noise, outliers


def _quadratic(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def _flood(distance: NDArray[np.float32], threshold: float, noise: float) -> NDArray[np.bool_]:
    """Foreground: all that background reached from the frame does not cover, less clear holes."""
    alike = (distance < threshold).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(alike, connectivity=4)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    is_background = np.zeros(len(stats), dtype=bool)
    is_background[np.unique(edge)] = True
    # A hole in the object shows the same background: almost no distance over most of its area.
    flat = labels.ravel()
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    mean = np.bincount(flat, weights=distance.ravel(), minlength=len(stats)) / area
    close = np.bincount(flat, weights=(distance.ravel() < 0.8 + 1.3 * noise), minlength=len(stats))
    big_enough = area > 0.0002 * distance.size
    is_background |= big_enough & (mean < 1.2 + 1.2 * noise) & (close > 0.6 * area)
    is_background[0] = False
    mask: NDArray[np.bool_] = ~is_background[labels]
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return opened.astype(bool) if noise > 1.5 else mask


def _grabcut(rgb: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Foreground by GrabCut on a small copy, or None when it finds no object or no background."""
    height, width = rgb.shape[:2]
    scale = min(1.0, GRABCUT_SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    mask = np.full((size[1], size[0]), cv2.GC_PR_FGD, dtype=np.uint8)
    margin = max(2, round(0.03 * max(size)))
    mask[:margin] = mask[-margin:] = cv2.GC_BGD
    mask[:, :margin] = mask[:, -margin:] = cv2.GC_BGD
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = np.ascontiguousarray(np.asarray(small)[:, :, ::-1])
    whole = (0, 0, size[0], size[1])
    cv2.grabCut(bgr, mask, whole, *models, GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    found = np.asarray(
        cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), dtype=np.uint8
    )
    share = float(found.mean())
    count = cv2.connectedComponents(found)[0] - 1
    if not GRABCUT_LEAST <= share <= GRABCUT_MOST or count > 60:
        return None
    grown = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown) > 0.5


def _refine(lab: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """``mask`` with a soft edge that follows the picture, moved by at most three pixels."""
    hard = mask.astype(np.float32)
    guide = lab[:, :, 0] / 100.0
    soft = _guided(guide, hard, radius=2, eps=1e-3)
    binary = mask.astype(np.uint8)
    kernel = np.ones((5, 5), np.uint8)
    band = (cv2.dilate(binary, kernel) - cv2.erode(binary, kernel)) > 0
    return np.where(band, np.clip(soft, 0.0, 1.0), hard).astype(np.float32)


def _guided(
    guide: NDArray[np.float32], source: NDArray[np.float32], *, radius: int, eps: float
) -> NDArray[np.float32]:
    size = (2 * radius + 1, 2 * radius + 1)
    mean_guide = cv2.blur(guide, size)
    mean_source = cv2.blur(source, size)
    covariance = cv2.blur(guide * source, size) - mean_guide * mean_source
    variance = cv2.blur(guide * guide, size) - mean_guide * mean_guide
    slope = covariance / (variance + eps)
    offset = mean_source - slope * mean_guide
    result = cv2.blur(slope, size) * guide + cv2.blur(offset, size)
    return np.asarray(result, dtype=np.float32)
