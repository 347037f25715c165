"""What a source shows at points of its surface, and how a normal map says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import required
from .source import Source, texture
from .topology import unit32
from .transfer import Match

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Shown:
    """What a source shows at N points."""

    base_color: Float32  # (N, 4) linear light and opacity
    orm: Float32  # (N, 3)
    emissive: Float32  # (N, 3) linear light, as a share of the factor asked for
    normal: Float32  # (N, 3) in the model's space, bumps included


def shown(item: Source, match: Match, factor: tuple[float, float, float]) -> Shown:
    """Sample all maps of a source; ``factor`` is the emissive factor of the result."""
    uvs = item.interpolate(item.uvs, match.face, match.weights)
    count = len(uvs)
    base_color, orm = np.empty((count, 4), np.float32), np.empty((count, 3), np.float32)
    emissive = np.zeros((count, 3), np.float32)
    tint = None
    if item.colors is not None:
        tint = item.interpolate(item.colors, match.face, match.weights)
    surface = unit32(item.interpolate(item.normals, match.face, match.weights))
    group = item.part[match.face]
    for number, (material, maps) in enumerate(zip(item.materials, item.maps, strict=True)):
        own = np.flatnonzero(group == number) if len(item.materials) > 1 else slice(None)
        at = uvs[own]
        base = texture(maps.base_color, at, (1.0, 1.0, 1.0))
        base_color[own, :3] = base[:, :3]
        base_color[own, 3] = base[:, 3] if base.shape[1] == 4 else 1.0
        base_color[own] *= np.asarray(material.base_color_factor, np.float32)
        data = texture(maps.orm, at, (1.0, 1.0, 1.0))
        data[:, 1] *= np.float32(material.roughness_factor)
        data[:, 2] *= np.float32(material.metallic_factor)
        orm[own] = data
        if max(factor) > 0.0:
            most = np.asarray(factor, np.float32)
            share = np.asarray(material.emissive_factor, np.float32) / np.where(most > 0, most, 1)
            emissive[own] = texture(maps.emissive, at, (1.0, 1.0, 1.0)) * share
        if maps.normal is not None and item.tangents is not None:
            surface[own] = _bumped(
                item, match, own, surface[own], at, maps.normal, material.normal_scale
            )
    return Shown(base_color if tint is None else base_color * tint, orm, emissive, surface)


def _bumped(
    item: Source,
    match: Match,
    own: NDArray[np.int64] | slice,
    surface: Float32,
    uvs: Float32,
    pixels: NDArray[np.uint8],
    scale: float,
) -> Float32:
    """World normals of the master with its own normal texture applied."""
    tangents = item.interpolate(
        required(item.tangents, "tangents"), match.face[own], match.weights[own]
    )
    tangent = unit32(tangents[:, :3])
    bitangent = np.cross(surface, tangent) * np.sign(tangents[:, 3:])
    bump = texture(pixels, uvs, (0.5, 0.5, 1.0)) * np.float32(2.0) - np.float32(1.0)
    bump[:, :2] *= np.float32(scale)
    return unit32(bump[:, :1] * tangent + bump[:, 1:2] * bitangent + bump[:, 2:] * surface)


def tangent_space(world: Float32, normals: Float32, tangents: Float32) -> Float32:
    """Directions as the engine's shader will undo them: bitangent = cross(normal, tangent) * w."""
    tangent = unit32(tangents[:, :3])
    bitangent = np.cross(normals, tangent) * np.sign(tangents[:, 3:])
    # Rows of the inverse of [tangent bitangent normal], which need not be orthogonal in between
    # vertices.
    rows = (
        np.cross(bitangent, normals),
        np.cross(normals, tangent),
        np.cross(tangent, bitangent),
    )
    size = np.einsum("ij,ij->i", tangent, rows[0])
    sign = np.where(size < 0.0, -1.0, 1.0).astype(np.float32)
    local = np.stack([np.einsum("ij,ij->i", world, row) for row in rows], axis=1) * sign[:, None]
    # A surface turned away from the texel cannot be shown; keep it at grazing.
    local[:, 2] = np.maximum(local[:, 2], 0.05)
    return unit32(local)


def emissive_factor(sources: Sequence[Source]) -> tuple[float, float, float]:
    factors = [material.emissive_factor for item in sources for material in item.materials]
    red, green, blue = np.max(np.asarray(factors, np.float64), axis=0)
    return float(red), float(green), float(blue)
