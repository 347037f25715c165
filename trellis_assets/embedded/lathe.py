"""Turned objects: how far the outline says surface of revolution, and its section per row."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Mask = NDArray[np.bool_]

HANDLE_HEIGHT = 0.1
HANDLE_REACH = 0.04


@dataclass(frozen=True)
class Lathe:
    """``weight`` 0..1 for the object; ``u`` (H, W) cells squared, of the turned body;
    ``share`` (H, W) says how far it holds there, ``capped`` (H, 1) where handles join it.
    """

    weight: float
    u: Float
    share: Float
    capped: Mask
    radius: Float
    """Of the turned body in each row (H,), in cells; ``middle`` (H,) is the column of its axis."""
    middle: Float
    mirror: float
    """Overlap of the outline with its mirror image, 0..1."""
    gaps: float
    """Area between the leftmost and rightmost cell of each row that is air, relative to the
    object: a flat, branched or pierced thing has much, a body has little."""


def lathe(inside: Mask) -> Lathe:
    """The lathe that would turn the silhouette ``inside`` (H, W).

    Globally: mirror symmetry, a straight middle line, a
    smooth outline, no bays (a turned body hides its hollows; an axe does not), and a tall, round or
    barrel-like shape. Thresholds were tuned on some eighty pictures.
    """
    width = inside.shape[1]
    columns = np.arange(width, dtype=np.float32)
    used: Mask = np.asarray(inside.any(axis=1))
    first = np.where(used, np.argmax(inside, axis=1), 0)
    last = np.where(used, width - 1 - np.argmax(inside[:, ::-1], axis=1), 0)
    span = np.maximum(last - first + 1, 1)
    middle = 0.5 * (first + last)
    axis = float(np.median(middle[used])) if used.any() else 0.5 * width
    size = float(max(used.sum(), inside.any(axis=0).sum(), 1))
    mirror = _mirror_overlap(inside, axis)
    bend = float(np.sqrt(np.average((middle[used] - axis) ** 2, weights=span[used]))) / size
    aspect = float(used.sum()) / max(float(inside.any(axis=0).sum()), 1.0)
    roundness = _roundness(inside)
    round_enough = max(
        _scalar_step(1.25, 1.6, aspect),
        _scalar_step(0.925, 0.955, roundness),
        _scalar_step(0.77, 0.83, roundness) * _scalar_step(1.05, 1.2, aspect),
    )
    between = (columns >= first[:, None]) & (columns <= last[:, None]) & used[:, None] & ~inside
    area = float(max(inside.sum(), 1))
    bays = float((between & _open_air(inside)).sum()) / area
    weight = (
        _scalar_step(0.88, 0.945, mirror)
        * _scalar_step(0.035, 0.012, bend)
        * _scalar_step(0.020, 0.009, _roughness(first, last, used, size, sigma=0.012))
        * _scalar_step(0.0125, 0.009, _roughness(first, last, used, size, sigma=0.03))
        * _scalar_step(0.08, 0.03, bays)
        * round_enough
    )
    return Lathe(float(weight), *_sections(inside, axis, size), mirror, float(between.sum()) / area)


def _sections(inside: Mask, axis: float, size: float) -> tuple[Float, Float, Mask, Float, Float]:
    """Section and share of the turned body (H, W), the rows (H, 1) where it was cut back, and its
    radius and middle (H,).

    The body is the run of each row that contains the axis, where that is centred. Where its
    radius leaps up for a few rows only, beside rows with a hole, a handle has joined it: the
    body keeps its radius.
    """
    width = inside.shape[1]
    columns = np.arange(width)
    at = int(np.clip(round(axis), 0, width - 1))
    left = np.where(inside[:, : at + 1], -1, columns[: at + 1]).max(axis=1)
    right = np.where(inside[:, at:], width, columns[at:]).min(axis=1)
    on_axis = inside[:, at]
    middle = 0.5 * (left + right)
    radius = np.where(on_axis, 0.5 * (right - left), 0.0).astype(np.float32)
    window = max(3, round(HANDLE_HEIGHT * size)) | 1
    opened = cv2.morphologyEx(radius[:, None], cv2.MORPH_OPEN, np.ones((window, 1), np.uint8))
    kept = np.asarray(opened, dtype=np.float32).ravel()
    pierced: Mask = np.asarray((~inside & ~_open_air(inside)).any(axis=1))
    beside = cv2.dilate(pierced.astype(np.uint8)[:, None], np.ones((window, 1), np.uint8))
    capped = (radius - kept > HANDLE_REACH * size) & (np.asarray(beside).ravel() > 0)
    radius = np.where(capped, kept, radius)
    away = columns[None, :] - middle[:, None]
    u = np.where(inside, np.maximum(radius[:, None] ** 2 - away**2, 0.0), 0.0)
    centred = _smoothstep(0.05, 0.02, np.abs(middle - axis) / size) * on_axis
    soft = cv2.GaussianBlur(centred.astype(np.float32)[:, None], (1, 0), 0.006 * size + 0.5)
    share = np.asarray(soft, dtype=np.float32).reshape(-1, 1) * (
        np.abs(away) < radius[:, None] + 0.5
    )
    return (
        u.astype(np.float32),
        share.astype(np.float32),
        capped[:, None],
        radius.astype(np.float32),
        middle.astype(np.float32),
    )


def _mirror_overlap(inside: Mask, axis: float) -> float:
    width = inside.shape[1]
    source = np.round(2.0 * axis - np.arange(width)).astype(int)
    valid = (source >= 0) & (source < width)
    mirrored = np.zeros_like(inside)
    mirrored[:, valid] = inside[:, source[valid]]
    return float((inside & mirrored).sum()) / max(float((inside | mirrored).sum()), 1.0)


def _open_air(inside: Mask) -> Mask:
    """Air that is connected to the border, not enclosed by the object."""
    _, labels = cv2.connectedComponents((~inside).astype(np.uint8), connectivity=4)
    result: Mask = ~inside & (labels == labels[0, 0])
    return result


def _roughness(
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    used: NDArray[np.bool_],
    size: float,
    *,
    sigma: float,
) -> float:
    """Mean departure of the half-width from its own smooth course, relative to the size."""
    half = (0.5 * (last - first)).astype(np.float32)[used]
    if half.size < 8:
        return 1.0
    smooth = cv2.GaussianBlur(
        half[:, None], (1, 0), sigma * size + 0.5, borderType=cv2.BORDER_REPLICATE
    ).ravel()
    return float(np.mean(np.abs(half - smooth))) / size


def _roundness(inside: Mask) -> float:
    """Isoperimetric quotient 4 pi A / P^2 of the largest outline."""
    contours, _ = cv2.findContours(
        inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    if not contours:
        return 0.0
    outline = max(contours, key=len)
    points = outline[:, 0, :].astype(np.float32)
    sigma = max(1.0, 0.01 * len(points) / np.pi)
    reach = int(3 * sigma) + 1
    padded = (
        np.concatenate([points[-reach:], points, points[:reach]]) if len(points) > reach else points
    )
    smooth = cv2.GaussianBlur(padded, (1, 0), sigma)
    smooth = smooth[reach : reach + len(points)] if len(padded) > len(points) else smooth
    closed = np.vstack([smooth, smooth[:1]])
    length = float(np.linalg.norm(np.diff(closed, axis=0), axis=1).sum())
    x, y = closed[:, 0], closed[:, 1]
    area = 0.5 * abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])))
    return 4.0 * np.pi * area / max(length * length, 1e-6)


def _smoothstep(low: float, high: float, values: NDArray[np.float64]) -> NDArray[np.float64]:
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def _scalar_step(low: float, high: float, value: float) -> float:
    return float(_smoothstep(low, high, np.asarray(value, dtype=np.float64)))
