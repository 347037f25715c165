"""Rays against a distance field: where they hit, and what the field says around the hit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .vectors import Floats, fixed, stack, unit

Field = Callable[[Floats], Floats]

_AWAY = 14.0  # a long lens: the camera's way to the object, in units of the scene
_DEPTH = 2.0  # the object lies within this way of the middle
_STEPS = 90


@dataclass(frozen=True)
class Camera:
    """A long lens at an elevation, framing a square of the plane through the middle."""

    elevation: float  # degrees
    centre: tuple[float, float] = (0.0, 0.0)
    half: float = 1.7

    def rays(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Origin (3, 1) and unit directions (3, N) for u right and v up, both -1..1."""
        angle = np.deg2rad(self.elevation)
        c, s = float(np.cos(angle)), float(np.sin(angle))
        origin = fixed(0.0, s * _AWAY, c * _AWAY)
        x = u * np.float32(self.half) + np.float32(self.centre[0])
        y = v * np.float32(self.half) + np.float32(self.centre[1])
        target = stack(x, y * np.float32(c), y * np.float32(-s))
        return origin, unit(target - origin)


def approach(
    field: Field, origin: Floats, direction: Floats, reach: float, caution: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """How far a bundle of rays of radius `reach` runs free, and which bundles may hit at all."""
    way = np.full(direction.shape[1], _AWAY - _DEPTH, np.float32)
    running = np.arange(way.size)
    for _ in range(48):
        clearance = field(origin + direction[:, running] * way[running]) * caution - reach
        way[running] += np.maximum(clearance, 0)
        running = running[(clearance > reach * 0.25) & (way[running] < _AWAY + _DEPTH)]
        if running.size == 0:
            break
    return way, way < _AWAY + _DEPTH


def hits(
    field: Field, origin: Floats, direction: Floats, start: Floats, pixel: float, caution: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """The way to the surface for each ray, and whether it meets one.

    `pixel` is a pixel's width in the scene; a hit is nearer than a quarter of it.
    """
    way = start.copy()
    found = np.zeros(way.size, bool)
    running = np.arange(way.size)
    for _ in range(_STEPS):
        distance = field(origin + direction[:, running] * way[running])
        arrived = distance < 0.25 * pixel
        found[running[arrived]] = True
        way[running] += distance * np.float32(caution)
        running = running[~arrived & (way[running] < _AWAY + _DEPTH)]
        if running.size == 0:
            break
    return way, found


def gradient(field: Field, p: Floats, reach: float) -> Floats:
    """The field's gradient from four taps on a tetrahedron, not normalised."""
    total = np.zeros_like(p)
    for corner in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)):
        k = fixed(*corner)
        total += k * field(p + k * np.float32(reach))
    return total * np.float32(0.25 / reach)


def openness(field: Field, p: Floats, direction: Floats, reach: float, taps: int) -> Floats:
    """Ambient occlusion along a direction: 1 in the open, 0 where the way is blocked."""
    closed = np.zeros(p.shape[1], np.float32)
    weight, total = 1.0, 0.0
    for i in range(1, taps + 1):
        step = reach * (i / taps) ** 1.6
        d = field(p + direction * np.float32(step))
        closed += np.float32(weight) * np.clip(1 - d / np.float32(step), 0, 1)
        total += weight
        weight *= 0.82
    return 1 - closed / np.float32(total)


def shadow(field: Field, p: Floats, light: Floats, reach: float = 1.3) -> Floats:
    """The soft shadow towards a light (3, 1): 1 is lit, 0 is shaded."""
    way = np.full(p.shape[1], 0.03, np.float32)
    lit = np.ones(p.shape[1], np.float32)
    for _ in range(16):
        d = field(p + light * way)
        lit = np.minimum(lit, np.float32(0.5) + np.float32(3.5) * d / way)
        way += np.clip(d, 0.02, 0.16)
        if float(way.min()) > reach:
            break
    lit = np.clip(lit, 0, 1)
    return lit * lit * (3 - 2 * lit)
