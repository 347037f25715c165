"""Ambient occlusion of a master at the texels of an atlas.

Traced on a coarse grid, because it varies slowly: 16 cosine-distributed rays per point, turned by
one of 16 angles in a 4 x 4 pattern that a filter of the same width averages to 256 directions
(interleaved sampling, Keller and Heidrich 2001). The filter and the interpolation stay in a chart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .raster import Texels
from .rays import RayScene, hemisphere
from .shading import any_perpendicular

GRID = 512
_RAYS = 16
_REACH = 0.2  # of the diagonal: what lies further away does not darken
_LIFT = 5.0e-4  # of the diagonal, off the surface
_KERNEL = np.array([0.5, 1.0, 1.0, 1.0, 0.5])
Float32 = NDArray[np.float32]


def trace(
    scene: RayScene,
    points: Float32,
    normals: Float32,
    flat_normals: Float32,
    turn: NDArray[np.int64],
    *,
    diagonal: float,
) -> Float32:
    """(N,) share of open sky at (N, 3) points.

    Args:
        scene: what may be in the way.
        points: (N, 3) on the surface.
        normals: (N, 3) unit shading normals.
        flat_normals: (N, 3) unit normals of the triangles; a ray below its own is open.
        turn: (N,) 0..15, which rotation of the directions to use.
        diagonal: of the model, metres.
    """
    side = any_perpendicular(normals.astype(np.float64)).astype(np.float32)
    other = np.cross(normals, side).astype(np.float32)
    angle = (turn * (2.0 * np.pi / 16.0)).astype(np.float32)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    side, other = side * cos + other * sin, other * cos - side * sin
    start = points + flat_normals * np.float32(_LIFT * diagonal)
    dark = np.zeros(len(points), np.float32)
    for x, y, z in hemisphere(_RAYS).astype(np.float32):
        direction = side * x + other * y + normals * z
        above = np.einsum("ij,ij->i", direction, flat_normals) > 0.02
        dark += scene.blocked(start, direction, _REACH * diagonal) & above
    return np.asarray(1.0 - dark / _RAYS, np.float32)


def smooth(values: Float32, grid: Texels, chart: NDArray[np.int64]) -> Float32:
    """(N,) values at a grid's texels averaged with their neighbours in the same chart."""
    size, pad = grid.size, 2
    image, label = _scatter(values, grid, chart)
    image, label = np.pad(image, pad), np.pad(label, pad, constant_values=-1)
    total = np.zeros((size, size), np.float32)
    weight = np.zeros((size, size), np.float32)
    own = label[pad:-pad, pad:-pad]
    for row in range(5):
        for column in range(5):
            there = (slice(row, row + size), slice(column, column + size))
            share = (label[there] == own) * np.float32(_KERNEL[row] * _KERNEL[column])
            total += share * image[there]
            weight += share
    result: Float32 = (total / weight).reshape(-1)[grid.index]
    return result


def spread(values: Float32, grid: Texels, chart: NDArray[np.int64], texels: Texels) -> Float32:
    """(M,) values of a coarse grid interpolated at the texels of a finer atlas, per chart."""
    image, label = _scatter(values, grid, chart)
    image, label = np.pad(image, 1), np.pad(label, 1, constant_values=-1)
    scale = grid.size / texels.size
    row = (texels.index // texels.size + 0.5) * scale + 0.5
    column = (texels.index % texels.size + 0.5) * scale + 0.5
    top, left = np.floor(row).astype(np.int64), np.floor(column).astype(np.int64)
    down, right = (row - top).astype(np.float32), (column - left).astype(np.float32)
    own = chart[texels.face]
    total = np.zeros(len(own), np.float32)
    weight = np.zeros(len(own), np.float32)
    for step_down in (0, 1):
        for step_right in (0, 1):
            place = (top + step_down) * (grid.size + 2) + left + step_right
            share = (down if step_down else 1 - down) * (right if step_right else 1 - right)
            share = (share + np.float32(1e-4)) * (label.reshape(-1)[place] == own)
            total += share * image.reshape(-1)[place]
            weight += share
    found = weight > 0.0
    return np.where(found, total / np.where(found, weight, 1.0), 1.0).astype(np.float32)


def _scatter(
    values: Float32, grid: Texels, chart: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    image = np.zeros(grid.size * grid.size, np.float32)
    label = np.full(grid.size * grid.size, -2, np.int64)
    image[grid.index] = values
    label[grid.index] = chart[grid.face]
    return image.reshape(grid.size, grid.size), label.reshape(grid.size, grid.size)
