"""What is in whose way: ambient occlusion, the key light's shadow, the shadow on the ground.

Few rays per pixel, in a 4 x 4 pattern of different ones, then averaged over 4 x 4 pixels of the
same surface: 48 directions for the price of 3, and the same picture every time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ._studio import KEY
from ._surface import Surface

Float32 = NDArray[np.float32]

PATTERN = 4
AMBIENT_RAYS = 3
KEY_RAYS = 1
REACH = 0.9  # of ambient occlusion, in normalised units (the model is about 2 across)
LIFT = np.float32(6e-4)  # of ray origins off the surface
GROUND_CELLS = 64
GROUND_RAYS = 16


def spiral(count: int) -> Float32:
    """(count, 2) evenly spread points of the unit square: the R2 sequence (M. Roberts, 2018)."""
    plastic = 1.32471795724474602596
    index = np.arange(1, count + 1)[:, None]
    steps = np.mod(0.5 + index * np.array([1 / plastic, 1 / plastic**2]), 1)
    return np.asarray(steps, np.float32)


def cosine_directions(count: int) -> Float32:
    """(count, 3) directions about +z, as likely as their cosine."""
    u, v = spiral(count).T
    radius, angle = np.sqrt(u), 2 * np.pi * v
    return np.stack(
        [radius * np.cos(angle), radius * np.sin(angle), np.sqrt(np.maximum(1 - u, 0.02))], axis=1
    ).astype(np.float32)


def _basis(normals: Float32) -> tuple[Float32, Float32]:
    """Two unit vectors across each normal (Duff et al., JCGT 6(1), 2017)."""
    x, y, z = normals.T
    sign = np.where(z >= 0, np.float32(1), np.float32(-1))
    a = -1 / (sign + z)
    b = x * y * a
    return (
        np.stack([1 + sign * x * x * a, sign * b, -sign * x], axis=1),
        np.stack([b, sign + y * y * a, -y], axis=1),
    )


def _blocked(surface: Surface, origins: Float32, directions: Float32, reach: float) -> Float32:
    """1 where something stands within reach, else 0; (N,) float32."""
    hit = surface.embree.run(
        np.ascontiguousarray(origins, np.float32),
        np.ascontiguousarray(directions, np.float32),
        np.full(len(origins), reach, np.float32),
        query="OCCLUDED",
    )
    return np.asarray(hit >= 0, np.float32)


def ambient_visibility(
    surface: Surface, points: Float32, normals: Float32, slot: NDArray[np.intp]
) -> Float32:
    """Share of the hemisphere that is open, (N,), from the rays of each point's pattern slot."""
    tangent, bitangent = _basis(normals)
    origins = points + normals * LIFT
    pattern = cosine_directions(PATTERN**2 * AMBIENT_RAYS).reshape(AMBIENT_RAYS, PATTERN**2, 3)
    blocked = np.zeros(len(points), np.float32)
    for local in pattern:
        x, y, z = local[slot].T[:, :, None]
        blocked += _blocked(surface, origins, x * tangent + y * bitangent + z * normals, REACH)
    return 1 - blocked / np.float32(AMBIENT_RAYS)


def key_visibility(
    surface: Surface, points: Float32, normals: Float32, slot: NDArray[np.intp], to_world: Float32
) -> Float32:
    """Share of the key light that each point sees, (N,). `to_world` (3, 3) turns the studio."""
    frame = (to_world @ KEY.frame()).T
    origins = points + normals * LIFT
    pattern = spiral(PATTERN**2 * KEY_RAYS).reshape(KEY_RAYS, PATTERN**2, 2) * 2 - 1
    pattern *= np.array([KEY.width, KEY.height], np.float32) * np.float32(0.6)
    # A surface that faces away from the whole light stands in its own way.
    lit = np.flatnonzero(normals @ frame[2] > -max(KEY.width, KEY.height))
    origins, slot = origins[lit], slot[lit]
    blocked = np.zeros(len(lit), np.float32)
    for local in pattern:
        x, y = local[slot].T[:, :, None]
        directions = x * frame[0] + y * frame[1] + frame[2]
        blocked += _blocked(surface, origins, directions, 8.0)
    visible = np.zeros(len(points), np.float32)
    visible[lit] = 1 - blocked / np.float32(KEY_RAYS)
    return visible


def smoothed(
    values: Float32, points: Float32, normals: Float32, covered: NDArray[np.bool_], tolerance: float
) -> Float32:
    """Average (H, W, K) over the 4 x 4 pattern, within one smooth surface only.

    Args:
        points, normals: (H, W, 3); covered: (H, W); tolerance: distance from the tangent plane,
            normalised units.
    """
    for axis in (0, 1):
        total, weights = values.copy(), np.ones((*covered.shape, 1), np.float32)
        for step in (-2, -1, 1, 2):
            share = 0.5 if abs(step) == 2 else 1.0  # taps of half weight: exactly four pixels wide
            away = np.roll(points, step, axis) - points
            away = np.abs(np.einsum("hwc,hwc->hw", away, normals))
            turned = np.einsum("hwc,hwc->hw", np.roll(normals, step, axis), normals)
            both = covered & np.roll(covered, step, axis)
            same = both & (away < tolerance) & (turned > 0.8)
            # A pixel in a crease has no neighbour on its surface and would stay a black dot.
            near = both & (away < 6 * tolerance) & (turned > 0)
            weight = np.where(same, share, near * (0.08 * share)).astype(np.float32)[..., None]
            total += np.roll(values, step, axis) * weight
            weights += weight
        values = (total / weights).astype(np.float32, copy=False)
    return values


def ground_shadow(surface: Surface) -> tuple[Float32, Float32]:
    """How dark the floor under the model is.

    Returns:
        (cells, cells) 0..1 over x and z, and its extent (2, 2): lower and upper x, z.
    """
    import cv2

    lower, upper = surface.points.min(axis=0)[[0, 2]], surface.points.max(axis=0)[[0, 2]]
    extent = np.stack([lower - 0.45, upper + 0.45]).astype(np.float32)
    steps = (np.arange(GROUND_CELLS, dtype=np.float32) + 0.5) / GROUND_CELLS
    x, z = (extent[0] + steps[:, None] * (extent[1] - extent[0])).T
    grid = np.stack(np.broadcast_arrays(x[None, :], np.float32(surface.ground), z[:, None]), -1)
    origins = grid.reshape(-1, 3).astype(np.float32) - np.array([0, LIFT, 0], np.float32)
    row, column = np.divmod(np.arange(len(origins)), GROUND_CELLS)
    slot = (row % PATTERN) * PATTERN + column % PATTERN
    pattern = cosine_directions(PATTERN**2 * GROUND_RAYS).reshape(GROUND_RAYS, PATTERN**2, 3)
    dark = np.zeros(len(origins), np.float32)
    for local in pattern:
        # The pattern is about +z; the floor looks along +y.
        dark += _blocked(surface, origins, local[slot][:, [0, 2, 1]], 1.3)
    shadow = cv2.GaussianBlur((dark / GROUND_RAYS).reshape(GROUND_CELLS, GROUND_CELLS), (0, 0), 1.1)
    edge = (np.minimum(steps, 1 - steps) - steps[0]) / 0.16  # nothing in the outermost cells
    fade = np.clip(np.minimum(edge[None, :], edge[:, None]), 0, 1)
    return (shadow * fade * fade * (3 - 2 * fade)).astype(np.float32), extent
