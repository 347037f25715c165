"""How triangles hang together: welded vertices, edges, components, UV patches.

A GLB repeats a vertex wherever its normal or UV differs, so that its index buffer says nothing
about holes or neighbours. Topology is judged on positions welded together; attributes stay with
the vertices of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh

Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Edges:
    """The undirected edges of a triangle list and the half-edges that make them up.

    Half-edge ``h`` runs from corner ``h % 3`` to the next corner of triangle ``h // 3``.
    """

    of_halfedge: Int64  # (3 T,) edge number
    forward: NDArray[np.bool_]  # (3 T,) runs from the lower vertex number to the higher
    faces: Int64  # (E,) how many triangles share the edge
    balance: Int64  # (E,) triangles running forward minus backward
    ends: Int64  # (E, 2) vertex numbers, lower first

    @property
    def border(self) -> NDArray[np.bool_]:
        """(E,) edges of one triangle."""
        return np.asarray(self.faces == 1)

    @property
    def crowded(self) -> NDArray[np.bool_]:
        """(E,) edges of more than two triangles."""
        return np.asarray(self.faces > 2)


def weld(positions: NDArray[np.float32], *, tolerance: float = 0.0) -> tuple[Int64, Int64]:
    """Vertices at one place become one.

    Args:
        positions: (V, 3).
        tolerance: metres; points closer than this are joined (single linkage), 0 joins equals.

    Returns:
        (V,) number of the welded vertex of each vertex, and (W,) the first vertex of each welded
        one. Numbers follow first appearance.
    """
    rows = np.ascontiguousarray(positions, np.float32) + np.float32(0.0)
    keys = rows.view(np.dtype((np.void, 12))).reshape(-1)
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    if tolerance > 0.0 and len(first) > 1:
        from scipy.spatial import cKDTree

        pairs = cKDTree(rows[first]).query_pairs(tolerance, output_type="ndarray")
        label = components(len(first), pairs[:, 0], pairs[:, 1])
        group = label[group]
    return _by_first_appearance(group)


def _by_first_appearance(group: Int64) -> tuple[Int64, Int64]:
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[inverse.reshape(-1)], first[order]


def concatenated(meshes: Sequence[Mesh]) -> tuple[NDArray[np.float32], Int64]:
    """(V, 3) positions and (T, 3) triangles of several meshes as one; vertices keep their order."""
    starts = np.cumsum([0, *(mesh.vertex_count for mesh in meshes)])[:-1]
    faces = [
        mesh.triangles.astype(np.int64) + start for mesh, start in zip(meshes, starts, strict=True)
    ]
    return np.concatenate([mesh.positions for mesh in meshes]), np.concatenate(faces)


def edges(faces: NDArray[Any]) -> Edges:
    """Find the edges of (T, 3) triangles over welded vertices."""
    tails = np.asarray(faces, np.int64).reshape(-1)
    heads = np.roll(np.asarray(faces, np.int64), -1, axis=1).reshape(-1)
    forward = tails < heads
    low, high = np.minimum(tails, heads), np.maximum(tails, heads)
    base = int(high.max()) + 1 if len(high) else 1
    keys, inverse = np.unique(low * base + high, return_inverse=True)
    inverse = inverse.reshape(-1)
    count = np.bincount(inverse, minlength=len(keys))
    ahead = np.bincount(inverse, weights=forward, minlength=len(keys)).astype(np.int64)
    ends = np.stack([keys // base, keys % base], axis=1)
    return Edges(inverse, forward, count, 2 * ahead - count, ends)


def neighbours(found: Edges) -> Int64:
    """(M, 2) the two half-edges of every edge that exactly two triangles share."""
    order = np.argsort(found.of_halfedge, kind="stable")
    pair: Int64 = order[np.repeat(found.faces == 2, found.faces)]
    return pair.reshape(-1, 2)


def components(count: int, left: NDArray[Any], right: NDArray[Any]) -> Int64:
    """(count,) label of the connected component of each node, from (M,) links."""
    from scipy.sparse import coo_matrix  # these two take a fifth of a second
    from scipy.sparse.csgraph import connected_components

    links = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    labels: Int64 = connected_components(links, directed=False)[1].astype(np.int64)
    return labels


def face_components(faces: NDArray[Any], vertex_count: int) -> Int64:
    """(T,) label of the piece each triangle belongs to; triangles hang together by vertices."""
    if len(faces) == 0:
        return np.empty(0, np.int64)
    left = np.concatenate([faces[:, 0], faces[:, 1]])
    right = np.concatenate([faces[:, 1], faces[:, 2]])
    labels = components(vertex_count, left, right)[faces[:, 0]]
    present = np.zeros(vertex_count, np.int64)
    present[labels] = 1
    return np.asarray((np.cumsum(present) - 1)[labels])


def face_vectors(positions: NDArray[Any], faces: NDArray[Any]) -> NDArray[np.float64]:
    """(T, 3) normals whose length is twice the triangle's area."""
    wide = np.asarray(positions, np.float64)
    a, b, c = (np.take(wide, faces[:, corner], axis=0) for corner in range(3))
    (ux, uy, uz), (vx, vy, vz) = ((b - a).T, (c - a).T)
    return np.stack([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx], axis=1)


def unit(vectors: NDArray[Any]) -> NDArray[np.float64]:
    """(N, K) rows scaled to length 1; a zero row stays zero."""
    wide = np.asarray(vectors, np.float64)
    length = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    return wide / np.where(length > 0.0, length, 1.0)[:, None]


def unit32(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """:func:`unit` in single precision, for the millions of vectors of a bake."""
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return np.asarray(vectors / np.where(length > 1e-20, length, 1.0), np.float32)
