"""Few charts without overlap: a front sheet, a back sheet, and side charts for what is steep.

Front and back are graphs over the picture plane, so that their plain projections cannot overlap.
Steep triangles become charts projected along x or y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.connected import connected

Float = NDArray[np.float32]
Int = NDArray[np.int64]

FRONT, BACK, RIGHT, LEFT, UP, DOWN = range(6)
# Outward unit vectors of the six directions, in grid axes.
_OUTWARD = np.array(
    [[0, 0, 1], [0, 0, -1], [1, 0, 0], [-1, 0, 0], [0, -1, 0], [0, 1, 0]], dtype=np.float32
)
LEAST_FACING = 0.05
VOTES = 3
SMALLEST_AREA = 1e-3


@dataclass(frozen=True)
class Charts:
    """``direction`` (T,) one of the six; ``chart`` (T,) number, 0 front, 1 back, then sides."""

    direction: NDArray[np.int8]
    chart: Int
    count: int


def charts(
    positions: Float, triangles: NDArray[np.uint32], pairs: Int, *, size: float, steep: float
) -> Charts:
    """Charts of a closed mesh in grid axes (x right, y down, z to the viewer).

    Below ``steep`` in |n_z| a triangle counts as side; ``size`` is the object's longest side.
    """
    normal = face_normals(positions, triangles)
    area = np.linalg.norm(normal, axis=1)
    unit = normal / np.maximum(area, 1e-12)[:, None]
    direction = facing(unit, steep)
    neighbours = (pairs // 3).reshape(-1, 3)
    for _ in range(VOTES):
        direction = _vote(direction, neighbours, unit)
    direction, part = _joined(direction, neighbours, unit, 0.5 * area, SMALLEST_AREA * size**2)
    side = direction >= RIGHT
    numbers, side_chart = np.unique(part[side], return_inverse=True)
    chart = direction.astype(np.int64)
    chart[side] = side_chart + 2
    return Charts(direction, chart, int(numbers.size) + 2)


def face_normals(positions: Float, triangles: NDArray[np.uint32]) -> Float:
    """Twice the area times the outward normal, (T, 3), in grid axes (y down flips the cross)."""
    a, b, c = (positions[triangles[:, i]] for i in range(3))
    return np.asarray(-np.cross(b - a, c - a), dtype=np.float32)


def facing(unit: Float, steep: float) -> NDArray[np.int8]:
    """The direction of each normal (T, 3); below ``steep`` in |n_z| one of the four sides."""
    x, y, z = unit[:, 0], unit[:, 1], unit[:, 2]
    across = np.where(x >= 0.0, RIGHT, LEFT)
    along = np.where(y <= 0.0, UP, DOWN)
    side = np.where(np.abs(x) >= np.abs(y), across, along)
    return np.where(z >= steep, FRONT, np.where(z <= -steep, BACK, side)).astype(np.int8)


def _vote(direction: NDArray[np.int8], neighbours: Int, unit: Float) -> NDArray[np.int8]:
    """A triangle takes the direction of two of its neighbours, unless it faces away from it."""
    first, second, third = (direction[neighbours[:, i]] for i in range(3))
    winner = np.where(
        (first == second) | (first == third), first, np.where(second == third, second, direction)
    )
    change = np.flatnonzero(winner != direction)
    facing = np.einsum("ij,ij->i", unit[change], _OUTWARD[winner[change]])
    change = change[facing > LEAST_FACING]
    result = direction.copy()
    result[change] = winner[change]
    return result


def _joined(
    direction: NDArray[np.int8], neighbours: Int, unit: Float, area: Float, smallest: float
) -> tuple[NDArray[np.int8], Int]:
    """Directions (T,) and patches (T,) where patches smaller than ``smallest`` have joined the
    larger ones around them, triangle by triangle, each the neighbour it faces most.

    What tips over in the middle of a sheet so stays in it; ``untangled`` spreads it out. Bodies
    without any large patch are divided into front and back.
    """
    part, count = _patches(direction, neighbours)
    direction, part = direction.copy(), part.copy()
    open_ = np.bincount(part, weights=area, minlength=count)[part] < smallest
    waiting = np.flatnonzero(open_)
    while waiting.size:
        around = neighbours[waiting]
        facing = np.einsum("ij,ikj->ik", unit[waiting], _OUTWARD[direction[around]])
        facing = np.where(open_[around], -np.inf, facing)
        best = facing.argmax(axis=1)
        ready = np.isfinite(facing.max(axis=1))
        if not ready.any():
            break
        found, source = waiting[ready], around[ready, best[ready]]
        direction[found], part[found] = direction[source], part[source]
        open_[found] = False
        waiting = waiting[~ready]
    direction[waiting] = np.where(unit[waiting, 2] >= 0.0, FRONT, BACK)
    return direction, part


def _patches(direction: NDArray[np.int8], neighbours: Int) -> tuple[Int, int]:
    """Connected patches of one direction; (T,) patch numbers and their count."""
    face = np.repeat(np.arange(len(direction)), 3)
    other = neighbours.ravel()
    same = (direction[face] == direction[other]) & (face < other)
    count, part = connected(len(direction), face[same], other[same])
    return part, count
