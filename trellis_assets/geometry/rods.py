"""Parts as thin as a finger: antennas, pipes, cables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rays import RayScene
from .shading import any_perpendicular
from .topology import face_vectors, unit

_DIRECTIONS = 4  # in which the width is measured, over half a turn
_LONGEST = 2.0  # times the thickness: the width of a rod; a sheet is wider
_LIFT = 1.0e-3  # of the thickness: where rays start, below the surface
Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rods:
    """Points in the middle of rods."""

    row: NDArray[np.int64]  # (N,) which of the points asked for
    centre: Float64  # (N, 3)
    inwards: Float64  # (N, 3) from the surface, of unit length
    reach: float  # metres: no rod is wider

    def missing(self, scene: RayScene) -> NDArray[np.bool_]:
        """(N,) where a body has no rod: it is gone, or so flat that its middle lies outside."""
        widths = _widths(scene, self.centre, self.inwards, 2.0 * self.reach)
        return np.asarray(np.isinf(widths).all(axis=0))


def rods(scene: RayScene, points: Float64, inwards: Float64, *, thickness: float) -> Rods:
    """The points of a surface that lie on rods.

    A ray inwards finds where the body is thinner than ``thickness`` metres; rays both ways from
    halfway through it, across the first, whether it is not much wider anywhere.

    Args:
        scene: the body.
        points: (N, 3) on its surface.
        inwards: (N, 3) directions of unit length.
        thickness: metres.
    """
    depth = _distance(scene, points + inwards * (thickness * _LIFT), inwards, thickness)
    thin = np.flatnonzero(np.isfinite(depth))
    centre = points[thin] + inwards[thin] * (depth[thin] / 2.0)[:, None]
    reach = _LONGEST * thickness
    found = _widths(scene, centre, inwards[thin], reach).min(axis=0) <= reach
    thin = thin[found]
    return Rods(thin, centre[found], inwards[thin], reach)


def lost_rods(
    positions: NDArray[Any],
    faces: NDArray[np.int64],
    coarse: NDArray[np.int64],
    *,
    thickness: float,
) -> NDArray[np.bool_]:
    """(T,) triangles of rods that the coarse triangles over the same vertices have not.

    Args:
        positions: (V, 3).
        faces: (T, 3) before the collapse, or halfway.
        coarse: (T', 3) after it.
        thickness: metres, see :func:`rods`.
    """
    middle = positions[faces].mean(axis=1).astype(np.float64)
    inwards = -unit(face_vectors(positions, faces))
    there = rods(RayScene(positions, faces), middle, inwards, thickness=thickness)
    found = np.zeros(len(faces), bool)
    found[there.row[there.missing(RayScene(positions, coarse))]] = True
    return found


def _widths(scene: RayScene, centre: Float64, axis: Float64, reach: float) -> Float64:
    """(D, N) metres between the triangles on both sides of points, across an axis."""
    across = any_perpendicular(axis)
    beside = np.cross(axis, across)
    found = np.empty((_DIRECTIONS, len(centre)))
    for number, angle in enumerate(np.arange(_DIRECTIONS) * (np.pi / _DIRECTIONS)):
        way = across * np.cos(angle) + beside * np.sin(angle)
        found[number] = _distance(scene, centre, way, reach) + _distance(scene, centre, -way, reach)
    return found


def _distance(scene: RayScene, start: Float64, way: Float64, reach: float) -> Float64:
    """(N,) metres to the first triangle, infinite where there is none within ``reach``."""
    hits = scene.cast(start.astype(np.float32), way.astype(np.float32), reach)
    return np.where(hits.face >= 0, hits.distance, np.inf)
