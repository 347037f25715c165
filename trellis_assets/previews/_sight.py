"""From which of twelve directions marked places show, and which direction shows them best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._spots import few
from ._surface import Surface
from .views import ALL_AROUND, View

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

_SAMPLES = 768  # marked places that decide on the direction
_HIDDEN = 0.2  # of what the best direction could show; below it, the model becomes transparent
_APART = np.cos(np.deg2rad(60.0))  # between two directions that show different things
_LIFT = np.float32(3e-4)  # of a ray's start off the surface, in normalised units


@dataclass(frozen=True, eq=False)
class Places:
    """Samples of what is marked, in the space of the renderer."""

    points: Float32  # (N, 3)
    normals: Float32  # (N, 3) unit; zero for a line
    weights: Float32  # (N,)

    @classmethod
    def of(cls, surface: Surface, marked: Int64, segments: Float32) -> Places:
        """Of triangles by their numbers, and of segments (E, 2, 3)."""
        corners = surface.corners[few(marked, _SAMPLES)]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(across, axis=1)
        normals = across / np.maximum(area, np.float32(1e-20))[:, None]
        middles = few(segments, _SAMPLES).mean(axis=1)
        return cls(
            np.concatenate([corners.mean(axis=1), middles]).astype(np.float32),
            np.concatenate([normals, np.zeros_like(middles)]).astype(np.float32),
            np.concatenate([_shares(area), _shares(np.ones(len(middles)))]),
        )


@dataclass(frozen=True, eq=False)
class Sight:
    """How well the twelve directions show the marked places."""

    seen: Float32  # (12, N) share of each place's weight
    through: Float32  # (12, N) the same if nothing were in the way

    @classmethod
    def of(cls, surface: Surface, places: Places) -> Sight:
        """Tried with a ray from each place along each direction."""
        facing = np.abs(_TOWARD @ places.normals.T)
        facing[:, ~places.normals.any(axis=1)] = 1.0
        through = (facing * places.weights).astype(np.float32)
        free = [in_the_clear(surface, places.points, places.normals, way) for way in _TOWARD]
        return cls(through * np.stack(free), through)

    def best(self) -> tuple[int, bool]:
        """The direction, and whether one has to look through the surface."""
        seen, through = self.seen.sum(axis=1), self.through.sum(axis=1)
        hidden = bool((seen * _FAVOUR).max() < _HIDDEN * through.max())
        return int(np.argmax((through if hidden else seen) * _FAVOUR)), hidden

    def other_than(self, first: int, *, hidden: bool) -> int:
        """The direction that shows most of what the first one does not, from another side."""
        values = self.through if hidden else self.seen
        news = np.maximum(values - values[first], 0).sum(axis=1) + 0.05 * values.sum(axis=1)
        apart = _TOWARD @ _TOWARD[first] < _APART
        return int(np.argmax(np.where(apart, (news + 1e-9) * _FAVOUR, 0)))


def in_the_clear(surface: Surface, points: Float32, normals: Float32, toward: Float32) -> Bool:
    """(N,) whether nothing stands between points and who looks along -toward.

    Args:
        surface: what may stand in the way.
        points: (N, 3) on the surface.
        normals: (N, 3) there; zero for none.
        toward: (N, 3) or, one for all, (3,) unit directions to the eye.
    """
    toward = np.broadcast_to(toward, points.shape)
    side = np.sign(np.einsum("ij,ij->i", normals, toward))[:, None]
    origins = points + (side * normals + toward) * _LIFT
    blocked = surface.embree.run(
        np.ascontiguousarray(origins, np.float32),
        np.ascontiguousarray(toward, np.float32),
        np.full(len(origins), 16.0, np.float32),
        query="OCCLUDED",
    )
    return np.asarray(blocked < 0)


def _shares(sizes: NDArray[np.floating]) -> Float32:
    """Weights that come to 1; those without size count a little."""
    if not len(sizes):
        return np.zeros(0, np.float32)
    padded = sizes + max(float(sizes.mean()) * 1e-3, 1e-20)
    return np.asarray(padded / padded.sum(), np.float32)


def _toward(view: View) -> Float32:
    turn, lift = np.deg2rad(view.azimuth), np.deg2rad(view.elevation)
    return np.array(
        [np.sin(turn) * np.cos(lift), np.sin(lift), np.cos(turn) * np.cos(lift)], np.float32
    )


_TOWARD = np.stack([_toward(view) for view in ALL_AROUND])  # (12, 3) from the model to the eye
# People know a model from its front and a little above: those win unless another side shows more.
_FAVOUR = np.array(
    [1.0 + 0.15 * (way[1] >= 0) + 0.1 * max(float(way[2]), 0.0) for way in _TOWARD], np.float32
)
