"""Which texels a set of triangles covers, and the surface point under each. No Python loop per
triangle: candidates are the texel centres in the triangles' boxes, a bounded number at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.batches import batches

Float = NDArray[np.float32]
Int = NDArray[np.int64]

CANDIDATES_AT_ONCE = 1_000_000
# Texel centres this close to an edge count as covered by the shared edge's both triangles.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Covered:
    """Texel rows and columns (N,), the triangle of each, and barycentric weights (N, 3)."""

    row: Int
    column: Int
    triangle: Int
    weights: Float


def cover(corners: Float, *, texels: int) -> Iterator[Covered]:
    """Texels whose centres lie in the triangles ``corners`` (T, 3, 2), in bounded batches."""
    low, high = boxes(corners)
    low, high = np.maximum(low, 0), np.minimum(high, texels - 1)
    spans = np.maximum(high - low + 1, 0)
    for owner, nth in batches(spans.prod(axis=1), CANDIDATES_AT_ONCE):
        row, column = np.divmod(nth, spans[owner, 0])
        row, column = row + low[owner, 1], column + low[owner, 0]
        weights = _barycentric(corners, owner, column + 0.5, row + 0.5)
        lowest = np.minimum(np.minimum(weights[0], weights[1]), weights[2])
        hit = np.flatnonzero(lowest >= -TOLERANCE)
        inside = np.stack([part[hit] for part in weights], axis=1).astype(np.float32)
        yield Covered(row[hit], column[hit], owner[hit], inside)


def boxes(corners: Float) -> tuple[Int, Int]:
    """First and last texel (T, 2), columns and rows, whose centres lie in each triangle's box."""
    low, high = extremes(corners)
    return np.ceil(low - 0.5).astype(np.int64), np.floor(high - 0.5).astype(np.int64)


def extremes(corners: Float) -> tuple[Float, Float]:
    """Lowest and highest coordinates (T, D) of triangles (T, 3, D)."""
    # One corner after the other: numpy takes ten times as long over a short axis.
    first, second, third = (corners[:, corner] for corner in range(3))
    low = np.minimum(np.minimum(first, second), third)
    return low, np.maximum(np.maximum(first, second), third)


def overlapping_texels(corners: Float, *, texels: int) -> int:
    """Texel centres that lie well inside more than one triangle: 0 for an honest atlas."""
    seen = np.zeros(texels * texels, dtype=np.uint8)
    for part in cover(corners, texels=texels):
        deep = (part.weights > 0.02).all(axis=1)
        index = part.row[deep] * texels + part.column[deep]
        seen += np.minimum(np.bincount(index, minlength=seen.size), 100).astype(np.uint8)
    return int((seen > 1).sum())


def _barycentric(
    corners: Float, owner: Int, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    a, b, c = (corners[:, i].astype(np.float64) for i in range(3))
    ab, ac = b - a, c - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    # A triangle seen edge-on covers nothing: infinite area makes its weights 0 + 0 + 0.
    inverse = 1.0 / np.where(np.abs(area) > 1e-9, area, np.inf)
    ab, ac = ab * inverse[:, None], ac * inverse[:, None]
    dx, dy = x - a[owner, 0], y - a[owner, 1]
    second = dx * ac[owner, 1] - dy * ac[owner, 0]
    third = ab[owner, 0] * dy - ab[owner, 1] * dx
    first = np.where(inverse[owner] == 0.0, -1.0, 1.0 - second - third)
    return first, second, third
