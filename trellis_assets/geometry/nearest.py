"""The point of a triangle that is nearest to a point."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def closest_points(
    points: NDArray[Any], triangles: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nearest point of one triangle per point (Ericson, Real-Time Collision Detection, 5.1.5).

    Args:
        points: (N, 3).
        triangles: (N, 3, 3) corners.

    Returns:
        (N, 3) barycentric weights and (N,) distances.
    """
    a, b, c = (np.ascontiguousarray(triangles[:, corner].T) for corner in range(3))
    p = np.ascontiguousarray(points.T)
    ab, ac, bc, ap = b - a, c - a, c - b, p - a
    d1, d2 = _dot(ab, ap), _dot(ac, ap)
    aa, bb, cross = _dot(ab, ab), _dot(ac, ac), _dot(ab, ac)
    area = aa * bb - cross * cross
    safe = np.where(area > 0.0, area, 1.0)
    v = np.where(area > 0.0, (bb * d1 - cross * d2) / safe, -1.0)
    w = np.where(area > 0.0, (aa * d2 - cross * d1) / safe, -1.0)
    outside = np.flatnonzero((v < 0.0) | (w < 0.0) | (v + w > 1.0))

    weights = np.stack([1.0 - v - w, v, w])
    offset = v * ab + w * ac - ap
    distance = np.sqrt(_dot(offset, offset))
    distance[outside] = np.inf
    for first, edge, start, end in ((a, ab, 0, 1), (a, ac, 0, 2), (b, bc, 1, 2)):
        share, away = _on_edge(p[:, outside], first[:, outside], edge[:, outside])
        nearer = away < distance[outside]
        found = outside[nearer]
        distance[found] = away[nearer]
        weights[:, found] = 0.0
        weights[start, found], weights[end, found] = 1.0 - share[nearer], share[nearer]
    return np.ascontiguousarray(weights.T), distance


def _on_edge(
    points: NDArray[Any], start: NDArray[np.float64], edge: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far along each (3, N) edge its point's nearest one is, 0 to 1, and the distance to it."""
    offset, length = points - start, _dot(edge, edge)
    share = np.clip(_dot(edge, offset) / np.where(length > 0.0, length, 1.0), 0.0, 1.0)
    offset -= share * edge
    return share, np.sqrt(_dot(offset, offset))


def _dot(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """(N,) of (3, N) vectors: by coordinates, which numpy runs through fastest."""
    return np.asarray(left[0] * right[0] + left[1] * right[1] + left[2] * right[2])
