"""Which triangle of an unwrapped mesh each texel of its atlas belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import interpolated
from .nearest import closest_points

_INSIDE = -1.0e-4  # barycentric slack: a texel centre on a shared edge belongs to a triangle


@dataclass(frozen=True, eq=False)
class Texels:
    """The covered texels of a square atlas, in row-major order."""

    size: int
    index: NDArray[np.int64]  # (N,) row * size + column
    face: NDArray[np.int64]  # (N,)
    weights: NDArray[np.float32]  # (N, 3) barycentric, none negative, sum 1

    def interpolate(self, values: NDArray[Any], faces: NDArray[Any]) -> NDArray[np.float32]:
        """(N, C) values of (V, C) vertex attributes at the texels."""
        return interpolated(values, np.take(faces, self.face, axis=0), self.weights)


def rasterise(uvs: NDArray[Any], faces: NDArray[Any], size: int) -> Texels:
    """Every texel that a triangle touches, even by a corner of its square.

    Texels whose centre lies inside a triangle belong to it; the rest of the rim goes to a triangle
    that touches them, at its nearest barycentric point, so that no chart is thinner than a texel
    and chart borders are baked rather than copied.

    Args:
        uvs: (V, 2) in 0..1.
        faces: (T, 3).
        size: texels per side.
    """
    found = _touched(uvs, faces, size)
    inside = found.least >= _INSIDE
    owner = np.full(size * size, -1, np.int64)
    rim = np.flatnonzero(~inside)
    owner[found.texel[rim]] = rim
    centre = np.flatnonzero(inside)
    owner[found.texel[centre]] = centre
    chosen = owner[owner >= 0]
    kept = np.maximum(found.weights[chosen], np.float32(0.0))
    kept /= (kept[:, 0] + kept[:, 1] + kept[:, 2])[:, None]
    texels = Texels(size, found.texel[chosen], found.face[chosen], kept)
    _pull_in(texels, uvs, faces, np.flatnonzero(~inside[chosen]))
    return texels


def _pull_in(
    texels: Texels, uvs: NDArray[Any], faces: NDArray[Any], rim: NDArray[np.int64]
) -> None:
    """Replace clamped weights of rim texels that lead astray, as they do on slivers."""
    index, corners = texels.index[rim], uvs[faces[texels.face[rim]]].astype(np.float64)
    centre = np.stack([index % texels.size, index // texels.size], axis=1) + 0.5
    centre /= texels.size
    place = np.einsum("nc,ncd->nd", texels.weights[rim], corners)
    far = np.abs(place - centre).max(axis=1) > 0.6 / texels.size
    flat = np.zeros((int(far.sum()), 3, 3))
    flat[:, :, :2] = corners[far]
    point = np.zeros((len(flat), 3))
    point[:, :2] = centre[far]
    texels.weights[rim[far]] = closest_points(point, flat)[0]


def coverage(uvs: NDArray[Any], faces: NDArray[Any], size: int) -> NDArray[np.int64]:
    """(size * size,) how many triangles cover each texel centre; above 1 the UVs overlap."""
    found = _touched(uvs, faces, size)
    inside = found.least > 1.0e-3
    return np.bincount(found.texel[inside], minlength=size * size)


@dataclass(frozen=True, eq=False)
class _Touched:
    texel: NDArray[np.int64]  # (N,) row * size + column
    face: NDArray[np.int64]  # (N,)
    weights: NDArray[np.float32]  # (N, 3) of texel centres, negative outside

    @property
    def least(self) -> NDArray[np.float32]:
        """(N,) the lowest of the three weights."""
        first, second, third = self.weights.T
        return np.asarray(np.minimum(np.minimum(first, second), third), np.float32)


def _touched(uvs: NDArray[Any], faces: NDArray[Any], size: int) -> _Touched:
    """Every pair of a triangle and a texel square that it touches, in rows of squares."""
    corners = uvs[faces].astype(np.float64) * size - 0.5  # (T, 3, 2), integers at texel centres
    triangle, row = _rows(corners)
    first, last = _columns(corners[triangle], row)
    first, last = np.maximum(first, 0), np.minimum(last, size - 1)
    keep = (row >= 0) & (row < size) & (last >= first)
    triangle, row, first, last = triangle[keep], row[keep], first[keep], last[keep]
    length = last - first + 1
    span = np.repeat(np.arange(len(length)), length)
    offset = np.arange(len(span)) - np.repeat(np.cumsum(length) - length, length)
    start, step = _weights(corners, triangle, first, row)
    along = offset.astype(np.float32)
    weights = np.empty((len(span), 3), np.float32)
    for corner in (1, 2):
        weights[:, corner] = start[span, corner - 1] + step[span, corner - 1] * along
    weights[:, 0] = 1.0 - weights[:, 1] - weights[:, 2]
    return _Touched((row * size + first)[span] + offset, triangle[span], weights)


def _rows(corners: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(M,) triangle and texel row of every row of texel squares that a triangle crosses."""
    low = np.ceil(corners[:, :, 1].min(axis=1) - 0.5).astype(np.int64)
    high = np.floor(corners[:, :, 1].max(axis=1) + 0.5).astype(np.int64)
    count = np.maximum(high - low + 1, 0)
    triangle = np.repeat(np.arange(len(corners)), count)
    step = np.arange(len(triangle)) - np.repeat(np.cumsum(count) - count, count)
    return triangle, low[triangle] + step


def _columns(
    corners: NDArray[np.float64], row: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last texel that each (M, 3, 2) triangle touches in its row of squares."""
    x0, y0 = corners[:, :, 0], corners[:, :, 1]
    x1, y1 = np.roll(x0, -1, axis=1), np.roll(y0, -1, axis=1)
    bottom, top = row[:, None] - 0.5, row[:, None] + 0.5
    touches = (np.minimum(y0, y1) <= top) & (np.maximum(y0, y1) >= bottom)
    rise = y1 - y0
    slope = (x1 - x0) / np.where(np.abs(rise) > 1e-12, rise, np.inf)
    start = x0 + (np.clip(y0, bottom, top) - y0) * slope
    end = np.where(rise == 0.0, x1, x0 + (np.clip(y1, bottom, top) - y0) * slope)
    low = np.where(touches, np.minimum(start, end), np.inf).min(axis=1)
    high = np.where(touches, np.maximum(start, end), -np.inf).max(axis=1)
    empty = low > high
    low, high = np.where(empty, 0.0, low), np.where(empty, -2.0, high)
    return np.ceil(low - 0.5).astype(np.int64), np.floor(high + 0.5).astype(np.int64)


def _weights(
    corners: NDArray[np.float64],
    face: NDArray[np.int64],
    column: NDArray[np.int64],
    row: NDArray[np.int64],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights of the second and third corner where each (M,) span starts, and per texel along it.

    A triangle without area has equal thirds everywhere.
    """
    e1, e2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = e1[:, 0] * e2[:, 1] - e1[:, 1] * e2[:, 0]
    flat = np.abs(area) < 1e-12
    scale = np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, area))
    by_column = np.stack([e2[:, 1] * scale, -e1[:, 1] * scale], axis=1)[face]
    by_row = np.stack([-e2[:, 0] * scale, e1[:, 0] * scale], axis=1)[face]
    start = by_column * (column - corners[face, 0, 0])[:, None]
    start += by_row * (row - corners[face, 0, 1])[:, None]
    start[flat[face]] = 1.0 / 3.0
    return start.astype(np.float32), by_column.astype(np.float32)
