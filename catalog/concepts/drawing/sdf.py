"""Distances to simple shapes, and the operators that join them.

Every function takes points (3, N) and returns signed distances (N,), negative inside. The
formulas follow Inigo Quilez, "3D SDF functions" and "smooth minimum".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .vectors import Floats, stack

Point = tuple[float, float, float]

# Ambient occlusion looks this far; nearer than this every distance is the real one.
_NEAR = 0.36


def at(p: Floats, centre: Point) -> Floats:
    """The points as seen from a centre."""
    return p - np.array(centre, np.float32)[:, None]


def mirrored(p: Floats) -> Floats:
    """The points folded onto the half x >= 0, so that one shape stands on both sides."""
    return stack(np.abs(p[0]), p[1], p[2])


def around(p: Floats, count: int, phase: float = 0.0) -> Floats:
    """The points folded about the y axis so that one shape at +z stands `count` times."""
    sector = np.float32(2 * np.pi / count)
    angle = np.arctan2(p[0], p[2]) - np.float32(phase)
    angle = angle - sector * np.round(angle / sector)
    radius = np.hypot(p[0], p[2])
    return stack(radius * np.sin(angle), p[1], radius * np.cos(angle))


def sphere(p: Floats, radius: float) -> Floats:
    """A ball."""
    return np.sqrt(p[0] ** 2 + p[1] ** 2 + p[2] ** 2) - np.float32(radius)


def ellipsoid(p: Floats, radii: Point) -> Floats:
    """An ellipsoid; a close bound rather than an exact distance."""
    x, y, z = (p[i] * np.float32(1 / radii[i]) for i in range(3))
    k0 = np.sqrt(x * x + y * y + z * z)
    x, y, z = (c * np.float32(1 / r) for c, r in zip((x, y, z), radii, strict=True))
    return k0 * (k0 - 1) / np.maximum(np.sqrt(x * x + y * y + z * z), np.float32(1e-6))


def box(p: Floats, half: Point, rounding: float = 0.0) -> Floats:
    """A box with these half sides, its edges rounded within them."""
    x, y, z = (np.abs(p[i]) - np.float32(half[i] - rounding) for i in range(3))
    inside = np.minimum(np.maximum(np.maximum(x, y), z), 0)
    x, y, z = np.maximum(x, 0), np.maximum(y, 0), np.maximum(z, 0)
    return np.sqrt(x * x + y * y + z * z) + (inside - np.float32(rounding))


def disc(p: Floats, radius: float, half: float, rounding: float = 0.0) -> Floats:
    """A cylinder about the y axis."""
    return plate(np.hypot(p[0], p[2]) - np.float32(radius), p[1], half, rounding)


def plate(outline: Floats, along: Floats, half: float, rounding: float = 0.0) -> Floats:
    """A flat outline, given by its distances, made `2 * half` thick along an axis."""
    a = outline + np.float32(rounding)
    b = np.abs(along) - np.float32(half - rounding)
    outside = np.hypot(np.maximum(a, 0), np.maximum(b, 0))
    return outside + np.minimum(np.maximum(a, b), 0) - np.float32(rounding)


def prism(p: Floats, apothem: float, half: float, rounding: float = 0.0) -> Floats:
    """A hexagonal prism about the y axis, one flat side towards +z."""
    return plate(hexagon(p) - np.float32(apothem), p[1], half, rounding)


def hexagon(p: Floats) -> Floats:
    """The apothem of the hexagon through each point, one flat side towards +z."""
    x, z = np.abs(p[0]), np.abs(p[2])
    return np.maximum(z, x * np.float32(0.8660254) + z * np.float32(0.5))


def capsule(p: Floats, a: Point, b: Point, radius_a: float, radius_b: float) -> Floats:
    """A round bar from a to b whose radius runs from one value to the other."""
    axis = tuple(float(end - start) for start, end in zip(a, b, strict=True))
    x, y, z = (p[i] - np.float32(a[i]) for i in range(3))
    scale = 1 / sum(c * c for c in axis)
    share = x * np.float32(axis[0] * scale)
    share += y * np.float32(axis[1] * scale)
    share += z * np.float32(axis[2] * scale)
    share = np.clip(share, 0, 1)
    x, y, z = (c - np.float32(w) * share for c, w in zip((x, y, z), axis, strict=True))
    radius = np.float32(radius_a) + np.float32(radius_b - radius_a) * share
    return np.sqrt(x * x + y * y + z * z) - radius


def ring(p: Floats, radius: float, thickness: float) -> Floats:
    """A torus that lies flat, about the y axis."""
    return np.hypot(np.hypot(p[0], p[2]) - np.float32(radius), p[1]) - np.float32(thickness)


def standing_ring(p: Floats, radius: float, thickness: float) -> Floats:
    """A torus that stands facing +z."""
    return np.hypot(np.hypot(p[0], p[1]) - np.float32(radius), p[2]) - np.float32(thickness)


def join(distances: Sequence[Floats]) -> Floats:
    """The union."""
    nearest = distances[0]
    for other in distances[1:]:
        nearest = np.minimum(nearest, other)
    return nearest


def within(p: Floats, centre: Point, radius: float, shape: Callable[[Floats], Floats]) -> Floats:
    """A shape that lies within a ball, worked out only where the ball is near.

    Farther off the ball's distance stands in: shorter than the shape's, so safe to step.
    """
    distance = sphere(at(p, centre), radius)
    near = np.flatnonzero(distance < _NEAR)
    distance[near] = shape(p[:, near])
    return distance


def roughened(
    distance: Floats, p: Floats, most: float, relief: Callable[[Floats], Floats]
) -> Floats:
    """A surface moved outwards by a relief of at most `most`, worked out only close to it."""
    moved = distance - np.float32(most)
    near = np.flatnonzero(moved < 2 * most)
    moved[near] = distance[near] - relief(p[:, near])
    return moved


def blend(a: Floats, b: Floats, width: float) -> Floats:
    """The union with a fillet of about this width."""
    h = np.maximum(np.float32(width) - np.abs(a - b), 0)
    return np.minimum(a, b) - h * h * np.float32(0.25 / width)


def carve(a: Floats, b: Floats, width: float) -> Floats:
    """The first without the second, the cut's edge softened over about this width."""
    return -blend(-a, b, width)
