"""How many triangles cover each texel, counted from the outlines of the charts alone.

A chart whose triangles all face the same way covers a point as often as its outline winds around
it. Outlines are short, so the whole atlas is counted in milliseconds, exactly: triangles that
share an edge share its rounding.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Int = NDArray[np.int64]
Mask = NDArray[np.bool_]
Counts = NDArray[np.int16]


def rim(chart: Int, pairs: Int, which: Int) -> Mask:
    """Which edges (N, 3) of the triangles ``which`` (N,) their chart ends at. ``chart`` (T,),
    ``pairs`` (3T,) opposite half-edges.
    """
    other: Mask = chart[which, None] != chart[pairs.reshape(-1, 3)[which] // 3]
    return other


def coverage(corners: Float, rim: Mask, *, texels: int) -> Counts:
    """Coverage of every texel centre (texels, texels): 0 or 1 in an honest atlas.

    ``corners`` (N, 3, 2) in texels, of whole charts seen from outside (the left sides of triangles
    run down the rows); ``rim`` (N, 3). A triangle that faces the other way counts -1.
    """
    face, first_corner = np.nonzero(rim)
    start = corners[face, first_corner].astype(np.float64)
    end = corners[face, (first_corner + 1) % 3].astype(np.float64)
    downwards = start[:, 1] < end[:, 1]
    upper = np.where(downwards[:, None], start, end)
    lower = np.where(downwards[:, None], end, start)
    first = np.clip(np.ceil(upper[:, 1] - 0.5), 0, texels).astype(np.int64)
    stop = np.clip(np.ceil(lower[:, 1] - 0.5), 0, texels).astype(np.int64)
    rows = stop - first
    edge = np.repeat(np.arange(face.size), rows)
    row = first[edge] + np.arange(edge.size) - np.repeat(np.cumsum(rows) - rows, rows)
    slope = (lower[:, 0] - upper[:, 0]) / np.maximum(lower[:, 1] - upper[:, 1], 1e-12)
    x = upper[edge, 0] + (row + 0.5 - upper[edge, 1]) * slope[edge]
    column = np.clip(np.ceil(x - 0.5), 0, texels).astype(np.int64)
    # One column more than there are texels takes what lies beyond the right edge.
    steps = np.zeros((texels, texels + 1), dtype=np.int16)
    np.add.at(steps, (row, column), np.where(downwards[edge], 1, -1).astype(np.int16))
    return np.cumsum(steps[:, :-1], axis=1, dtype=np.int16)


def within(boxes_low: Int, boxes_high: Int, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which boxes (N, 2) of columns and rows, both ends included, hold a ``marked`` texel."""
    side = len(marked)
    sums = np.asarray(cv2.integral(marked.astype(np.uint8)))
    low = np.clip(boxes_low, 0, side)
    high = np.clip(boxes_high + 1, low, side)
    total = sums[high[:, 1], high[:, 0]] - sums[low[:, 1], high[:, 0]]
    total += sums[low[:, 1], low[:, 0]] - sums[high[:, 1], low[:, 0]]
    found: NDArray[np.bool_] = total > 0
    return found
