"""How alike two models look: colour at corresponding points of their surfaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Model, Part

from ._pixels import srgb
from .source import Source, source, texture
from .topology import face_vectors, unit
from .transfer import Matcher

_SAMPLES = 50_000
_FINEST = 1.0e12  # texels per metre: read textures as they are
_REACH = 0.05  # of the diagonal


@dataclass(frozen=True)
class ColourDeviation:
    """Mean and 95th percentile of the absolute RGB difference, 0..255 in sRGB."""

    mean: float
    p95: float


def colour_deviation(first: Model, second: Model, *, samples: int = _SAMPLES) -> ColourDeviation:
    """Compare base colours both ways at surface points that face each other.

    Points are spread by area from a fixed seed. Models without textures compare by their factors.

    Raises:
        InvalidMesh: a model has no triangles to sample.
    """
    diagonal = float(np.linalg.norm(np.diff(first.bounds(), axis=0)))
    left, right = _surface(first), _surface(second)
    both = np.concatenate(
        [_differences(left, right, diagonal, samples), _differences(right, left, diagonal, samples)]
    )
    return ColourDeviation(float(both.mean()), float(np.quantile(both, 0.95)))


def _surface(model: Model) -> Source:
    parts: list[Part] = [part for part in model.parts if part.mesh.triangle_count]
    return source(parts, texels_per_metre=_FINEST)


def _differences(
    sampled: Source, other: Source, diagonal: float, samples: int
) -> NDArray[np.float64]:
    vectors = face_vectors(sampled.positions, sampled.faces)
    area = np.linalg.norm(vectors, axis=1)
    rng = np.random.default_rng(0)
    face = rng.choice(len(area), size=samples, p=area / area.sum())
    weights = rng.dirichlet((1.0, 1.0, 1.0), size=samples).astype(np.float32)
    points = sampled.interpolate(sampled.positions, face, weights)
    normals = unit(vectors[face]).astype(np.float32)
    match = Matcher(other, diagonal=diagonal, reach=_REACH * diagonal).match(points, normals)
    mine = _colours(sampled, face, weights)
    theirs = _colours(other, match.face, match.weights)
    return np.asarray(np.abs(mine - theirs).mean(axis=1))


def _colours(
    item: Source, face: NDArray[np.int64], weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    uvs = item.interpolate(item.uvs, face, weights)
    result = np.empty((len(face), 3))
    for number, (material, maps) in enumerate(zip(item.materials, item.maps, strict=True)):
        own = item.part[face] == number
        light = texture(maps.base_color, uvs[own], (1.0, 1.0, 1.0))[:, :3]
        factor = np.asarray(material.base_color_factor[:3], np.float32)
        result[own] = srgb(light * factor)
    return result
