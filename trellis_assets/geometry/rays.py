"""Rays against triangles with Embree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Hits:
    """The first triangle along each ray; ``face`` is -1 where there is none."""

    face: NDArray[np.int64]  # (N,)
    u: Float32  # (N,) weight of the triangle's second corner
    v: Float32  # (N,) weight of its third corner
    distance: Float32  # (N,) metres along a unit direction
    normal: Float32  # (N, 3) of the triangle by its winding, not unit length


class RayScene:
    """Triangles ready for ray queries. Single-threaded and deterministic."""

    def __init__(self, positions: NDArray[Any], faces: NDArray[Any]) -> None:
        # Embree keeps no copy of its own while the scene lives; the arrays must not go away.
        self._points = np.ascontiguousarray(positions, np.float32)
        self._faces = np.ascontiguousarray(faces, np.int32)
        self._scene = EmbreeScene()
        self._mesh = TriangleMesh(self._scene, self._points, self._faces) if len(faces) else None

    def cast(self, origins: Float32, directions: Float32, reach: float | Float32) -> Hits:
        """First hits of (N, 3) rays within ``reach`` metres; directions have unit length."""
        count = len(origins)
        if self._mesh is None or count == 0:
            none = np.zeros(count, np.float32)
            return Hits(np.full(count, -1), none, none, none, np.zeros((count, 3), np.float32))
        found = self._scene.run(
            np.ascontiguousarray(origins, np.float32),
            np.ascontiguousarray(directions, np.float32),
            dists=np.broadcast_to(np.float32(reach), count).copy(),
            output=1,
        )
        return Hits(
            found["primID"].astype(np.int64),
            found["u"],
            found["v"],
            found["tfar"],
            found["Ng"],
        )

    def blocked(self, origins: Float32, directions: Float32, reach: float) -> NDArray[np.bool_]:
        """(N,) whether anything lies within ``reach`` metres along each ray."""
        if self._mesh is None or len(origins) == 0:
            return np.zeros(len(origins), bool)
        found = self._scene.run(
            np.ascontiguousarray(origins, np.float32),
            np.ascontiguousarray(directions, np.float32),
            dists=np.full(len(origins), reach, np.float32),
            query="OCCLUDED",
        )
        return np.asarray(found >= 0)


def hemisphere(count: int) -> NDArray[np.float64]:
    """(count, 3) cosine-distributed directions around +Z, a spiral of equal strata."""
    index = np.arange(count) + 0.5
    radius = np.sqrt(index / count)
    angle = index * (np.pi * (3.0 - np.sqrt(5.0)))
    return np.stack(
        [radius * np.cos(angle), radius * np.sin(angle), np.sqrt(1.0 - radius**2)], axis=1
    )
