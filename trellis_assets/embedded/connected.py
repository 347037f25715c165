"""Connected parts of a large, sparse graph in plain numpy: importing a solver costs more time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


def connected(count: int, first: Int, second: Int) -> tuple[int, Int]:
    """Number of parts of ``count`` nodes joined by the edges ``first[i]`` - ``second[i]``, and the
    part of each node (count,), numbered by their lowest node.

    Every root hangs itself below the lowest root beside it, trees are flattened, edges within a
    tree are dropped, until none is left (Shiloach & Vishkin 1982).
    """
    parent = np.arange(count, dtype=np.int64)
    high, low = np.maximum(first, second), np.minimum(first, second)
    while high.size:
        np.minimum.at(parent, high, low)
        while True:
            above = parent[parent]
            if np.array_equal(above, parent):
                break
            parent = above
        first, second = parent[high], parent[low]
        apart = first != second
        first, second = first[apart], second[apart]
        high, low = np.maximum(first, second), np.minimum(first, second)
    root = parent == np.arange(count)
    number = np.cumsum(root) - 1
    return int(root.sum()), number[parent]
