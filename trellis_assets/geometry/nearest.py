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
    a = triangles[:, 0]
    ab, ac = triangles[:, 1] - a, triangles[:, 2] - a
    bc = triangles[:, 2] - triangles[:, 1]
    ap = points - a
    d1, d2 = _dot(ab, ap), _dot(ac, ap)
    aa, bb, cross = _dot(ab, ab), _dot(ac, ac), _dot(ab, ac)
    area = aa * bb - cross * cross
    safe = np.where(area > 0.0, area, 1.0)
    v = np.where(area > 0.0, (bb * d1 - cross * d2) / safe, -1.0)
    w = np.where(area > 0.0, (aa * d2 - cross * d1) / safe, -1.0)
    inside = (v >= 0.0) & (w >= 0.0) & (v + w <= 1.0)

    zero = np.zeros(len(points))
    on_ab = np.clip(d1 / np.where(aa > 0, aa, 1.0), 0.0, 1.0)
    on_ac = np.clip(d2 / np.where(bb > 0, bb, 1.0), 0.0, 1.0)
    length = _dot(bc, bc)
    on_bc = np.clip(_dot(bc, points - triangles[:, 1]) / np.where(length > 0, length, 1.0), 0, 1)
    options = np.stack(
        [
            np.stack([1.0 - v - w, v, w], axis=1),
            np.stack([1.0 - on_ab, on_ab, zero], axis=1),
            np.stack([1.0 - on_ac, zero, on_ac], axis=1),
            np.stack([zero, 1.0 - on_bc, on_bc], axis=1),
        ]
    )
    place = np.einsum("knc,ncd->knd", options, triangles)
    distance = np.sqrt(((place - points) ** 2).sum(axis=2))
    distance[0] = np.where(inside, distance[0], np.inf)
    best = np.argmin(distance, axis=0)
    row = np.arange(len(points))
    return options[best, row], distance[best, row]


def _dot(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.einsum("ij,ij->i", left, right))
