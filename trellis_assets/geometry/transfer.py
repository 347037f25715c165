"""Which point of the master each texel of the new atlas shows.

What lies a hair above a texel hides the rest: under a lid as high as the simplified mesh may be
off, the outermost surface wins. Elsewhere a ray goes both ways along the texel's normal, and the
nearer hit that faces the same way wins. Where none does (a rounded-off rim, a thin sheet's other
side), the closest point whose normal agrees is taken, so that the back of a thin sheet is never
baked onto its front.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .nearest import closest_points
from .rays import Hits
from .source import Source
from .topology import face_vectors, unit

Float32 = NDArray[np.float32]
_FACING = 0.2  # cosine: a hit surface must not turn further from the texel's normal than 78 degrees
_CANDIDATES = 6


@dataclass(frozen=True, eq=False)
class Match:
    """A point on the source for every query."""

    face: NDArray[np.int64]  # (N,)
    weights: Float32  # (N, 3) barycentric
    fallback: int
    """How many came from the closest-point search."""


class Matcher:
    """Looks points up on a source; builds its closest-point tree only when a ray misses."""

    def __init__(self, source: Source, *, diagonal: float, reach: float, lid: float = 0.0) -> None:
        """``reach`` and ``lid`` are metres; without a lid the nearer surface wins everywhere."""
        self._source = source
        self._reach = reach
        self._lid = lid
        self._lift = diagonal * 1.0e-5
        self._turn = diagonal * 0.05
        self._tree: cKDTree | None = None
        self._building = Lock()  # several threads may miss at once

    def match(self, points: Float32, normals: Float32) -> Match:
        """Source points for (N, 3) surface points with (N, 3) unit normals."""
        if self._lid <= 0.0:
            return self._nearer(points, normals)
        # As far below the surface as above it: what is met first there is nearer than the rest.
        start = points + normals * np.float32(self._lid)
        found = self._source.scene.cast(start, -normals, 2.0 * self._lid)
        face, weights = found.face.copy(), _weights(found)
        rest = np.flatnonzero(~self._faces_same_way(found, normals))
        other = self._nearer(points[rest], normals[rest])
        face[rest], weights[rest] = other.face, other.weights
        return Match(face, weights, other.fallback)

    def _nearer(self, points: Float32, normals: Float32) -> Match:
        inward = self._cast(points, normals, -1.0, self._reach)
        good = self._faces_same_way(inward, normals)
        # The way out needs to look no further than the hit already found.
        limit = np.where(good, inward.distance, np.float32(self._reach)).astype(np.float32)
        outward = self._cast(points, normals, 1.0, limit)
        better = self._faces_same_way(outward, normals)
        better &= ~good | (outward.distance < inward.distance)

        face = np.where(better, outward.face, inward.face)
        weights = np.where(better[:, None], _weights(outward), _weights(inward))
        missed = np.flatnonzero(~(good | better))
        if len(missed):
            face[missed], weights[missed] = self._closest(points[missed], normals[missed])
        return Match(face, weights, len(missed))

    def _cast(self, points: Float32, normals: Float32, way: float, reach: float | Float32) -> Hits:
        # Starting a hair behind the surface keeps hits at distance zero.
        start = points - normals * np.float32(way * self._lift)
        return self._source.scene.cast(start, normals * np.float32(way), reach)

    def _faces_same_way(self, hits: Hits, normals: Float32) -> NDArray[np.bool_]:
        cosine = np.einsum("ij,ij->i", hits.normal, normals)
        length = np.sqrt(np.einsum("ij,ij->i", hits.normal, hits.normal))
        return np.asarray((hits.face >= 0) & (cosine > _FACING * length))

    def _closest(self, points: Float32, normals: Float32) -> tuple[NDArray[np.int64], Float32]:
        source = self._source
        tree, direction = self._closest_point_tree()
        count = min(_CANDIDATES, len(source.faces))
        query = np.concatenate([points, normals * self._turn], axis=1)
        near = tree.query(query, k=count)[1].reshape(len(points), count)
        flat = near.reshape(-1)
        repeated = np.repeat(np.arange(len(points)), count)
        weights, distance = closest_points(
            points[repeated], source.positions[source.faces[flat]].astype(np.float64)
        )
        turned = 1.0 - np.einsum("ij,ij->i", direction[flat], normals[repeated])
        cost = (distance + turned * self._turn).reshape(len(points), count)
        best = np.argmin(cost, axis=1)
        row = np.arange(len(points))
        chosen = weights.reshape(len(points), count, 3)[row, best]
        return near[row, best], chosen.astype(np.float32)

    def _closest_point_tree(self) -> tuple[cKDTree, NDArray[np.float64]]:
        """Centres and directions of the faces, and the directions alone; built once."""
        source = self._source
        with self._building:
            if self._tree is None:
                centres = source.positions[source.faces].mean(axis=1)
                self._direction = unit(face_vectors(source.positions, source.faces))
                self._tree = cKDTree(
                    np.concatenate([centres, self._direction * self._turn], axis=1),
                    compact_nodes=False,
                    balanced_tree=False,
                )
            return self._tree, self._direction


def _weights(hits: Hits) -> Float32:
    return np.stack([1.0 - hits.u - hits.v, hits.u, hits.v], axis=1).astype(np.float32)
