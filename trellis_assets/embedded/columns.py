"""Column marching cubes: a closed surface around one interval of every pixel column.

The solid is ``u(x, y) - z^2 > 0`` with separate u for front and back. Because a column holds one
interval around z = 0, vertices on cell edges have closed-form numbers (prefix sums of the height
differences of neighbouring columns) and the cells cut by the surface are known ranges: no volume,
no hashing, memory proportional to the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.batches import batches
from trellis_assets.embedded.cases import table
from trellis_assets.embedded.fields import Solid

Float = NDArray[np.float32]
Int = NDArray[np.int64]

# Crossings keep this far from grid points, so that no two vertices ever coincide.
CLEARANCE = 0.03
CELLS_AT_ONCE = 400_000


@dataclass(frozen=True)
class Surface:
    """``positions`` (V, 3) float32 in grid units (x right, y down, z to the viewer), ``triangles``
    (T, 3) uint32, counter-clockwise from outside once y is turned up.
    """

    positions: Float
    triangles: NDArray[np.uint32]


@dataclass(frozen=True)
class _Columns:
    """Per column the lowest and highest inside level; an empty column has low 1 and high 0."""

    low: Int
    high: Int
    inside: NDArray[np.bool_]


def triangle_estimate(solid: Solid) -> int:
    """Triangles that ``extract`` would make (twice its vertices, exact but for the genus)."""
    columns = _levels(solid)
    along_x = _crossings(columns.low, columns.high, axis=1).sum()
    along_y = _crossings(columns.low, columns.high, axis=0).sum()
    return int(2 * (2 * columns.inside.sum() + along_x + along_y))


def extract(solid: Solid) -> Surface:
    """The surface of ``solid``: closed, 2-manifold, every vertex at its own position."""
    columns = _levels(solid)
    rows, width = columns.inside.shape
    ends = np.cumsum(columns.inside.ravel(), dtype=np.int64)
    column_ids = (ends - 1).reshape(rows, width)
    count = 2 * int(ends[-1]) if ends.size else 0
    edges_x = _EdgeNumbers.along(columns, axis=1, start=count)
    edges_y = _EdgeNumbers.along(columns, axis=0, start=edges_x.stop)
    positions = np.empty((edges_y.stop, 3), dtype=np.float32)
    _place_column_ends(solid, columns, positions[:count])
    _place_crossings(solid, columns, 1, positions[count : edges_x.stop])
    _place_crossings(solid, columns, 0, positions[edges_x.stop :])
    triangles = _cells(columns, column_ids, edges_x, edges_y)
    return Surface(positions, triangles)


def _levels(solid: Solid) -> _Columns:
    inside = solid.inside
    high = np.where(inside, np.floor(np.maximum(solid.front - CLEARANCE, 0.0)), 0).astype(np.int64)
    low = np.where(inside, -np.floor(np.maximum(solid.back - CLEARANCE, 0.0)), 1).astype(np.int64)
    return _Columns(low, high, inside)


def _crossings(low: Int, high: Int, *, axis: int) -> Int:
    return np.abs(np.diff(low, axis=axis)) + np.abs(np.diff(high, axis=axis))


def _pair(values: Int, axis: int) -> tuple[Int, Int]:
    """The two columns of each edge along ``axis`` (1: x, 0: y)."""
    return (values[:, :-1], values[:, 1:]) if axis == 1 else (values[:-1], values[1:])


@dataclass(frozen=True)
class _EdgeNumbers:
    """Vertex number at level k of an edge: ``lower + k`` below ``split``, else ``upper + k``."""

    lower: Int
    upper: Int
    split: Int
    stop: int

    @classmethod
    def along(cls, columns: _Columns, *, axis: int, start: int) -> _EdgeNumbers:
        low_a, low_b = _pair(columns.low, axis)
        high_a, high_b = _pair(columns.high, axis)
        counts = np.abs(low_a - low_b) + np.abs(high_a - high_b)
        ends = np.cumsum(counts.ravel(), dtype=np.int64)
        base = start + (ends - counts.ravel()).reshape(counts.shape)
        below = np.abs(low_a - low_b)
        lower = base - np.minimum(low_a, low_b)
        upper = base + below - np.minimum(high_a, high_b) - 1
        stop = start + (int(ends[-1]) if ends.size else 0)
        return cls(lower, upper, np.maximum(low_a, low_b), stop)


def _place_column_ends(solid: Solid, columns: _Columns, out: Float) -> None:
    rows, cols = np.nonzero(columns.inside)
    high = columns.high[rows, cols]
    low = columns.low[rows, cols]
    front = np.clip(solid.front[rows, cols] - high, CLEARANCE, 1.0 - CLEARANCE) + high
    back = np.clip(solid.back[rows, cols] + low, CLEARANCE, 1.0 - CLEARANCE) - low
    middle = solid.middle[rows, cols]
    out[0::2, 0] = out[1::2, 0] = cols
    out[0::2, 1] = out[1::2, 1] = rows
    out[0::2, 2] = middle - back
    out[1::2, 2] = middle + front


def _place_crossings(solid: Solid, columns: _Columns, axis: int, out: Float) -> None:
    """Vertices on the edges along ``axis``, in the order of ``_EdgeNumbers``."""
    low_a, low_b = (half.ravel() for half in _pair(columns.low, axis))
    high_a, high_b = (half.ravel() for half in _pair(columns.high, axis))
    below = np.abs(low_a - low_b)
    counts = below + np.abs(high_a - high_b)
    used = np.flatnonzero(counts)
    counts, below = counts[used], below[used]
    edge = np.repeat(np.arange(used.size), counts)
    nth = np.arange(edge.size) - np.repeat(np.cumsum(counts) - counts, counts)
    lowest = np.minimum(low_a, low_b)[used][edge]
    highest = np.minimum(high_a, high_b)[used][edge]
    level = np.where(nth < below[edge], lowest + nth, highest + 1 + nth - below[edge])
    rows, cols = np.divmod(used[edge], columns.inside.shape[1] - (1 if axis == 1 else 0))
    next_rows, next_cols = (rows, cols + 1) if axis == 1 else (rows + 1, cols)
    height = np.where(level > 0, solid.front[rows, cols], solid.back[rows, cols])
    next_height = np.where(
        level > 0, solid.front[next_rows, next_cols], solid.back[next_rows, next_cols]
    )
    z2 = (level * level).astype(np.float32)
    here, there = height * height, next_height * next_height
    a_in = columns.inside[rows, cols]
    both = a_in & columns.inside[next_rows, next_cols]
    difference = np.where(np.abs(here - there) > 1e-6, here - there, 1.0)
    at_slope = (here - z2) / difference
    inner = np.maximum(np.where(a_in, here, there), 1e-6)
    cut = solid.cut_x if axis == 1 else solid.cut_y
    reach = cut[rows, cols] * np.clip(1.0 - z2 / inner, 0.0, 1.0)
    t = np.where(both, at_slope, np.where(a_in, reach, 1.0 - reach))
    t = np.clip(t, CLEARANCE, 1.0 - CLEARANCE)
    middle = (1.0 - t) * solid.middle[rows, cols] + t * solid.middle[next_rows, next_cols]
    out[:, 0] = cols + (t if axis == 1 else 0.0)
    out[:, 1] = rows + (t if axis == 0 else 0.0)
    out[:, 2] = level + middle


def _cells(
    columns: _Columns, column_ids: Int, edges_x: _EdgeNumbers, edges_y: _EdgeNumbers
) -> NDArray[np.uint32]:
    """Triangles of all cut cells, a band of them at a time."""
    corner = [
        (slice(dy, -1 + dy or None), slice(dx, -1 + dx or None)) for dy in (0, 1) for dx in (0, 1)
    ]
    lows = [columns.low[part].ravel() for part in corner]
    highs = [columns.high[part].ravel() for part in corner]
    bottom, floor = np.minimum.reduce(lows), np.maximum.reduce(lows)
    ceiling, top = np.minimum.reduce(highs), np.maximum.reduce(highs)
    any_inside = np.logical_or.reduce([columns.inside[part].ravel() for part in corner])
    merged = floor > ceiling
    below = np.where(merged, top - bottom + 2, floor - bottom + 1) * any_inside
    above = np.where(merged, 0, top - ceiling + 1) * any_inside
    pieces: list[NDArray[np.uint32]] = []
    for cell, nth in batches(below + above, CELLS_AT_ONCE):
        level = np.where(
            nth < below[cell], bottom[cell] - 1 + nth, ceiling[cell] + nth - below[cell]
        )
        pieces.append(_triangles(columns, column_ids, edges_x, edges_y, cell, level, lows, highs))
    if not pieces:
        return np.empty((0, 3), dtype=np.uint32)
    return np.concatenate(pieces)


def _triangles(
    columns: _Columns,
    column_ids: Int,
    edges_x: _EdgeNumbers,
    edges_y: _EdgeNumbers,
    cell: Int,
    level: Int,
    lows: list[Int],
    highs: list[Int],
) -> NDArray[np.uint32]:
    triangles, amounts = table()
    case = np.zeros(cell.size, dtype=np.int64)
    for number in range(4):
        low, high = lows[number][cell], highs[number][cell]
        case |= ((low <= level) & (level <= high)).astype(np.int64) << number
        case |= ((low <= level + 1) & (level + 1 <= high)).astype(np.int64) << (number + 4)
    rows, cols = np.divmod(cell, columns.inside.shape[1] - 1)
    numbers = np.empty((cell.size, 12), dtype=np.uint32)
    for edge in range(4):
        first, second = edge & 1, edge >> 1
        numbers[:, edge] = _number(edges_x, rows + first, cols, level + second)
        numbers[:, 4 + edge] = _number(edges_y, rows, cols + first, level + second)
        numbers[:, 8 + edge] = 2 * column_ids[rows + second, cols + first] + (level >= 0)
    amount = amounts[case]
    owner = np.repeat(np.arange(cell.size), amount)
    nth = np.arange(owner.size) - np.repeat(np.cumsum(amount) - amount, amount)
    chosen = triangles[case[owner], nth].astype(np.int64)
    return numbers[owner[:, None], chosen]


def _number(edges: _EdgeNumbers, rows: Int, cols: Int, level: Int) -> Int:
    below = level < edges.split[rows, cols]
    return np.where(below, edges.lower[rows, cols], edges.upper[rows, cols]) + level
