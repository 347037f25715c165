"""Move the vertices of a simplified mesh to where its triangles fit the master best.

Collapses leave vertices on the master, so that every triangle cuts a corner: round shapes come out
too small. Least squares over points of the master (Hoppe et al., Mesh Optimization, 1993) halves
the distance at the same number of triangles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import LinearOperator, cg
from scipy.spatial import cKDTree

from .nearest import closest_points
from .topology import face_vectors, unit

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

_SAMPLES_PER_TRIANGLE = 8
_FEWEST_SAMPLES, _MOST_SAMPLES = 12_000, 80_000
_CANDIDATES = 4  # triangles per point; six come no nearer
_TURN = 0.005  # of the diagonal: what a right angle between normals counts as in distance
_FACING = 0.3  # cosine from which a point belongs to a triangle
_OUTLIER = 6.0  # times the median distance: what the simplification left out altogether
_STIFFNESS = 0.05  # of the mean weight on a vertex, towards where it was
_LARGEST_TURN = 0.5  # cosine: a triangle turned further than 60 degrees goes back
_STEPS = 40  # of conjugate gradients, which end earlier


@dataclass(frozen=True, eq=False)
class Samples:
    """Points of a master, spread by area, that a fit brings the triangles nearer to."""

    points: Float64  # (N, 3)
    normals: Float64  # (N, 3) of unit length
    diagonal: float
    """Of the master's bounding box, metres."""


def samples(master: NDArray[Any], faces: Int64, *, triangles: int) -> Samples:
    """As many points of a master as a fit of so many triangles takes; from a fixed seed.

    Args:
        master: (V, 3).
        faces: (T, 3), at least one with an area.
        triangles: of the mesh to be fitted.
    """
    wanted = _SAMPLES_PER_TRIANGLE * triangles
    count = int(np.clip(wanted, _FEWEST_SAMPLES, _MOST_SAMPLES))
    points, normals, _ = _spread(master, faces, count, np.random.default_rng(0))
    diagonal = float(np.linalg.norm(np.ptp(master[faces.reshape(-1)], axis=0)))
    return Samples(points, normals, diagonal)


@dataclass(frozen=True, eq=False)
class Fitted:
    """Moved vertices, and how far the master was before."""

    positions: NDArray[np.float32]  # (W, 3)
    gaps: Float64  # (N,) metres from each of the master's points to the mesh as it was given


def fit(positions: NDArray[Any], faces: Int64, master: Samples, *, rounds: int = 2) -> Fitted:
    """Bring the triangles nearer to the master; none of them folds over.

    Args:
        positions: (W, 3) welded vertices of the simplified mesh, all used.
        faces: (T, 3), none degenerate.
        master: what the triangles should lie on.
        rounds: of assigning points to triangles and solving for the vertices, at least 1; a third
            gains 2 % in distance and begins to fold triangles.
    """
    rng = np.random.default_rng(0)
    start = positions.astype(np.float64)
    place, gaps = start, np.zeros(0)
    for number in range(rounds):
        found = _assigned(master, place, faces, rng)
        gaps = gaps if number else found.distance
        near = found.near
        solved = _solved(found.share[near], master.points[near], master.normals[near], place)
        place = _unfolded(solved, place, start, faces)
    return Fitted(place.astype(np.float32), gaps)


def _spread(
    positions: NDArray[Any], faces: Int64, count: int, rng: np.random.Generator
) -> tuple[Float64, Float64, Int64]:
    """Points spread by area, the unit normals and the numbers of their triangles."""
    vectors = face_vectors(positions, faces)
    area = np.linalg.norm(vectors, axis=1)
    chosen = rng.choice(len(faces), size=count, p=area / area.sum())
    weights = rng.dirichlet((1.0, 1.0, 1.0), size=count)
    points = np.einsum("nc,ncd->nd", weights, positions[faces[chosen]].astype(np.float64))
    return points, vectors[chosen] / area[chosen, None], chosen


@dataclass(frozen=True, eq=False)
class _Assigned:
    """The triangle point nearest to each of N points."""

    share: csr_matrix  # (N, W) weights of the vertices there
    distance: Float64  # (N,) metres
    near: NDArray[np.bool_]  # (N,) it faces the same way and is not far off


def _assigned(master: Samples, place: Float64, faces: Int64, rng: np.random.Generator) -> _Assigned:
    points, normals = master.points, master.normals
    turn = _TURN * master.diagonal
    direction = unit(face_vectors(place, faces))
    spots, _, owner = _spread(place, faces, max(len(points), 4 * len(faces)), rng)
    spots = np.concatenate([place[faces].mean(axis=1), spots])
    owner = np.concatenate([np.arange(len(faces)), owner])
    tree = cKDTree(
        np.concatenate([spots, direction[owner] * turn], axis=1),
        compact_nodes=False,
        balanced_tree=False,
    )
    query = np.concatenate([points, normals * turn], axis=1)
    near = owner[tree.query(query, k=_CANDIDATES)[1]].reshape(-1)
    repeated = np.repeat(np.arange(len(points)), _CANDIDATES)
    weights, distance = closest_points(points[repeated], place[faces[near]])
    cosine = np.einsum("ij,ij->i", direction[near], normals[repeated])
    cost = (distance + (1.0 - cosine) * turn).reshape(-1, _CANDIDATES)
    best = np.arange(len(points)) * _CANDIDATES + cost.argmin(axis=1)
    near, weights, distance, cosine = near[best], weights[best], distance[best], cosine[best]
    share = csr_matrix(
        (weights.reshape(-1), faces[near].reshape(-1), np.arange(0, 3 * len(points) + 1, 3)),
        shape=(len(points), len(place)),
    )
    within = distance <= _OUTLIER * np.median(distance)
    return _Assigned(share, distance, (cosine > _FACING) & within)


def _solved(share: csr_matrix, points: Float64, normals: Float64, place: Float64) -> Float64:
    """(W, 3) vertices with the least squared distances to points and to their tangent planes."""
    back = share.T.tocsr()
    stiffness = _STIFFNESS * float(back.sum()) / len(place)

    def pulled(moves: Float64) -> Float64:
        offset = share @ moves.reshape(-1, 3)
        offset += normals * np.einsum("ij,ij->i", normals, offset)[:, None]
        return np.asarray((back @ offset + stiffness * moves.reshape(-1, 3)).reshape(-1))

    gap = points - share @ place
    gap += normals * np.einsum("ij,ij->i", normals, gap)[:, None]
    size = place.size
    operator = LinearOperator((size, size), matvec=pulled, dtype=np.float64)
    moves, _ = cg(operator, (back @ gap).reshape(-1), rtol=1e-3, maxiter=_STEPS)
    return np.asarray(place + moves.reshape(-1, 3))


def _unfolded(moved: Float64, before: Float64, start: Float64, faces: Int64) -> Float64:
    """The moves without those that turn a triangle too far from how it was at the start."""
    direction = unit(face_vectors(start, faces))
    while True:
        turned = np.einsum("ij,ij->i", unit(face_vectors(moved, faces)), direction)
        folded = np.unique(faces[turned < _LARGEST_TURN])
        back = folded[np.any(moved[folded] != before[folded], axis=1)]
        if len(back) == 0:
            return moved
        moved[back] = before[back]
