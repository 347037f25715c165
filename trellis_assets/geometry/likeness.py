"""How alike two models look: colour and shading at corresponding points of their surfaces."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Model, Part

from ._pixels import srgb
from .shown import shown
from .source import Source, source, texture
from .topology import face_vectors, unit
from .transfer import Match, Matcher

_SAMPLES = 50_000
_FINEST = 1.0e12  # texels per metre: read textures as they are
_REACH = 0.05  # of the diagonal
_DARK = (0.0, 0.0, 0.0)  # no light of its own is looked at


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


def shading_deviation(first: Model, second: Model, *, samples: int = _SAMPLES) -> float:
    """Mean angle in degrees between the directions that the two are lit by, normal maps applied.

    Taken both ways at surface points that face each other, spread by area from a fixed seed.

    Raises:
        InvalidMesh: a model has no triangles to sample.
    """
    left, right = (_surface(_bare(model)) for model in (first, second))
    diagonal = float(np.linalg.norm(np.diff(first.bounds(), axis=0)))
    angles = []
    for here, there in ((left, right), (right, left)):
        at, match = _pairs(here, there, diagonal, samples)
        mine, theirs = (shown(*pair, factor=_DARK).normal for pair in ((here, at), (there, match)))
        angles.append(np.arccos(np.clip(np.einsum("ij,ij->i", mine, theirs), -1.0, 1.0)))
    return float(np.degrees(np.mean(angles)))


def _bare(model: Model) -> Model:
    """The model with its normal maps alone: the other textures take long to decode."""
    return replace(
        model,
        parts=tuple(
            replace(
                part,
                material=replace(part.material, base_color=None, orm=None, emissive=None),
            )
            for part in model.parts
        ),
    )


def _surface(model: Model) -> Source:
    parts: list[Part] = [part for part in model.parts if part.mesh.triangle_count]
    return source(parts, texels_per_metre=_FINEST)


def _differences(
    sampled: Source, other: Source, diagonal: float, samples: int
) -> NDArray[np.float64]:
    at, match = _pairs(sampled, other, diagonal, samples)
    return np.asarray(np.abs(_colours(sampled, at) - _colours(other, match)).mean(axis=1))


def _pairs(sampled: Source, other: Source, diagonal: float, samples: int) -> tuple[Match, Match]:
    """Points spread over one surface, and where they are on the other."""
    vectors = face_vectors(sampled.positions, sampled.faces)
    area = np.linalg.norm(vectors, axis=1)
    rng = np.random.default_rng(0)
    face = rng.choice(len(area), size=samples, p=area / area.sum())
    weights = rng.dirichlet((1.0, 1.0, 1.0), size=samples).astype(np.float32)
    points = sampled.interpolate(sampled.positions, face, weights)
    normals = unit(vectors[face]).astype(np.float32)
    matcher = Matcher(other, diagonal=diagonal, reach=_REACH * diagonal)
    return Match(face, weights, 0), matcher.match(points, normals)


def _colours(item: Source, at: Match) -> NDArray[np.float64]:
    uvs = item.interpolate(item.uvs, at.face, at.weights)
    result = np.empty((len(uvs), 3))
    for number, (material, maps) in enumerate(zip(item.materials, item.maps, strict=True)):
        own = item.part[at.face] == number
        light = texture(maps.base_color, uvs[own], (1.0, 1.0, 1.0))[:, :3]
        factor = np.asarray(material.base_color_factor[:3], np.float32)
        result[own] = srgb(light * factor)
    return result
