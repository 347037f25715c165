"""Charts packed into one square texture: rectangles on shelves, tallest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.charts import BACK, DOWN, FRONT, LEFT, RIGHT, UP, Charts

Float = NDArray[np.float32]
Int = NDArray[np.int64]

BACK_DENSITY = 0.62
SIDE_DENSITY = 0.62
SHRINK = 0.98


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

    def corners(self, chart: Int) -> Float:
        """Texel coordinates (T, 3, 2) of all triangle corners."""
        scale = self.density[chart][:, None, None]
        start = (self.origin - self.density[:, None] * self.lowest)[chart][:, None, :]
        return np.asarray(start + scale * self.flat, dtype=np.float32)


def pack(positions: Float, triangles: NDArray[np.uint32], found: Charts, *, texels: int) -> Atlas:
    """The atlas with the highest density that fits ``texels`` squared."""
    flat = _flatten(positions, triangles, found.direction)
    low = np.full((found.count, 2), np.inf, dtype=np.float32)
    high = np.full((found.count, 2), -np.inf, dtype=np.float32)
    order = np.argsort(found.chart, kind="stable")
    starts = np.searchsorted(found.chart[order], np.arange(found.count))
    present = np.bincount(found.chart, minlength=found.count) > 0
    low[present] = np.minimum.reduceat(flat.min(axis=1)[order], starts[present])
    high[present] = np.maximum.reduceat(flat.max(axis=1)[order], starts[present])
    extent = np.where(present[:, None], high - low, 0.0)
    low = np.where(present[:, None], low, 0.0)
    relative = np.full(found.count, SIDE_DENSITY)
    relative[FRONT], relative[BACK] = 1.0, BACK_DENSITY
    padding = max(2, texels // 512)
    area = float(np.sum(extent.prod(axis=1) * relative**2))
    density = texels / np.sqrt(max(area, 1e-6))
    while True:
        sizes = np.ceil(extent * (density * relative)[:, None]) + 2 * padding + 1
        origin = shelves(sizes, texels)
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
    )


def _flatten(positions: Float, triangles: NDArray[np.uint32], direction: NDArray[np.int8]) -> Float:
    """Corners projected along their direction, each chart seen from outside, not mirrored."""
    corners = positions[triangles]
    x, y, z = corners[..., 0], corners[..., 1], corners[..., 2]
    kind = direction[:, None]
    first = np.select(
        [kind == FRONT, kind == BACK, kind == RIGHT, kind == LEFT, kind >= UP], [x, -x, -z, z, x]
    )
    second = np.select([kind <= LEFT, kind == UP, kind == DOWN], [y, z, -z])
    return np.stack([first, second], axis=-1).astype(np.float32)


def shelves(sizes: NDArray[np.float64], texels: int) -> NDArray[np.float64] | None:
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
