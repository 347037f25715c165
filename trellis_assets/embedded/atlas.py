"""Charts packed into one square texture: rectangles on shelves, tallest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.charts import BACK, FRONT, Charts
from trellis_assets.embedded.raster import extremes

Float = NDArray[np.float32]
Int = NDArray[np.int64]

BACK_DENSITY = 0.62
SIDE_DENSITY = 0.62
SHRINK = 0.98
# Axes of each direction's plane: x, y, z are 0, 1, 2 and their negatives 3, 4, 5.
_PLANE = np.array([[0, 1], [3, 1], [5, 1], [2, 1], [0, 2], [0, 5]])


@dataclass(frozen=True)
class Atlas:
    """Texel = ``origin + density * (flat - lowest)`` per chart, texel centres at .5.

    ``flat`` (T, 3, 2) are triangle corners in the plane of their chart, grid units.
    """

    texels: int
    flat: Float
    lowest: Float
    extent: Float
    density: Float
    origin: Float
    padding: int
    densest: float
    """Texels per grid unit on the front sheet, before rounding."""

    def corners(self, chart: Int, which: Int | slice = slice(None)) -> Float:
        """Texel coordinates (N, 3, 2) of the corners of the triangles ``which`` (N,), or all."""
        chart = chart[which]
        scale = self.density[chart][:, None, None]
        start = (self.origin - self.density[:, None] * self.lowest)[chart][:, None, :]
        return np.asarray(start + scale * self.flat[which], dtype=np.float32)


def pack(
    flat: Float, found: Charts, *, texels: int, densest: float | None = None, used: float = 1.0
) -> Atlas:
    """The atlas with the highest density, at most ``densest``, that fits ``texels`` squared, or the
    share ``used`` of both sides.

    ``flat`` (T, 3, 2) as ``flatten`` makes it. At the same density a chart samples its surface at
    the same places, wherever it lies: charts may be added without disturbing the others.
    """
    low = np.full((found.count, 2), np.inf, dtype=np.float32)
    high = np.full((found.count, 2), -np.inf, dtype=np.float32)
    order = np.argsort(found.chart, kind="stable")
    starts = np.searchsorted(found.chart[order], np.arange(found.count))
    present = np.bincount(found.chart, minlength=found.count) > 0
    lowest, highest = (bound[order] for bound in extremes(flat))
    low[present] = np.minimum.reduceat(lowest, starts[present])
    high[present] = np.maximum.reduceat(highest, starts[present])
    extent = np.where(present[:, None], high - low, 0.0)
    low = np.where(present[:, None], low, 0.0)
    relative = np.full(found.count, SIDE_DENSITY)
    relative[FRONT], relative[BACK] = 1.0, BACK_DENSITY
    padding = max(2, texels // 512)
    area = float(np.sum(extent.prod(axis=1) * relative**2))
    density = densest or texels / float(np.sqrt(max(area, 1e-6)))
    while True:
        sizes = np.ceil(extent * (density * relative)[:, None]) + 2 * padding + 1
        origin = shelves(sizes, used * texels)
        if origin is not None:
            break
        density *= SHRINK
    return Atlas(
        texels,
        flat,
        low.astype(np.float32),
        extent.astype(np.float32),
        (density * relative).astype(np.float32),
        (origin + padding + 0.5).astype(np.float32),
        padding,
        density,
    )


def flatten(positions: Float, triangles: NDArray[np.uint32], direction: NDArray[np.int8]) -> Float:
    """Corners (T, 3, 2) projected along their direction, each chart seen from outside, not
    mirrored.
    """
    signed = np.concatenate([positions, -positions], axis=1)
    columns, rows = _PLANE[direction].T
    corners = np.empty((*triangles.shape, 2), dtype=np.float32)
    corners[..., 0] = signed[triangles, columns[:, None]]
    corners[..., 1] = signed[triangles, rows[:, None]]
    return corners


def shelves(sizes: NDArray[np.float64], texels: float) -> NDArray[np.float64] | None:
    """Lower-left corners of rectangles (N, 2) on shelves, or None when they do not fit."""
    order = np.lexsort((np.arange(len(sizes)), -sizes[:, 0], -sizes[:, 1]))
    origin = np.zeros_like(sizes)
    x = y = shelf = 0.0
    for number in order:
        width, height = sizes[number]
        if width > texels:
            return None
        if x + width > texels:
            x, y, shelf = 0.0, y + shelf, 0.0
        shelf = max(shelf, height)
        if y + shelf > texels:
            return None
        origin[number] = (x, y)
        x += width
    return origin
