"""Parts as thin as a finger: antennas, pipes, cables."""

from __future__ import annotations

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


def lost_rods(
    positions: NDArray[Any],
    faces: NDArray[np.int64],
    coarse: NDArray[np.int64],
    *,
    thickness: float,
) -> NDArray[np.bool_]:
    """(T,) triangles of rods that the coarse triangles over the same vertices have not.

    A ray inwards from the middle of the triangle finds where the body is thinner than
    ``thickness`` metres; rays both ways from halfway through it, across the first, whether it is
    not much wider anywhere. There a rod is lost where some of these rays meet nothing any more: it
    is gone, or so flat that its middle lies outside.

    Args:
        positions: (V, 3).
        faces: (T, 3) before the collapse, or halfway.
        coarse: (T', 3) after it.
        thickness: metres.
    """
    scene = RayScene(positions, faces)
    middle = positions[faces].mean(axis=1).astype(np.float64)
    inwards = -unit(face_vectors(positions, faces))
    depth = _distance(scene, middle + inwards * (thickness * _LIFT), inwards, thickness)
    thin = np.flatnonzero(np.isfinite(depth))
    centre = middle[thin] + inwards[thin] * (depth[thin] / 2.0)[:, None]
    reach = _LONGEST * thickness
    rod = _widths(scene, centre, inwards[thin], reach).min(axis=0) <= reach
    thin, centre = thin[rod], centre[rod]
    there = _widths(RayScene(positions, coarse), centre, inwards[thin], 2.0 * reach)
    found = np.zeros(len(faces), bool)
    found[thin[np.isinf(there).all(axis=0)]] = True
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
