"""Framing and camera: where the model stands in the picture.

The usual framing is an upright cylinder rather than a box, so that a model keeps its size and place
while it turns, and so that all rungs of one game asset can be shown at the same scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Model

FIELD_OF_VIEW = np.deg2rad(26.0)
"""Vertical field of view: a short telephoto, as for product pictures."""
MARGIN = 0.07
"""Free border, as a fraction of the half picture."""
RIM_POINTS = 64
BALL_POINTS = 512  # the ball seems smaller by half a percent at most


@dataclass(frozen=True)
class Framing:
    """An upright cylinder that must be in the picture as a whole; metres, Y up."""

    center: tuple[float, float, float]
    radius: float
    half_height: float

    @classmethod
    def of_bounds(cls, bounds: NDArray[np.floating]) -> Framing:
        """Around an axis-aligned box, (2, 3) lower and upper corner."""
        lower, upper = np.asarray(bounds, np.float64)
        x, y, z = (lower + upper) / 2
        width, height, depth = upper - lower
        return cls((x, y, z), float(np.hypot(width, depth) / 2), float(height / 2))

    @classmethod
    def of_model(cls, model: Model) -> Framing:
        """Around the vertices themselves: tighter than the box for anything round."""
        box = cls.of_bounds(model.bounds())
        reach = [
            np.hypot(
                part.mesh.positions[:, 0] - np.float32(box.center[0]),
                part.mesh.positions[:, 2] - np.float32(box.center[2]),
            ).max()
            for part in model.parts
            if part.mesh.vertex_count
        ]
        return cls(box.center, float(max(reach, default=0.0)), box.half_height)

    def rim(self) -> NDArray[np.float64]:
        """Points (2 * RIM_POINTS, 3) on the cylinder's upper and lower edge."""
        angle = np.linspace(0, 2 * np.pi, RIM_POINTS, endpoint=False)
        ring = np.stack([np.cos(angle), 0 * angle, np.sin(angle)], axis=1) * self.radius
        lifted = np.array([0.0, self.half_height, 0.0])
        points: NDArray[np.float64] = np.concatenate([ring + lifted, ring - lifted])
        points += np.asarray(self.center)
        return points


@dataclass(frozen=True)
class Ball:
    """A ball that must be in the picture as a whole: it looks as large from every direction."""

    center: tuple[float, float, float]
    radius: float

    @classmethod
    def of_bounds(cls, bounds: NDArray[np.floating]) -> Ball:
        """Around an axis-aligned box, (2, 3) lower and upper corner."""
        lower, upper = np.asarray(bounds, np.float64)
        x, y, z = (lower + upper) / 2
        return cls((x, y, z), float(np.linalg.norm(upper - lower) / 2))

    def rim(self) -> NDArray[np.float64]:
        """Points (BALL_POINTS, 3) spread evenly over the ball, on a spiral from pole to pole."""
        steps = np.arange(BALL_POINTS) + 0.5
        height = 1 - 2 * steps / BALL_POINTS
        turn = steps * np.pi * (1 + 5**0.5)
        around = np.sqrt(1 - height**2)
        unit = np.stack([around * np.cos(turn), height, around * np.sin(turn)], axis=1)
        return np.asarray(unit * self.radius + np.asarray(self.center))


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera with a square picture."""

    eye: NDArray[np.float32]  # (3,)
    right: NDArray[np.float32]  # (3,) unit
    up: NDArray[np.float32]  # (3,) unit
    forward: NDArray[np.float32]  # (3,) unit
    tangent: float  # of half the field of view

    @classmethod
    def on(cls, points: NDArray[np.floating], azimuth: float, elevation: float) -> Camera:
        """The nearest camera from that side that sees all points (N, 3), and centres them.

        Azimuth 0 looks at the front (+Z), 90 at the +X side; elevation is above the horizon;
        both in degrees.
        """
        turn, lift = np.deg2rad(azimuth), np.deg2rad(elevation)
        toward = np.array([np.sin(turn) * np.cos(lift), np.sin(lift), np.cos(turn) * np.cos(lift)])
        right = np.array([np.cos(turn), 0.0, -np.sin(turn)])
        up = np.cross(toward, right)
        tangent = float(np.tan(FIELD_OF_VIEW / 2))

        # A point at (x, z) in the camera's axes is inside when |x - shift| <= slope (distance - z):
        # two half planes per axis, so the extremes of z slope + x and z slope - x decide.
        slope = tangent * (1 - MARGIN)
        nearness = points @ toward * slope
        shifts, distances = [], []
        for axis in (right, up):
            aside = points @ axis
            high, low = np.max(nearness + aside), np.max(nearness - aside)
            shifts.append((high - low) / 2)
            distances.append((high + low) / 2 / slope)
        distance = max(distances) + 1e-6
        eye = right * shifts[0] + up * shifts[1] + toward * distance
        place, aside, above, ahead = (v.astype(np.float32) for v in (eye, right, up, -toward))
        return cls(place, aside, above, ahead, tangent)

    def rays(
        self, x: NDArray[np.float32], y: NDArray[np.float32], size: int
    ) -> NDArray[np.float32]:
        """Unit directions (N, 3) through those places of the picture, (N,), in pixels."""
        aside = (x * np.float32(2 / size) - 1) * np.float32(self.tangent)
        above = (1 - y * np.float32(2 / size)) * np.float32(self.tangent)
        shorten = 1 / np.sqrt(1 + aside * aside + above * above)
        directions = np.empty((len(x), 3), np.float32)
        for axis in range(3):
            along = self.forward[axis] + aside * self.right[axis] + above * self.up[axis]
            directions[:, axis] = along * shorten
        return directions

    def project(self, points: NDArray[np.float32], size: int) -> NDArray[np.float32]:
        """Pixel coordinates (..., 2), x right and y down, of points (..., 3)."""
        local = points - self.eye
        depth = np.maximum(local @ self.forward, np.float32(1e-6)) * np.float32(self.tangent)
        x = (local @ self.right / depth + 1) * np.float32(size / 2)
        y = (1 - local @ self.up / depth) * np.float32(size / 2)
        return np.stack([x, y], axis=-1)
