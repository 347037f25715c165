"""Two height sheets on the pixel grid, sewn at the outline: the cheap surface without remeshing.

Marching squares of the outline (a square with two diagonal inside corners is cut into two), once
seen from the front and once from the back, sharing the outline's vertices: closed and 2-manifold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.columns import CLEARANCE, Surface
from trellis_assets.embedded.fields import Solid

Int = NDArray[np.int64]

# Corners 0-3 counter-clockwise on screen from the top left: (0,0) (1,0) (1,1) (0,1) as (x, y);
# slot 4 + i is the crossing between corners i and i + 1. A square is a polygon of slots.
_SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))


def sew(solid: Solid) -> Surface:
    """Closed surface of ``solid``; same axes as ``columns.extract``."""
    inside = solid.inside
    ids = (np.cumsum(inside.ravel()) - 1).reshape(inside.shape)
    columns = int(inside.sum())
    rim_x, rim_y = inside[:, :-1] != inside[:, 1:], inside[:-1] != inside[1:]
    ids_x = (np.cumsum(rim_x.ravel()) - 1).reshape(rim_x.shape) + 2 * columns
    count_x = int(rim_x.sum())
    ids_y = (np.cumsum(rim_y.ravel()) - 1).reshape(rim_y.shape) + 2 * columns + count_x
    positions = np.concatenate(
        [_ends(solid), _rim(solid, rim_x, axis=1), _rim(solid, rim_y, axis=0)]
    )
    rows, cols = np.nonzero(inside[:-1, :-1] | inside[1:, :-1] | inside[:-1, 1:] | inside[1:, 1:])
    case = np.zeros(rows.size, dtype=np.int64)
    corner = np.empty((rows.size, 4), dtype=np.int64)
    for number, (dx, dy) in enumerate(_SQUARE):
        case |= inside[rows + dy, cols + dx].astype(np.int64) << number
        corner[:, number] = ids[rows + dy, cols + dx]
    rim = np.stack(
        [ids_x[rows, cols], ids_y[rows, cols + 1], ids_x[rows + 1, cols], ids_y[rows, cols]], axis=1
    )
    front = np.concatenate([2 * corner + 1, rim], axis=1)
    back = np.concatenate([2 * corner, rim], axis=1)
    pieces = []
    for number in range(1, 16):
        at = np.flatnonzero(case == number)
        for a, b, c in _polygon_triangles(number):
            # Slots run clockwise on a screen with y down once y is turned up: front is reversed.
            pieces.append(front[at][:, [a, c, b]])
            pieces.append(back[at][:, [a, b, c]])
    triangles = np.concatenate(pieces).astype(np.uint32) if pieces else np.empty((0, 3), np.uint32)
    return Surface(positions, triangles)


def _polygon_triangles(case: int) -> list[tuple[int, int, int]]:
    """Fans of slots for one case; every diagonal touches an inside corner."""
    inside = [bool(case >> i & 1) for i in range(4)]
    if case in (0b0101, 0b1010):
        return [(i, 4 + i, 4 + (i + 3) % 4) for i in range(4) if inside[i]]
    polygon: list[int] = []
    for i in range(4):
        if inside[i]:
            polygon.append(i)
        if inside[i] != inside[(i + 1) % 4]:
            polygon.append(4 + i)
    # The hub of the fan is an inside corner with inside or only outside neighbours on both sides.
    hub = next(
        (
            k
            for k, slot in enumerate(polygon)
            if slot < 4 and inside[(slot + 1) % 4] == inside[slot - 1]
        ),
        0,
    )
    polygon = polygon[hub:] + polygon[:hub]
    return [(polygon[0], polygon[k], polygon[k + 1]) for k in range(1, len(polygon) - 1)]


def _ends(solid: Solid) -> NDArray[np.float32]:
    rows, cols = np.nonzero(solid.inside)
    out = np.empty((2 * rows.size, 3), dtype=np.float32)
    out[0::2, 0] = out[1::2, 0] = cols
    out[0::2, 1] = out[1::2, 1] = rows
    middle = solid.middle[rows, cols]
    out[0::2, 2] = middle - solid.back[rows, cols]
    out[1::2, 2] = middle + solid.front[rows, cols]
    return out


def _rim(solid: Solid, rim: NDArray[np.bool_], *, axis: int) -> NDArray[np.float32]:
    rows, cols = np.nonzero(rim)
    cut = (solid.cut_x if axis == 1 else solid.cut_y)[rows, cols]
    t = np.where(solid.inside[rows, cols], cut, 1.0 - cut)
    t = np.clip(t, CLEARANCE, 1.0 - CLEARANCE)
    far = (rows, cols + 1) if axis == 1 else (rows + 1, cols)
    out = np.empty((rows.size, 3), dtype=np.float32)
    out[:, 0] = cols + (t if axis == 1 else 0.0)
    out[:, 1] = rows + (t if axis == 0 else 0.0)
    out[:, 2] = (1.0 - t) * solid.middle[rows, cols] + t * solid.middle[far]
    return out
