"""The cut-out on the modelling grid: inside, outline to a fraction of a cell, ground edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Mask = NDArray[np.bool_]
Pixel = TypeVar("Pixel", np.uint8, np.float32)

MAX_BODIES = 64
BODY_SHARE = 0.0006
GROUND_BAND = 0.14
GROUND_ANGLE = 40.0
BORDER = 2


@dataclass(frozen=True)
class Silhouette:
    """Fields (H, W) on the grid; y down. A cell (row, col) shows the picture at
    ``(col + 0.5) * scale + x0 - 0.5`` and ``(row + 0.5) * scale + y0 - 0.5`` pixels.

    ``ground`` marks columns' lowest cells that stand on the floor. ``size`` is the longest side
    of the object in cells.
    """

    alpha: Float
    inside: Mask
    ground: Mask
    rgb: NDArray[np.uint8]
    scale: float
    x0: float
    y0: float
    size: float
    bodies: int
    dropped_bodies: int


def silhouette(pixels: NDArray[np.uint8], *, cells: int) -> Silhouette:
    """``pixels`` (S, S, 4), an object on air, with ``cells`` grid cells on its longest side."""
    opaque = pixels[:, :, 3] > 127
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    scale = max(bottom - top, right - left) / (cells - 2.0)
    height = int(np.ceil((bottom - top) / scale)) + 2 * BORDER
    width = int(np.ceil((right - left) / scale)) + 2 * BORDER
    x0 = 0.5 * (left + right) - 0.5 * width * scale
    y0 = 0.5 * (top + bottom) - 0.5 * height * scale
    source = pixels[:, :, 3].astype(np.float32) / 255.0
    alpha = sample(source, scale, x0, y0, (width, height))
    if scale > 1.2:
        alpha = _keep_thin(alpha, source, scale, x0, y0)
    if alpha.max() <= 0.5:
        # Nothing but single pixels, lost on this grid: what is left of them is the object.
        alpha *= 0.9 / max(float(alpha.max()), 1e-6)
    alpha[:BORDER] = alpha[-BORDER:] = 0.0
    alpha[:, :BORDER] = alpha[:, -BORDER:] = 0.0
    inside, bodies, dropped = _bodies(alpha > 0.5)
    alpha = np.where(inside, alpha, np.minimum(alpha, 0.5)).astype(np.float32)
    rgb = sample(pixels[:, :, :3], scale, x0, y0, (width, height))
    return Silhouette(
        alpha,
        inside,
        ground_edges(alpha, inside),
        rgb,
        scale,
        x0,
        y0,
        float(cells),
        bodies,
        dropped,
    )


def cuts(alpha: Float, *, axis: int) -> Float:
    """Where each edge along ``axis`` (1: x, 0: y) meets the outline, from its inside end, 0..1."""
    near = alpha[:, :-1] if axis == 1 else alpha[:-1]
    far = alpha[:, 1:] if axis == 1 else alpha[1:]
    high, low = np.maximum(near, far), np.minimum(near, far)
    t = (high - 0.5) / np.maximum(high - low, 1e-3)
    return np.asarray(np.clip(t, 0.05, 1.0), dtype=np.float32)


def ground_edges(alpha: Float, inside: Mask) -> Mask:
    """Cells whose lower edge stands on the floor: the lowest of their column, near the bottom of
    the object, where the outline faces down within 40 degrees.
    """
    rows = np.flatnonzero(inside.any(axis=1))
    if rows.size == 0:
        return np.zeros_like(inside)
    top, bottom = int(rows[0]), int(rows[-1])
    height = inside.shape[0]
    lowest = height - 1 - np.argmax(inside[::-1], axis=0)
    has = inside.any(axis=0) & (lowest >= bottom - GROUND_BAND * (bottom - top + 1))
    sigma = max(1.0, 0.006 * (bottom - top + 1))
    soft = cv2.GaussianBlur(alpha, (0, 0), sigma)
    dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3)
    dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3)
    facing = -dy > np.cos(np.deg2rad(GROUND_ANGLE)) * np.hypot(dx, dy)
    columns = np.flatnonzero(has)
    ground = np.zeros_like(inside)
    ground[lowest[columns], columns] = facing[lowest[columns], columns]
    return ground


def sample(
    image: NDArray[Pixel], scale: float, x0: float, y0: float, size: tuple[int, int]
) -> NDArray[Pixel]:
    """``image`` at ``(i + 0.5) * scale + x0 - 0.5``; averaged where that skips pixels."""
    if scale > 1.0:
        # A box of one cell, then bilinear: exact enough, and any offset is allowed.
        blur = 0.5 * np.sqrt(max(scale * scale - 1.0, 0.0))
        if blur > 0.2:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), blur), dtype=image.dtype)
    shift = 0.5 * scale - 0.5
    matrix = np.array([[scale, 0.0, x0 + shift], [0.0, scale, y0 + shift]], dtype=np.float64)
    colour = image.ndim == 3
    found = cv2.warpAffine(
        image,
        matrix,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE if colour else cv2.BORDER_CONSTANT,
    )
    return np.asarray(found, dtype=image.dtype)


def _keep_thin(alpha: Float, source: Float, scale: float, x0: float, y0: float) -> Float:
    """Lines thinner than a cell, which averaging would lose, are kept one cell wide."""
    reach = int(np.ceil(scale)) | 1
    solid = (source > 0.5).astype(np.uint8)
    kernel = np.ones((reach + 2, reach + 2), np.uint8)
    opened = np.asarray(cv2.dilate(cv2.morphologyEx(solid, cv2.MORPH_OPEN, kernel), kernel))
    lines = ((solid > 0) & (opened == 0)).astype(np.uint8)
    if not lines.any():
        return alpha
    widened = np.asarray(cv2.dilate(lines, np.ones((reach, reach), np.uint8)), dtype=np.float32)
    seen = sample(widened, scale, x0, y0, (alpha.shape[1], alpha.shape[0]))
    return np.where((seen > 0.6) & (alpha > 0.2), np.maximum(alpha, 0.8), alpha)


def _bodies(inside: Mask) -> tuple[Mask, int, int]:
    """The bodies (4-connected, as the surface extraction separates diagonals) worth building."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        inside.astype(np.uint8), connectivity=4
    )
    if count <= 1:
        return inside, 0, 0
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")
    largest = float(areas.max())
    worth = areas[order] >= max(min(2.0, largest), BODY_SHARE * largest)
    chosen = order[worth][:MAX_BODIES] + 1
    keep = np.zeros(count, dtype=bool)
    keep[chosen] = True
    return keep[labels], int(chosen.size), int(count - 1 - chosen.size)
