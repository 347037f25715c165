"""The photo studio: a neutral sky dome and five soft boxes, evaluated in closed form.

Every light is a rectangle on the sphere of directions, blurred by the lobe of the surface that
mirrors it; so a polished metal shows crisp soft boxes, a rough one a broad sheen, and no texture of
an environment is needed. The rig stands with the camera: a model turns in front of it as on a
turntable. Its frame: x to the right of the picture, y up, z towards the camera.

Directions and colours are planar here, (3, N). Light comes in two parts, of which only the second
is shadowed: the colour of all lights but the key light, and how much of the key light there is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class SoftBox:
    """A rectangular area light at infinity; angles in degrees, half sizes as sines."""

    azimuth: float  # from the camera, positive to the right
    elevation: float
    width: float
    height: float
    radiance: tuple[float, float, float]
    wrap: float = 0.15  # how far its light reaches past the terminator

    def frame(self) -> Float32:
        """(3, 3): columns are the box's right, up and the direction towards it."""
        turn, lift = np.deg2rad(self.azimuth), np.deg2rad(self.elevation)
        toward = np.array([np.sin(turn) * np.cos(lift), np.sin(lift), np.cos(turn) * np.cos(lift)])
        right = np.array([np.cos(turn), 0.0, -np.sin(turn)])
        return np.stack([right, np.cross(toward, right), toward], axis=1).astype(np.float32)

    @property
    def power(self) -> Float32:
        """Radiance times solid angle over pi: the diffuse light on a surface that faces it."""
        return np.float32(4 * self.width * self.height / np.pi) * np.array(
            self.radiance, np.float32
        )


KEY = SoftBox(-38, 44, 0.48, 0.48, (2.62, 2.56, 2.47))
BOXES = (
    KEY,
    SoftBox(56, 12, 0.40, 0.78, (0.46, 0.475, 0.505), wrap=0.3),  # fill
    SoftBox(148, 32, 0.20, 0.75, (2.5, 2.6, 2.75)),  # rim, behind on the right
    SoftBox(-140, 24, 0.16, 0.70, (1.8, 1.8, 1.9)),  # rim, behind on the left
    SoftBox(0, 84, 0.70, 0.55, (0.55, 0.55, 0.56)),  # top
)
ZENITH = np.array([0.50, 0.505, 0.52], np.float32)
NADIR = np.array([0.17, 0.165, 0.16], np.float32)

TOE = np.float32(0.015)


def dome(y: Float32) -> Float32:
    """Radiance (3, N) of the dome where the direction's y component is (N,)."""
    share = np.float32(0.5) + np.float32(0.5) * np.tanh(np.float32(2.2) * y + np.float32(0.25))
    radiance: Float32 = NADIR[:, None] + (ZENITH - NADIR)[:, None] * share
    return radiance


def diffuse_light(normals: Float32) -> tuple[Float32, Float32]:
    """Irradiance over pi on surfaces with those normals (3, N): colour (3, N), key share (N,)."""
    lift = normals[1] * np.float32(0.5) + np.float32(0.5)
    light = NADIR[:, None] + (ZENITH - NADIR)[:, None] * lift
    key = np.zeros_like(lift)
    for box in BOXES:
        cosine = _along(box.frame()[:, 2], normals)
        lit = np.maximum(cosine + np.float32(box.wrap), 0) / np.float32(1 + box.wrap)
        if box is KEY:
            key = lit
        else:
            light += lit * box.power[:, None]
    return light, key


def mirrored_light(directions: Float32, alpha: Float32) -> tuple[Float32, Float32]:
    """Radiance that a surface of GGX width alpha (N,) mirrors from around directions (3, N).

    A box blurred by a bell is, in each axis, a difference of two sigmoids; the blur keeps its
    energy, so a rough surface mirrors a broad and faint box. Returns colour (3, N), key share (N,).
    """
    light = dome(directions[1] * (1 - np.float32(0.5) * alpha))
    sharpness = np.float32(1) / (np.float32(0.025) + np.float32(1.15) * alpha)
    key = np.zeros_like(alpha)
    for box in BOXES:
        across, along, toward = (_along(axis, directions) for axis in box.frame().T)
        seen = _window(across, box.width, sharpness)
        seen *= _window(along, box.height, sharpness)
        seen *= np.float32(0.5) + np.float32(0.5) * np.tanh(toward * sharpness * np.float32(2))
        if box is KEY:
            key = seen
        else:
            light += seen * np.array(box.radiance, np.float32)[:, None]
    return light, key


def _along(axis: Float32, directions: Float32) -> Float32:
    found: Float32 = axis[0] * directions[0] + axis[1] * directions[1] + axis[2] * directions[2]
    return found


def _window(position: Float32, half: float, sharpness: Float32) -> Float32:
    edge = np.float32(half)
    rising: Float32 = np.tanh((position + edge) * sharpness)
    rising -= np.tanh((position - edge) * sharpness)
    rising *= np.float32(0.5)
    return rising


def tone_map(color: Float32) -> Float32:
    """Khronos PBR Neutral tone mapper: colours below 0.8 stay themselves, highlights roll off.

    Planar, (3, N). Source: Khronos 3D Commerce, "PBR Neutral Tone Mapper" specification (2024).
    Its toe takes away the 4 % that a dielectric mirrors on average; the rough materials of games
    mirror less, so the toe is shorter here and black boots keep their folds.
    """
    start, desaturation = np.float32(0.8) - TOE, np.float32(0.15)
    lowest = np.minimum(np.minimum(color[0], color[1]), color[2])
    color = color - np.where(lowest < 2 * TOE, lowest - lowest * lowest / (4 * TOE), TOE)
    peak = np.maximum(np.maximum(color[0], color[1]), color[2])
    bright = np.flatnonzero(peak >= start)
    if len(bright):
        high = peak[bright]
        span = 1 - start
        rolled = 1 - span * span / (high + span - start)
        scaled = color[:, bright] * (rolled / high)
        share = 1 - 1 / (desaturation * (high - rolled) + 1)
        color[:, bright] = scaled + (rolled - scaled) * share
    return color
