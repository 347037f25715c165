"""Arithmetic on points and colours: float32 arrays of shape (3, N), scalars of shape (N,)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def stack(x: Floats, y: Floats, z: Floats) -> Floats:
    """The points (3, N) with these coordinates."""
    return np.stack([x, y, z]).astype(np.float32, copy=False)


def dot(a: Floats, b: Floats) -> Floats:
    """The inner product per point; either side may be one fixed vector of shape (3, 1)."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def unit(v: Floats) -> Floats:
    """The vectors scaled to length one."""
    return v / np.sqrt(np.maximum(dot(v, v), np.float32(1e-12)))


def fixed(x: float, y: float, z: float) -> Floats:
    """One vector as (3, 1), so that it broadcasts against points."""
    return np.array([[x], [y], [z]], np.float32)


def mix(a: Floats, b: Floats, share: Floats) -> Floats:
    """The blend from a (share 0) to b (share 1)."""
    return a + (b - a) * share


def smoothstep(low: float, high: float, x: Floats) -> Floats:
    """0 below low, 1 above high, a smooth cubic between; low may lie above high."""
    t = np.clip((x - np.float32(low)) * np.float32(1.0 / (high - low)), 0.0, 1.0)
    return t * t * (np.float32(3.0) - np.float32(2.0) * t)


def turned(p: Floats, axis: str, degrees: float) -> Floats:
    """The points turned about an axis of the frame, counter-clockwise seen against the axis."""
    angle = np.deg2rad(degrees)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    x, y, z = p
    if axis == "x":
        return stack(x, c * y - s * z, s * y + c * z)
    if axis == "y":
        return stack(c * x + s * z, y, c * z - s * x)
    return stack(c * x - s * y, s * x + c * y, z)


def paint(code: str) -> Floats:
    """An sRGB colour like "#a0522d" as a linear colour of shape (3, 1)."""
    srgb = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float64) / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)[:, None]
