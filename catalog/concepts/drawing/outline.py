"""Flat curves, baked once into a grid of distances: for blades, handles and turned profiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .vectors import Floats

Corner = tuple[float, float]


class Outline:
    """Distances to a polyline, looked up with bilinear interpolation.

    A closed line gives signed distances, negative inside; an open one unsigned ones. Beyond the
    grid (the line's box and `margin` around it) the distance is extended by the way to the grid.
    """

    def __init__(
        self, points: NDArray[np.float64], *, closed: bool, cells: int = 320, margin: float = 0.25
    ) -> None:
        low, high = points.min(0) - margin, points.max(0) + margin
        self._low = low.astype(np.float32)
        self._high = high.astype(np.float32)
        self._scale = np.float32(cells / max(high - low))
        count = np.ceil((high - low) * self._scale).astype(int) + 2
        axes = [low[i] + np.arange(count[i]) / self._scale for i in (0, 1)]
        self._columns = int(count[0])
        x, y = np.meshgrid(axes[0], axes[1])
        self._grid = _distances(x.ravel(), y.ravel(), points, closed).astype(np.float32)

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """The distances at the points (x, y)."""
        inside_x = np.clip(x, self._low[0], self._high[0])
        inside_y = np.clip(y, self._low[1], self._high[1])
        u = (inside_x - self._low[0]) * self._scale
        v = (inside_y - self._low[1]) * self._scale
        column, row = np.floor(u), np.floor(v)
        first = row.astype(np.int32) * self._columns + column.astype(np.int32)
        u, v = u - column, v - row
        a, b = self._grid.take(first), self._grid.take(first + 1)
        first += self._columns
        c, d = self._grid.take(first), self._grid.take(first + 1)
        low = a + (b - a) * u
        return low + (c + (d - c) * u - low) * v + np.hypot(x - inside_x, y - inside_y)


def smooth_line(corners: Sequence[Corner], steps: int = 16) -> NDArray[np.float64]:
    """A Catmull-Rom curve through the corners, `steps` points for each."""
    points = np.array(corners, np.float64)
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for i in range(len(points) - 1):
        a, b, c, d = padded[i : i + 4]
        pieces.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
                   + (3 * b - a - 3 * c + d) * t**3)
        )  # fmt: skip
    return np.vstack([*pieces, points[-1:]])


def _distances(
    x: NDArray[np.float64], y: NDArray[np.float64], points: NDArray[np.float64], closed: bool
) -> NDArray[np.float64]:
    nearest = np.full(x.shape, np.inf)
    inside = np.zeros(x.shape, bool)
    ends = np.roll(points, -1, axis=0) if closed else points[1:]
    for (ax, ay), (bx, by) in zip(points, ends, strict=False):
        ex, ey = bx - ax, by - ay
        wx, wy = x - ax, y - ay
        share = np.clip((wx * ex + wy * ey) / max(ex * ex + ey * ey, 1e-12), 0, 1)
        nearest = np.minimum(nearest, (wx - ex * share) ** 2 + (wy - ey * share) ** 2)
        if closed and ay != by:
            crosses = (ay > y) != (by > y)
            inside ^= crosses & (x < ax + (y - ay) * ex / ey)
    distance = np.sqrt(nearest)
    return np.where(inside, -distance, distance)
