"""All triangles of a model as one welded surface, measured once for the rules that ask."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.geometry.rows import same_rows
from trellis_assets.geometry.topology import (
    Edges,
    concatenated,
    edges,
    face_components,
    face_vectors,
)
from trellis_assets.gltf import Mesh

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]


class Surface:
    """Triangles of all parts over welded positions; every array is computed when first asked for.

    Attributes:
        positions: (V, 3) of all parts, one after the other.
        faces: (T, 3) into ``positions``.
        part: (T,) number of the part a triangle belongs to.
    """

    def __init__(self, meshes: Sequence[Mesh]) -> None:
        self.meshes = tuple(meshes)
        self.positions, self.faces = concatenated(self.meshes)
        counts = [mesh.triangle_count for mesh in self.meshes]
        self.part = np.repeat(np.arange(len(counts)), counts)

    @cached_property
    def _weld(self) -> tuple[Int64, Int64]:
        return same_rows(self.positions)

    @cached_property
    def points(self) -> NDArray[np.float32]:
        """(W, 3) welded positions."""
        return self.positions[self._weld[1]]

    @cached_property
    def welded(self) -> Int64:
        """(T, 3) triangles over ``points``."""
        return self._weld[0][self.faces]

    @cached_property
    def vectors(self) -> Float64:
        """(T, 3) face normals, twice the area long."""
        return face_vectors(self.points, self.welded)

    @cached_property
    def area(self) -> Float64:
        """(T,) square metres."""
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", self.vectors, self.vectors)) / 2.0)

    @cached_property
    def collapsed(self) -> Bool:
        """(T,) triangles with two corners in one place."""
        a, b, c = self.welded.T
        return np.asarray((a == b) | (b == c) | (c == a))

    @cached_property
    def flat(self) -> Bool:
        """(T,) triangles without area whose corners lie in three places."""
        return np.asarray(~self.collapsed & (self.area == 0.0))

    @cached_property
    def solid(self) -> Int64:
        """(S,) numbers of the triangles with three distinct corners, each but once."""
        return np.flatnonzero(~self.collapsed & ~self.repeated)

    @cached_property
    def _turned_alike(self) -> tuple[Int64, Int64]:
        """(T,) group of each triangle by corners and winding, and the first of each group."""
        a, b, c = self.welded.T
        from_a, from_b = (a <= b) & (a <= c), b <= c  # the lowest number goes first
        rotated = [
            np.where(from_a, one, np.where(from_b, two, three))
            for one, two, three in ((a, b, c), (b, c, a), (c, a, b))
        ]
        return same_rows(np.stack(rotated, axis=1).astype(np.uint32))

    @cached_property
    def repeated(self) -> Bool:
        """(T,) triangles with the corners and the winding of an earlier one."""
        again = ~self.collapsed
        again[self._turned_alike[1]] = False
        return again

    @property
    def coincident(self) -> Bool:
        """(T,) those and the ones that they repeat."""
        group = self._turned_alike[0]
        return np.asarray(np.isin(group, group[self.repeated]))

    @cached_property
    def edges(self) -> Edges:
        """Edges of the solid triangles."""
        return edges(self.welded[self.solid])

    @cached_property
    def diagonal(self) -> float:
        """Of the bounding box, metres."""
        if not len(self.points):
            return 0.0
        return float(np.linalg.norm(np.ptp(self.points.astype(np.float64), axis=0)))

    @cached_property
    def pieces(self) -> Int64:
        """(S,) connected piece of each solid triangle."""
        return face_components(self.welded[self.solid], len(self.points))

    @cached_property
    def shells(self) -> Shells:
        """The connected pieces, measured."""
        return Shells(self)

    def faces_at(self, chosen: Bool) -> Int64:
        """Triangles (T,) that own a chosen (E,) edge."""
        owners = np.flatnonzero(chosen[self.edges.of_halfedge]) // 3
        return self.solid[np.unique(owners)]


class Shells:
    """The P connected pieces of a surface."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self.label = surface.pieces
        self.count = int(self.label.max(initial=-1)) + 1

    @cached_property
    def triangles(self) -> Int64:
        """(P,) triangles of each."""
        return np.bincount(self.label, minlength=self.count)

    @cached_property
    def closed(self) -> Bool:
        """(P,) whether every edge is run along as often one way as the other."""
        found = self._surface.edges
        open_corner = found.balance[found.of_halfedge] != 0
        leaks = np.bincount(np.repeat(self.label, 3)[open_corner], minlength=self.count)
        return np.asarray(leaks == 0)

    @cached_property
    def volume(self) -> Float64:
        """(P,) signed volume, m3; negative for a closed piece that faces inwards."""
        surface = self._surface
        faces = surface.welded[surface.solid]
        # About each piece's own corner, so that a far-off origin costs no digits.
        first = np.empty(self.count, np.int64)
        first[self.label[::-1]] = np.arange(len(self.label))[::-1]
        base = surface.points[faces[first, 0]].astype(np.float64)[self.label]
        centre = surface.points[faces].astype(np.float64).sum(axis=1) / 3.0 - base
        cone = np.einsum("ij,ij->i", centre, surface.vectors[surface.solid]) / 6.0
        return np.asarray(np.bincount(self.label, weights=cone, minlength=self.count), np.float64)

    @cached_property
    def boxes(self) -> Float64:
        """(P, 2, 3) lower and upper corners."""
        surface = self._surface
        faces = surface.welded[surface.solid]
        order = np.argsort(self.label, kind="stable")
        start = np.searchsorted(self.label[order], np.arange(self.count))
        corners = surface.points[faces[order]].astype(np.float64)
        low = np.minimum.reduceat(corners.min(axis=1), start, axis=0)
        high = np.maximum.reduceat(corners.max(axis=1), start, axis=0)
        return np.stack([low, high], axis=1)

    def triangles_of(self, piece: int) -> Int64:
        """Numbers of a piece's triangles in the surface."""
        return np.asarray(self._surface.solid[self.label == piece])

    def adrift(self, size: float) -> Bool:
        """(P,) specks, and small pieces further from the large ones than they are wide.

        Args:
            size: of the model's diagonal; below it a piece is small, below a tenth of it a speck.
        """
        if self.count < 2:
            return np.zeros(self.count, bool)
        from scipy.spatial import cKDTree  # takes a quarter of a second

        surface = self._surface
        extent = np.linalg.norm(np.ptp(self.boxes, axis=1), axis=1)
        small = extent < size * surface.diagonal
        if not small.any() or small.all():
            return np.zeros(self.count, bool)
        corners = surface.welded[surface.solid]
        anchors = surface.points[np.unique(corners[~small[self.label]])]
        mine = np.flatnonzero(small[self.label])
        distance = cKDTree(anchors).query(surface.points[corners[mine].reshape(-1)])[0]
        gap = np.full(self.count, np.inf)
        np.minimum.at(gap, np.repeat(self.label[mine], 3), distance)
        return np.asarray(small & ((extent < 0.1 * size * surface.diagonal) | (gap > extent)))

    @cached_property
    def inside(self) -> Bool:
        """(P,) pieces that lie inside another, closed and opaque-sided one.

        A point is inside where the winding number of the other piece is not zero (Jacobson et
        al. 2013). Only candidates by bounding box are tried, the largest first, 64 at most.
        """
        hidden = np.zeros(self.count, bool)
        if self.count < 2:
            return hidden
        outer = np.flatnonzero(self.closed)
        size = np.ptp(self.boxes, axis=1)
        outer = outer[np.argsort(-np.prod(size[outer], axis=1), kind="stable")][:64]
        order = np.argsort(-self.triangles, kind="stable")
        tried = 0
        for container in outer:
            low, high = self.boxes[container]
            within = (self.boxes[:, 0] > low).all(axis=1) & (self.boxes[:, 1] < high).all(axis=1)
            for piece in order[within[order] & ~hidden[order]]:
                tried += 1
                if tried > 64:
                    return hidden
                hidden[piece] = self._winding(int(piece), int(container)) > 0.5
        return hidden

    def _winding(self, piece: int, container: int) -> float:
        surface = self._surface
        corner = surface.welded[self.triangles_of(piece)[0], 0]
        around = surface.welded[self.triangles_of(container)]
        return abs(winding_number(surface.points[corner], surface.points, around))


def winding_number(point: NDArray[Any], points: NDArray[Any], faces: NDArray[Any]) -> float:
    """How often (T, 3) triangles go around a point: the sum of their solid angles over 4 pi.

    Van Oosterom and Strackee, The solid angle of a plane triangle, 1983.
    """
    a, b, c = (points[faces[:, corner]].astype(np.float64) - point for corner in range(3))
    la, lb, lc = (np.sqrt(np.einsum("ij,ij->i", v, v)) for v in (a, b, c))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c))
    ab, bc, ca = (np.einsum("ij,ij->i", u, v) for u, v in ((a, b), (b, c), (c, a)))
    return float(np.arctan2(volume, la * lb * lc + ab * lc + bc * la + ca * lb).sum() / (2 * np.pi))
