"""Which texels of an atlas its triangles use, and for which chart."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

_FULL_GRID = 1024  # larger textures are covered at half their size, at most 2048 cells a side
_LARGEST_GRID = 2048
_MOST_WORK = 24_000_000  # rows of triangles and texels together: half a gigabyte, about a second


class Cover:
    """Triangles of an atlas on a square grid over the unit square of UV space.

    A cell belongs to a triangle that its centre lies in; centres on an edge go to one side, so
    that triangles which share an edge never overlap. Absurd layouts get a coarser grid.

    Attributes:
        grid: cells per side, a power of two.
        count: (grid * grid,) triangles per cell.
        chart: (grid * grid,) chart of the last one, -1 where there is none.
    """

    def __init__(self, uvs: NDArray[Any], faces: Int64, charts: Int64, *, texels: int) -> None:
        """(V, 2) UVs, (T, 3) triangles, (T,) charts, and the longest side of the texture."""
        self._uvs, self._faces = uvs, faces
        self.grid = _grid(uvs, faces, texels)
        cells, face = _centres(uvs, faces, self.grid)
        self.count = np.bincount(cells, minlength=self.grid**2)
        self.chart = np.full(self.grid**2, -1, np.int64)
        self.chart[cells] = charts[face]
        self._outside = bool(len(uvs) and (uvs.min() < -1e-3 or uvs.max() > 1.0 + 1e-3))

    @cached_property
    def used(self) -> Bool:
        """(grid, grid) cells in use; all of them for a texture that repeats over a triangle."""
        if self._outside:
            return np.ones((self.grid, self.grid), bool)
        return np.asarray(self.count > 0).reshape(self.grid, self.grid)

    def mixed(self, side: int) -> float:
        """Of the cells in use at ``side`` texels, the share that holds more than one chart."""
        highest, lowest = self._charts_at(side)
        used = highest >= 0
        return float(np.mean(highest[used] != lowest[used])) if used.any() else 0.0

    def mixing(self, side: int) -> Bool:
        """(S, S) those cells."""
        highest, lowest = self._charts_at(side)
        return np.asarray((highest >= 0) & (highest != lowest))

    def _charts_at(self, side: int) -> tuple[Int64, Int64]:
        """Highest and lowest chart in each cell at ``side`` texels, or a power of two below."""
        factor = self.grid // min(2 ** max(side.bit_length() - 1, 0) or 1, self.grid)
        return self._pooled[factor.bit_length() - 1]

    @cached_property
    def _pooled(self) -> list[tuple[Int64, Int64]]:
        """Highest and lowest chart in each cell, of the grid and of every grid half as fine."""
        highest = self.chart.reshape(self.grid, self.grid)
        lowest = np.where(highest < 0, np.iinfo(np.int64).max, highest)
        levels = [(highest, lowest)]
        while len(highest) > 1:
            highest, lowest = _halved(highest, np.maximum), _halved(lowest, np.minimum)
            levels.append((highest, lowest))
        return levels

    def faces_on(self, cells: Bool) -> Int64:
        """Numbers of the triangles that use any of the chosen cells, (S, S), S at most ``grid``."""
        factor = self.grid // len(cells)
        chosen = np.repeat(np.repeat(cells, factor, axis=0), factor, axis=1).reshape(-1)
        cell, face = _centres(self._uvs, self._faces, self.grid)
        return np.unique(face[chosen[cell]])

    def pick(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(N, C) the texel in the middle of each used cell of an (H, W, C) texture."""
        rows = (2 * np.arange(self.grid) + 1) * pixels.shape[0] // (2 * self.grid)
        columns = (2 * np.arange(self.grid) + 1) * pixels.shape[1] // (2 * self.grid)
        return np.asarray(pixels[rows][:, columns][self.used])


def _halved(cells: Int64, pick: np.ufunc) -> Int64:
    """The highest or lowest number in each block of 2 x 2 cells."""
    rows = pick(cells[0::2], cells[1::2])
    return np.asarray(pick(rows[:, 0::2], rows[:, 1::2]), np.int64)


def _grid(uvs: NDArray[Any], faces: Int64, texels: int) -> int:
    wanted = texels if texels <= _FULL_GRID else min(texels // 2, _LARGEST_GRID)
    grid = 1 << max(wanted.bit_length() - 1, 0)
    shape = np.clip(uvs[faces].astype(np.float64), 0.0, 1.0)
    a, b, c = shape[:, 0], shape[:, 1], shape[:, 2]  # several times faster than along the axis
    extent = np.maximum(np.maximum(a, b), c) - np.minimum(np.minimum(a, b), c)
    height, box = float(extent[:, 1].sum()), float((extent[:, 0] * extent[:, 1]).sum())
    while grid > 1 and len(faces) + height * grid + box / 2 * grid**2 > _MOST_WORK:
        grid //= 2
    return grid


def _centres(uvs: NDArray[Any], faces: Int64, grid: int) -> tuple[Int64, Int64]:
    """(N,) cell and triangle of every pair of a triangle and a cell centre in it."""
    corners = uvs[faces].astype(np.float64) * grid - 0.5  # centres at whole numbers
    order = np.argsort(corners[:, :, 1], axis=1, kind="stable")
    corners = np.take_along_axis(corners, order[:, :, None], axis=1)  # upwards
    first = np.clip(np.ceil(corners[:, 0, 1]), 0, grid).astype(np.int64)
    end = np.clip(np.ceil(corners[:, 2, 1]), 0, grid).astype(np.int64)
    face, row = _ranges(first, end)
    low, middle, high = corners[face, 0], corners[face, 1], corners[face, 2]
    upper = (row >= middle[:, 1])[:, None]
    long_side = _crossing(low, high, row)
    short_side = _crossing(np.where(upper, middle, low), np.where(upper, high, middle), row)
    left = np.ceil(np.minimum(long_side, short_side))
    right = np.ceil(np.maximum(long_side, short_side))
    span, column = _ranges(
        np.clip(left, 0, grid).astype(np.int64), np.clip(right, 0, grid).astype(np.int64)
    )
    return row[span] * grid + column, face[span]


def _crossing(start: NDArray[Any], end: NDArray[Any], row: Int64) -> NDArray[np.float64]:
    """Where (M, 2) edges, lower end first, cross their row; the same for whoever shares them."""
    rise = end[:, 1] - start[:, 1]
    along = (row - start[:, 1]) / np.where(rise > 0.0, rise, 1.0)
    return np.asarray(start[:, 0] + along * (end[:, 0] - start[:, 0]))


def _ranges(first: Int64, end: Int64) -> tuple[Int64, Int64]:
    """Every whole number of each half-open range, and the number of its range before it."""
    length = np.maximum(end - first, 0)
    owner = np.repeat(np.arange(len(length)), length)
    before = np.cumsum(length) - length
    return owner, np.arange(len(owner)) - before[owner] + first[owner]
