"""The faults of real TRELLIS.2 output, put into a sound model on purpose and counted.

What repair and rebuild steps exist for: an atlas of thousands of sliver charts, an inner hull,
flipped triangles, small floaters, and an alpha channel kept under an OPAQUE material. On real
output about 17 % conflicting edges were counted. Seeded: the same seed makes the same faults.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.concepts.rim import nearest_fill
from trellis_assets.embedded.raster import cover
from trellis_assets.embedded.slivers import repacked, shattered

Float = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Int = NDArray[np.int64]
Triangles = NDArray[np.uint32]

HULL_SHARE = 0.06
HULL_DEPTH = 0.012
# Each flipped triangle makes three conflicting edges: 17 % of all with this share.
SPECKLE_SHARE = 0.1
PATCHES = 10
FLOATERS = (14, 40)


@dataclass(frozen=True)
class Sound:
    """A sound model: ``positions``, ``normals`` (V, 3), ``triangles`` (T, 3); per corner (T, 3, 2)
    the place in its chart's plane (``flat``) and in the atlas (``texel``); ``chart`` (T,);
    ``pairs`` (3T,) opposite half-edges.
    """

    positions: Float
    normals: Float
    triangles: Triangles
    flat: Float
    texel: Float
    chart: Int
    pairs: Int
    rgb: Bytes
    orm: Bytes


@dataclass(frozen=True)
class Distressed:
    """Vertex arrays split per chart, pictures (``rgba`` has holes in its alpha), and the counts."""

    positions: Float
    normals: Float
    uvs: Float
    triangles: Triangles
    rgba: Bytes
    orm: Bytes
    faults: dict[str, int]


def distress(sound: Sound, *, seed: int) -> Distressed:
    """``sound`` with the faults of TRELLIS.2; deterministic."""
    rng = np.random.Generator(np.random.PCG64([seed, 0x7E115]))
    texels = sound.rgb.shape[0]
    flat, chart = shattered(sound.flat, sound.chart, sound.pairs, rng)
    corners = repacked(flat, chart, texels, rng)
    rgb, orm = _rebaked(sound, corners)
    key = np.repeat(chart, 3) * len(sound.positions) + sound.triangles.ravel().astype(np.int64)
    unique, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    vertex = unique % len(sound.positions)
    uvs = (corners.reshape(-1, 2)[first] / texels).astype(np.float32)
    triangles = inverse.reshape(-1, 3).astype(np.uint32)
    triangles, flipped = _flipped(sound, triangles, rng)
    parts = [(sound.positions[vertex], sound.normals[vertex], uvs, triangles)]
    parts.append(_inner_hull(sound, texels))
    floaters, count = _floaters(sound, rng)
    parts.append(floaters)
    starts = np.cumsum([0] + [len(part[0]) for part in parts])
    faults = {
        "charts": int(chart.max()) + 1,
        "flippedTriangles": flipped,
        "innerHullTriangles": len(parts[1][3]),
        "floaters": count,
    }
    return Distressed(
        np.concatenate([part[0] for part in parts]).astype(np.float32),
        np.concatenate([part[1] for part in parts]).astype(np.float32),
        np.concatenate([part[2] for part in parts]).astype(np.float32),
        np.concatenate(
            [part[3] + np.uint32(start) for part, start in zip(parts, starts, strict=False)]
        ),
        np.dstack([rgb, _holes(texels, rng)]),
        orm,
        faults,
    )


def _rebaked(sound: Sound, corners: Float) -> tuple[Bytes, Bytes]:
    texels = sound.rgb.shape[0]
    both = np.dstack([sound.rgb, sound.orm[:, :, 1]])
    rgba = np.zeros_like(both)
    metal = np.zeros((texels, texels), dtype=np.uint8)
    covered = np.zeros((texels, texels), dtype=bool)
    for part in cover(corners, texels=texels):
        at = np.einsum("nij,ni->nj", sound.texel[part.triangle], part.weights)
        column = np.clip(at[:, 0], 0, texels - 1).astype(np.int64)
        row = np.clip(at[:, 1], 0, texels - 1).astype(np.int64)
        rgba[part.row, part.column] = both[row, column]
        metal[part.row, part.column] = sound.orm[row, column, 2]
        covered[part.row, part.column] = True
    filled = nearest_fill(np.dstack([rgba, metal]), covered)
    orm = np.dstack([np.zeros_like(metal), filled[:, :, 3], filled[:, :, 4]])
    return np.ascontiguousarray(filled[:, :, :3]), orm


def _flipped(sound: Sound, triangles: Triangles, rng: np.random.Generator) -> tuple[Triangles, int]:
    """Single triangles and whole patches turned inside out."""
    centre = sound.positions[sound.triangles].mean(axis=1)
    flip = rng.random(len(triangles)) < SPECKLE_SHARE
    for seed in centre[rng.integers(0, len(centre), PATCHES)]:
        reach = rng.uniform(0.015, 0.05)
        flip |= np.linalg.norm(centre - seed, axis=1) < reach
    result = triangles.copy()
    result[flip] = result[flip][:, ::-1]
    return result, int(flip.sum())


def _inner_hull(sound: Sound, texels: int) -> tuple[Float, Float, Float, Triangles]:
    """A coarse copy of the surface a little inside of it, facing inwards."""
    from trellis_assets.geometry.meshopt import simplify

    target = max(64, int(HULL_SHARE * len(sound.triangles)))
    coarse = simplify(sound.positions, sound.triangles, target_triangles=target).triangles
    used, inverse = np.unique(coarse, return_inverse=True)
    texel = np.zeros((len(sound.positions), 2), dtype=np.float32)
    texel[sound.triangles.ravel()] = sound.texel.reshape(-1, 2)
    normals = sound.normals[used]
    positions = sound.positions[used] - HULL_DEPTH * normals
    triangles = inverse.reshape(-1, 3).astype(np.uint32)[:, ::-1]
    return positions, -normals, (texel[used] / texels).astype(np.float32), triangles


def _floaters(
    sound: Sound, rng: np.random.Generator
) -> tuple[tuple[Float, Float, Float, Triangles], int]:
    """Small octahedra drifting near the surface."""
    count = int(rng.integers(*FLOATERS))
    shape = np.concatenate([np.eye(3), -np.eye(3)]).astype(np.float32)
    faces = np.array(
        [[0, 1, 2], [1, 3, 2], [3, 4, 2], [4, 0, 2], [1, 0, 5], [3, 1, 5], [4, 3, 5], [0, 4, 5]],
        dtype=np.uint32,
    )
    near = sound.positions[rng.integers(0, len(sound.positions), count)]
    drift = rng.normal(0.0, 0.03, (count, 3))
    radius = rng.uniform(0.002, 0.008, (count, 1, 1))
    centre = np.clip(near + drift, -0.48, 0.48)
    positions = (centre[:, None, :] + radius * shape).reshape(-1, 3).astype(np.float32)
    normals = np.tile(shape, (count, 1))
    uvs = np.tile(rng.random((count, 1, 2)), (1, 6, 1)).reshape(-1, 2).astype(np.float32)
    starts = (6 * np.arange(count, dtype=np.uint32))[:, None, None]
    return (positions, normals, uvs, (faces[None] + starts).reshape(-1, 3).astype(np.uint32)), count


def _holes(texels: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """An alpha plane that an OPAQUE material must ignore."""
    side = 24
    noise = rng.random((side, side)).astype(np.float32)
    soft = cv2.resize(noise, (texels, texels), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(1.4 * np.asarray(soft), 0.1, 1.0) * 255.0, dtype=np.uint8)
