"""The studio's light looked up instead of evaluated: tables over direction and roughness.

Directions lie on an octahedron unfolded into a square (Z. Cigolle et al., "A Survey of Efficient
Representations for Independent Unit Vectors", JCGT 3(2), 2014), sampled on its rim as well, so that
bilinear interpolation never crosses an edge. Surfaces too smooth for the tables are evaluated.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ._studio import diffuse_light, mirrored_light

Float32 = NDArray[np.float32]

SIDE = 96
SMOOTHEST = 0.12
"""GGX width below which soft boxes are too crisp for a table."""
LEVELS = 6
ROW = 4096  # cv2.remap takes at most 32767 columns; lookups are folded to this


def diffuse(normals: Float32) -> tuple[Float32, Float32]:
    """As :func:`._studio.diffuse_light`, to about 1 part in 500."""
    found = _looked_up(np.zeros(normals.shape[1], np.float32), *_cell(normals))
    return found[:3], found[3]


def mirrored(directions: Float32, alpha: Float32) -> tuple[Float32, Float32]:
    """As :func:`._studio.mirrored_light`, to about 1 part in 100 of a soft box."""
    x, y = _cell(directions)
    depth = np.clip((_fineness(alpha) - _FIRST) * _PER_STEP, 0, LEVELS - 1)
    level = np.minimum(np.floor(depth), LEVELS - 2)
    share = depth - level
    found = _looked_up(level + 1, x, y) * (1 - share)
    found += _looked_up(level + 2, x, y) * share
    smooth = np.flatnonzero(alpha < SMOOTHEST)
    if len(smooth):
        light, key = mirrored_light(directions[:, smooth], alpha[smooth])
        found[:3, smooth], found[3, smooth] = light, key
    return found[:3], found[3]


def _fineness(alpha: Float32) -> Float32:
    """Even steps of it are even steps of blur."""
    return np.asarray(np.log(np.float32(0.025) + np.float32(1.15) * alpha), np.float32)


_FIRST, _LAST = _fineness(np.array([SMOOTHEST, 1], np.float32))
_PER_STEP = np.float32((LEVELS - 1) / (_LAST - _FIRST))


def _cell(directions: Float32) -> tuple[Float32, Float32]:
    """Where directions (3, N) lie in the square, in cells."""
    x, y, z = directions / np.maximum(np.abs(directions).sum(axis=0), np.float32(1e-20))
    folded = z < 0
    across = np.where(folded, np.copysign(1 - np.abs(y), x), x)
    along = np.where(folded, np.copysign(1 - np.abs(x), y), y)
    half = np.float32((SIDE - 1) / 2)
    return (across + 1) * half, (along + 1) * half


def _looked_up(level: Float32, x: Float32, y: Float32) -> Float32:
    """(4, N): colour and key share."""
    count = len(x)
    rows = -(-max(count, 1) // ROW)
    columns, lines = np.zeros((2, rows * ROW), np.float32)
    columns[:count] = x
    lines[:count] = level * SIDE + y
    found = cv2.remap(
        _tables(), columns.reshape(rows, ROW), lines.reshape(rows, ROW), cv2.INTER_LINEAR
    )
    return np.ascontiguousarray(found.reshape(-1, 4)[:count].T)


@cache
def _tables() -> Float32:
    """((LEVELS + 1) * SIDE, SIDE, 4): diffuse light first, then mirrored light, ever rougher."""
    steps = np.linspace(-1, 1, SIDE, dtype=np.float32)
    x, y = (grid.ravel() for grid in np.meshgrid(steps, steps))
    z = 1 - np.abs(x) - np.abs(y)
    below = np.maximum(-z, 0)
    x, y = x - np.copysign(below, x), y - np.copysign(below, y)
    directions = np.stack([x, y, z])
    directions /= np.sqrt((directions**2).sum(axis=0))
    blur = np.exp(np.linspace(_FIRST, _LAST, LEVELS))
    alphas = ((blur - 0.025) / 1.15).astype(np.float32)
    sheets = [diffuse_light(directions)]
    sheets += [mirrored_light(directions, np.full(len(x), alpha)) for alpha in alphas]
    packed = [np.concatenate([light, key[None]]).T.reshape(SIDE, SIDE, 4) for light, key in sheets]
    return np.ascontiguousarray(np.concatenate(packed), np.float32)
