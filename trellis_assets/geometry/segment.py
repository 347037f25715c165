"""Cut a surface into few, fat charts that can be flattened.

Small patches grow first, as regions nearest to evenly spread seeds along the surface, where
crossing a crease costs extra (geodesic Voronoi regions). They are then merged, cheapest first by
the rise of the normal deviation (Cohen-Steiner et al., Variational Shape Approximation, 2004) per
squared length of common border, until normals would spread too far.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from .merge import Merging
from .topology import components, edges, face_vectors, neighbours, unit

_TRIANGLES_PER_PATCH = 12
_CREASE_COST = 12.0
Int64 = NDArray[np.int64]


class Dual:
    """Triangles as nodes, joined across manifold edges."""

    def __init__(self, positions: NDArray[Any], faces: Int64) -> None:
        self.pairs = neighbours(edges(faces))
        self.left, self.right = self.pairs[:, 0] // 3, self.pairs[:, 1] // 3
        vectors = face_vectors(positions, faces)
        self.vectors = vectors / 2.0
        self.area = np.linalg.norm(self.vectors, axis=1)
        self.normal = unit(vectors)
        self.centre = positions[faces].astype(np.float64).mean(axis=1)
        self.bend = np.einsum("ij,ij->i", self.normal[self.left], self.normal[self.right])
        ends = positions[faces].astype(np.float64)
        edge = (
            ends.reshape(-1, 3)[self.pairs[:, 0]]
            - np.roll(ends, -1, axis=1).reshape(-1, 3)[self.pairs[:, 0]]
        )
        self.length = np.linalg.norm(edge, axis=1)
        gap = np.linalg.norm(self.centre[self.left] - self.centre[self.right], axis=1)
        # Costs must stay above zero: a sparse graph has no zero links.
        floor = 1.0e-6 * float(np.sqrt(max(self.area.sum(), 1e-30)))
        self.cost = np.maximum(gap, floor) * (1.0 + _CREASE_COST * (1.0 - self.bend))

    def nearest(self, seeds: Int64, chosen: NDArray[np.bool_]) -> tuple[Int64, NDArray[Any]]:
        """Nearest seed triangle of each triangle, and how far; only across ``chosen`` pairs."""
        count = len(self.area)
        left, right, cost = self.left[chosen], self.right[chosen], self.cost[chosen]
        # Two triangles can share several edges; a sparse matrix would add their costs up.
        key = np.minimum(left, right) * count + np.maximum(left, right)
        _, first = np.unique(key, return_index=True)
        graph = coo_matrix((cost[first], (left[first], right[first])), shape=(count, count)).tocsr()
        distance, _, source = dijkstra(
            graph, directed=False, indices=seeds, min_only=True, return_predecessors=True
        )
        return source.astype(np.int64), distance


def segment(dual: Dual) -> Int64:
    """(T,) chart number of each triangle."""
    patch = _patches(dual)
    return Merging(dual.area, dual.vectors, patch).run(dual.left, dual.right, _border(dual))


def _border(dual: Dual) -> NDArray[np.float64]:
    """Length of the common edges; creases count for little, so that charts meet there."""
    return np.asarray(dual.length * np.clip(dual.bend, 0.1, 1.0))


def bisect(dual: Dual, chart: Int64, bad: Int64) -> Int64:
    """(T,) charts with each of the ``bad`` ones cut in two, far end from far end."""
    wrong = np.isin(chart, bad)
    inside = (chart[dual.left] == chart[dual.right]) & wrong[dual.left]
    first = _one_each(chart, bad)
    _, distance = dual.nearest(first, inside)
    ends = _farthest(chart, bad, distance)
    _, distance = dual.nearest(ends, inside)
    others = _farthest(chart, bad, distance)
    source, _ = dual.nearest(np.unique(np.concatenate([ends, others])), inside)
    # Whatever the walk cannot reach forms a chart with its like.
    split = np.where(wrong, len(chart) + 1 + np.where(source >= 0, source, -1 - chart), chart)
    return np.unique(split, return_inverse=True)[1].reshape(-1)


def _one_each(chart: Int64, wanted: Int64) -> Int64:
    order = np.argsort(chart, kind="stable")
    return order[np.searchsorted(chart[order], wanted)]


def _farthest(chart: Int64, wanted: Int64, distance: NDArray[Any]) -> Int64:
    """The triangle of each wanted chart that is farthest away but within reach."""
    reachable = np.where(np.isfinite(distance), distance, -1.0)
    order = np.lexsort((reachable, chart))
    return order[np.searchsorted(chart[order], wanted, side="right") - 1]


def _patches(dual: Dual) -> Int64:
    count = len(dual.area)
    piece = components(count, dual.left, dual.right)
    # Every piece gets a seed; the rest go to every n-th triangle along a space-filling order.
    _, first = np.unique(piece, return_index=True)
    spread = np.argsort(_morton(dual.centre), kind="stable")[::_TRIANGLES_PER_PATCH]
    seeds = np.unique(np.concatenate([first, spread]))
    source, _ = dual.nearest(seeds, np.ones(len(dual.left), bool))
    return np.unique(source, return_inverse=True)[1].reshape(-1)


def _morton(points: NDArray[np.float64]) -> Int64:
    """Position along a Z-order curve of 1024 cells a side."""
    low, high = points.min(axis=0), points.max(axis=0)
    cell = ((points - low) / max(float((high - low).max()), 1e-30) * 1023).astype(np.int64)
    code = np.zeros(len(points), np.int64)
    for bit in range(10):
        for axis in range(3):
            code |= ((cell[:, axis] >> bit) & 1) << (3 * bit + axis)
    return code
