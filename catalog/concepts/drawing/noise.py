"""Repeatable noise in space: a lattice of random numbers, smoothly interpolated."""

from __future__ import annotations

import numpy as np

from .vectors import Floats, stack

_SIDE = 64
_LATTICE = np.random.default_rng(20240611).uniform(-1, 1, _SIDE**3).astype(np.float32)
# A turn that shares no axis with the lattice, so that octaves never line up.
_TURN = np.array([[0.00, 0.80, 0.60], [-0.80, 0.36, -0.48], [-0.60, -0.48, 0.64]], np.float32)


def noise(p: Floats) -> Floats:
    """Value noise in -1..1 with features of size one, shape (N,)."""
    cell = np.floor(p)
    f = p - cell
    f = f * f * f * (f * (f * np.float32(6) - np.float32(15)) + np.float32(10))
    i = cell.astype(np.int32)
    x0, y0, z0 = i[0] & 63, (i[1] & 63) << 6, (i[2] & 63) << 12
    x1, y1, z1 = (i[0] + 1) & 63, ((i[1] + 1) & 63) << 6, ((i[2] + 1) & 63) << 12
    fx, fy, fz = f
    sheets = []
    for z in (z0, z1):
        rows = []
        for y in (y0, y1):
            base = y + z
            a = _LATTICE.take(base + x0)
            b = _LATTICE.take(base + x1)
            rows.append(a + (b - a) * fx)
        sheets.append(rows[0] + (rows[1] - rows[0]) * fy)
    return sheets[0] + (sheets[1] - sheets[0]) * fz


def fractal(p: Floats, octaves: int = 4, gain: float = 0.5) -> Floats:
    """Noise summed over octaves, scaled back to about -1..1, shape (N,)."""
    total = noise(p)
    weight, sum_of_weights = 1.0, 1.0
    for _ in range(octaves - 1):
        p = _TURN @ p * np.float32(2.03) + np.float32(11.7)
        weight *= gain
        sum_of_weights += weight
        total = total + noise(p) * np.float32(weight)
    return total * np.float32(1.35 / sum_of_weights)


def stretched(p: Floats, x: float, y: float, z: float) -> Floats:
    """The points scaled per axis: a large factor gives a small grain along that axis."""
    return stack(p[0] * np.float32(x), p[1] * np.float32(y), p[2] * np.float32(z))


def random_of(index: Floats, salt: int = 0) -> Floats:
    """A random number in 0..1 for each whole number, the same on every run."""
    i = index.astype(np.int64)
    return (_LATTICE.take((i * 7919 + salt * 104729 + 137) % _SIDE**3) + 1) * np.float32(0.5)


def cells(p: Floats) -> tuple[Floats, Floats]:
    """Worley cells: the distance to the nearest seed, and how far the second is behind it.

    The second value is near zero along the borders between cells, which makes cracks.
    """
    cell = np.floor(p)
    f = p - cell
    i = cell.astype(np.int32)
    first = np.full(p.shape[1], 9.0, np.float32)
    second = first.copy()
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for dz in (-1, 0, 1):
                at = ((i[0] + dx) & 63) + (((i[1] + dy) & 63) << 6) + (((i[2] + dz) & 63) << 12)
                d = np.zeros_like(first)
                for axis, step in enumerate((dx, dy, dz)):
                    seed = _LATTICE.take((at + 7919 * (axis + 1)) & (_SIDE**3 - 1))
                    d += np.square(np.float32(step + 0.5) + seed * np.float32(0.45) - f[axis])
                second = np.minimum(second, np.maximum(first, d))
                first = np.minimum(first, d)
    return np.sqrt(first), np.sqrt(second) - np.sqrt(first)
