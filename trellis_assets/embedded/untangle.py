"""Triangles that a chart sees from behind or edge-on, laid flat.

Decimation tips single triangles over, and small steep patches stay in the sheet around them. Their
corners move to the middle of their neighbours in the texture plane, round by round, until every
triangle there shows its face (Tutte 1963, within a few rings and a fixed edge). The picture moves
with the texture plane, by less than anyone sees.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.charts import face_normals
from trellis_assets.embedded.order import numbered

Float = NDArray[np.float32]
Int = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Rings around the turned triangles in which corners may move, and how often they do.
STAGES = ((1, 3), (2, 8), (3, 15))
# Least area in the plane, relative to the triangle's own.
LEAST_SHARE = 0.02


def untangled(flat: Float, chart: Int, positions: Float, triangles: NDArray[np.uint32]) -> Float:
    """``flat`` (T, 3, 2), corners in the plane of their ``chart`` (T,), with as few triangles as
    possible that turn over. Only corners near such triangles move, by charts, not by vertices.
    """
    vertex_count = len(positions)
    least = LEAST_SHARE * np.linalg.norm(face_normals(positions, triangles), axis=1)
    bad = np.flatnonzero(signed_area(flat) < least)
    result = flat.copy()
    for rings, rounds in STAGES:
        if not bad.size:
            break
        free, near = _rings(bad, triangles, vertex_count, rings)
        key = chart[near, None] * vertex_count + triangles[near]
        keys, first, corner = numbered(key.ravel())
        places = result[near].reshape(-1, 2)[first].astype(np.float64)
        _spread(places, corner.reshape(-1, 3), free[keys % vertex_count], least[near], rounds)
        result[near] = places[corner.reshape(-1, 3)]
        bad = near[signed_area(result[near]) < least[near]]
    return result


def signed_area(flat: NDArray[np.floating]) -> NDArray[np.floating]:
    """Twice the area of triangles (T, 3, 2); negative where they turn over."""
    a, b = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    return np.asarray(a[:, 1] * b[:, 0] - a[:, 0] * b[:, 1])


def _rings(
    bad: Int, triangles: NDArray[np.uint32], vertex_count: int, rings: int
) -> tuple[Mask, Int]:
    """Vertices (V,) within ``rings`` of the triangles ``bad``, and all triangles around those."""
    free = np.zeros(vertex_count, dtype=bool)
    near = bad
    for _ in range(rings):
        free[triangles[near]] = True
        near = _touching(free, triangles)
    return free, near


def _spread(
    places: NDArray[np.float64], corners: Int, movable: Mask, least: Float, rounds: int
) -> None:
    """Moves ``places`` (N, 2) until no triangle of ``corners`` (T, 3) is below its ``least``."""
    bad = signed_area(places[corners]) < least
    for _ in range(rounds):
        moving = np.zeros(len(places), dtype=bool)
        moving[corners[bad]] = True
        moving &= movable
        if not moving.any():
            return
        touched = _touching(moving, corners)
        around = corners[touched]
        start, end = around.ravel(), np.roll(around, -1, axis=1).ravel()
        start, end = np.concatenate([start, end]), np.concatenate([end, start])
        edges = np.flatnonzero(moving[start])
        amount = np.bincount(start[edges], minlength=len(places))[moving]
        for axis in range(2):
            total = np.bincount(start[edges], places[end[edges], axis], len(places))
            places[moving, axis] = total[moving] / amount
        bad[touched] = signed_area(places[around]) < least[touched]


def _touching(marked: Mask, triangles: NDArray[np.integer]) -> Int:
    """The triangles (T, 3) with a ``marked`` corner."""
    return np.flatnonzero(
        marked[triangles[:, 0]] | marked[triangles[:, 1]] | marked[triangles[:, 2]]
    )
