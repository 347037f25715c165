"""Carry a master's look onto a new atlas: base color, ORM with occlusion, normal, emissive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh

from . import occlusion
from .arrays import required
from .maps import BakedMaps, TexelValues, finished
from .raster import Texels, rasterise
from .shown import emissive_factor, shown, tangent_space
from .source import Source
from .topology import face_vectors, unit, unit32
from .transfer import Matcher

_CHUNK = 1 << 18  # texels at a time: bounds memory
_THREADS = 2
_LID = 0.25  # of the reach: what the simplifier reckons that the mesh is off
_SUPERSAMPLED = 512  # maps up to this size are baked at twice it unless told otherwise
Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Target:
    """What is baked onto."""

    mesh: Mesh  # with normals, uvs and tangents
    kind: NDArray[np.int64]  # (T,) which of the sources each triangle shows
    chart: NDArray[np.int64]  # (T,)


@dataclass(frozen=True, eq=False)
class Baked:
    """The new texture set."""

    maps: BakedMaps
    emissive_factor: tuple[float, float, float]
    fallback: float
    """Share of texels that no ray matched: taken from the closest agreeing point."""


def bake(
    target: Target,
    sources: Sequence[Source],
    *,
    size: int,
    gutter: int,
    reach: float,
    diagonal: float,
    supersample: bool | None = None,
) -> Baked:
    """Bake all maps.

    Args:
        target: the unwrapped mesh.
        sources: one per kind.
        size: texels per side.
        gutter: texels that charts are extended by; beyond it the mean colour fills the map.
        reach: metres that rays look for the master.
        diagonal: of the model, metres.
        supersample: bake at twice the size and average; None: where ``size`` is at most 512.
    """
    lid = reach * _LID
    matchers = [Matcher(item, diagonal=diagonal, reach=reach, lid=lid) for item in sources]
    finer = size <= _SUPERSAMPLED if supersample is None else supersample
    resolution = size * 2 if finer else size
    faces = target.mesh.triangles.astype(np.int64)
    texels = rasterise(required(target.mesh.uvs, "UVs"), faces, resolution)
    alpha = any(item.materials[0].alpha_mode != "OPAQUE" for item in sources)
    factor = emissive_factor(sources)
    values = TexelValues(len(texels.index), alpha=alpha, emissive=max(factor) > 0.0)
    sky_wanted = not all(material.occlusion for item in sources for material in item.materials)
    # Chunks write to rows of their own, and numpy and Embree leave the interpreter lock, so that
    # threads change the time and nothing else.
    with ThreadPoolExecutor(_THREADS) as pool:
        sky = (
            pool.submit(_open_sky, target, faces, texels, sources, matchers, diagonal)
            if sky_wanted
            else None
        )
        chunks = [
            pool.submit(_look_up, target.mesh, faces, texels, rows, item, matcher, values, factor)
            for item, matcher, rows in _chunks(target, texels, sources, matchers)
        ]
        fallback = sum(chunk.result() for chunk in chunks)
        if sky is not None:
            given = np.array([item.materials[0].occlusion for item in sources])[target.kind]
            values.orm[:, 0] = np.where(given[texels.face], values.orm[:, 0], sky.result())
    return Baked(
        finished(values, texels, size=size, gutter=gutter),
        emissive_factor=factor,
        fallback=fallback / max(len(texels.index), 1),
    )


def _chunks(
    target: Target, texels: Texels, sources: Sequence[Source], matchers: Sequence[Matcher]
) -> Iterator[tuple[Source, Matcher, NDArray[np.int64]]]:
    """The texels of each kind in bites, with what they are looked up in."""
    for kind, (item, matcher) in enumerate(zip(sources, matchers, strict=True)):
        chosen = np.flatnonzero(target.kind[texels.face] == kind)
        for start in range(0, len(chosen), _CHUNK):
            yield item, matcher, chosen[start : start + _CHUNK]


def _look_up(
    mesh: Mesh,
    faces: NDArray[np.int64],
    texels: Texels,
    rows: NDArray[np.int64],
    item: Source,
    matcher: Matcher,
    values: TexelValues,
    factor: tuple[float, float, float],
) -> int:
    """Fill the values of some texels; returns how many needed the closest-point search."""
    part = Texels(texels.size, texels.index[rows], texels.face[rows], texels.weights[rows])
    points = part.interpolate(mesh.positions, faces)
    normals = unit32(part.interpolate(required(mesh.normals, "normals"), faces))
    tangents = part.interpolate(required(mesh.tangents, "tangents"), faces)
    flat = unit(face_vectors(mesh.positions, faces)).astype(np.float32)
    # Half flat: across a coarse triangle, smooth normals lean away from where a viewer looks from.
    match = matcher.match(points, unit32(normals + flat[part.face]))
    look = shown(item, match, factor)
    values.base_color[rows] = look.base_color[:, : values.base_color.shape[1]]
    values.orm[rows] = look.orm
    if values.emissive is not None:
        values.emissive[rows] = look.emissive
    values.normal[rows] = tangent_space(look.normal, normals, tangents)
    return match.fallback


def _open_sky(
    target: Target,
    faces: NDArray[np.int64],
    texels: Texels,
    sources: Sequence[Source],
    matchers: Sequence[Matcher],
    diagonal: float,
) -> Float32:
    """(N,) ambient occlusion of every texel; all kinds of surfaces cast it."""
    mesh = target.mesh
    grid = rasterise(required(mesh.uvs, "UVs"), faces, min(occlusion.GRID, texels.size))
    points = grid.interpolate(mesh.positions, faces)
    normals = unit32(grid.interpolate(required(mesh.normals, "normals"), faces))
    row, column = grid.index // grid.size, grid.index % grid.size
    turn = (row % 4) * 4 + column % 4
    sky = np.ones(len(points), np.float32)
    for kind, (item, matcher) in enumerate(zip(sources, matchers, strict=True)):
        own = np.flatnonzero(target.kind[grid.face] == kind)
        match = matcher.match(points[own], normals[own])
        place = item.interpolate(item.positions, match.face, match.weights)
        flat = unit(face_vectors(item.positions, item.faces[match.face])).astype(np.float32)
        shade = unit32(item.interpolate(item.normals, match.face, match.weights))
        for other in sources:
            sky[own] *= occlusion.trace(
                other.scene, place, shade, flat, turn[own], diagonal=diagonal
            )
    return occlusion.spread(occlusion.smooth(sky, grid, target.chart), grid, target.chart, texels)
