"""Half-edge pairing of an oriented, edge-balanced triangle soup.

Half-edge ``3 f + i`` runs from corner i to corner i+1 of triangle f.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.order import stable_order

Int = NDArray[np.int64]


def next_half_edge(half_edges: Int) -> Int:
    """The following half-edge in the same triangle."""
    return np.where(half_edges % 3 == 2, half_edges - 2, half_edges + 1)


def ends(triangles: NDArray[np.uint32]) -> tuple[Int, Int]:
    """Start and end vertex of every half-edge, (3T,) each."""
    start = triangles.ravel().astype(np.int64)
    end = np.roll(triangles, -1, axis=1).ravel().astype(np.int64)
    return start, end


def twins(triangles: NDArray[np.uint32], vertex_count: int) -> tuple[Int, NDArray[np.bool_]]:
    """The opposite half-edge of each half-edge, -1 without one, and which lie on crowded edges.

    On an edge with more than two triangles the n-th half-edge in one direction is paired with the
    n-th in the other: any such pairing keeps the orientation.
    """
    start, end = ends(triangles)
    forward = start < end
    key = np.where(forward, start * vertex_count + end, end * vertex_count + start)
    order = stable_order(2 * key + forward)
    sorted_key = key[order]
    fresh = np.concatenate([[True], sorted_key[1:] != sorted_key[:-1]])
    group = np.cumsum(fresh) - 1
    first = np.flatnonzero(fresh)
    size = np.diff(np.concatenate([first, [order.size]]))
    backward_count = np.add.reduceat((~forward[order]).astype(np.int64), first)
    rank = np.arange(order.size) - first[group]
    # Backward ones come first in a group: number r is paired with number r + backward_count.
    is_backward = rank < backward_count[group]
    partner_rank = np.where(is_backward, rank + backward_count[group], rank - backward_count[group])
    forward_count = size - backward_count
    valid = np.where(
        is_backward,
        rank < forward_count[group],
        rank - backward_count[group] < backward_count[group],
    )
    partner = np.minimum(first[group] + partner_rank, order.size - 1)
    result = np.full(order.size, -1, dtype=np.int64)
    result[order[valid]] = order[partner[valid]]
    crowded = np.zeros(order.size, dtype=bool)
    crowded[order] = size[group] > 2
    return result, crowded
