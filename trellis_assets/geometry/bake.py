"""Carry a master's look onto a new atlas: base color, ORM with occlusion, normal, emissive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Image, Mesh

from . import occlusion
from ._pixels import encode_png, srgb
from .arrays import required
from .raster import Texels, rasterise
from .source import Source, texture
from .topology import face_vectors, unit
from .transfer import Match, Matcher

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

    base_color: Image
    orm: Image
    normal: Image
    emissive: Image | None
    emissive_factor: tuple[float, float, float]
    covered: float
    """Share of texels that belong to a chart."""
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
    values = _Values(len(texels.index), alpha=alpha, emissive=max(factor) > 0.0)
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
    return _assemble(values, texels, size, gutter, factor, fallback)


def _chunks(
    target: Target, texels: Texels, sources: Sequence[Source], matchers: Sequence[Matcher]
) -> Iterator[tuple[Source, Matcher, NDArray[np.int64]]]:
    """The texels of each kind in bites, with what they are looked up in."""
    for kind, (item, matcher) in enumerate(zip(sources, matchers, strict=True)):
        chosen = np.flatnonzero(target.kind[texels.face] == kind)
        for start in range(0, len(chosen), _CHUNK):
            yield item, matcher, chosen[start : start + _CHUNK]


class _Values:
    """What was found for each texel: linear light, data 0..1, tangent-space directions."""

    def __init__(self, count: int, *, alpha: bool, emissive: bool) -> None:
        self.base_color = np.zeros((count, 4 if alpha else 3), np.float32)
        self.orm = np.ones((count, 3), np.float32)
        self.normal = np.zeros((count, 3), np.float32)
        self.emissive = np.zeros((count, 3), np.float32) if emissive else None


def _look_up(
    mesh: Mesh,
    faces: NDArray[np.int64],
    texels: Texels,
    rows: NDArray[np.int64],
    item: Source,
    matcher: Matcher,
    values: _Values,
    factor: tuple[float, float, float],
) -> int:
    """Fill the values of some texels; returns how many needed the closest-point search."""
    part = Texels(texels.size, texels.index[rows], texels.face[rows], texels.weights[rows])
    points = part.interpolate(mesh.positions, faces)
    normals = _unit(part.interpolate(required(mesh.normals, "normals"), faces))
    tangents = part.interpolate(required(mesh.tangents, "tangents"), faces)
    match = matcher.match(points, normals)
    look = looks(item, match, factor)
    values.base_color[rows] = look.base_color[:, : values.base_color.shape[1]]
    values.orm[rows] = look.orm
    if values.emissive is not None:
        values.emissive[rows] = look.emissive
    values.normal[rows] = tangent_space(look.normal, normals, tangents)
    return match.fallback


@dataclass(frozen=True, eq=False)
class Looks:
    """What a source shows at N points."""

    base_color: Float32  # (N, 4) linear light and opacity
    orm: Float32  # (N, 3)
    emissive: Float32  # (N, 3) linear light, as a share of the factor asked for
    normal: Float32  # (N, 3) in the model's space, bumps included


def looks(item: Source, match: Match, factor: tuple[float, float, float]) -> Looks:
    """Sample all maps of a source; ``factor`` is the emissive factor of the result."""
    uvs = item.interpolate(item.uvs, match.face, match.weights)
    count = len(uvs)
    base_color, orm = np.empty((count, 4), np.float32), np.empty((count, 3), np.float32)
    emissive = np.zeros((count, 3), np.float32)
    tint = None
    if item.colors is not None:
        tint = item.interpolate(item.colors, match.face, match.weights)
    surface = _unit(item.interpolate(item.normals, match.face, match.weights))
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
    return Looks(base_color if tint is None else base_color * tint, orm, emissive, surface)


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
    tangent = _unit(tangents[:, :3])
    bitangent = np.cross(surface, tangent) * np.sign(tangents[:, 3:])
    bump = texture(pixels, uvs, (0.5, 0.5, 1.0)) * np.float32(2.0) - np.float32(1.0)
    bump[:, :2] *= np.float32(scale)
    return _unit(bump[:, :1] * tangent + bump[:, 1:2] * bitangent + bump[:, 2:] * surface)


def tangent_space(world: Float32, normals: Float32, tangents: Float32) -> Float32:
    """Directions as the engine's shader will undo them: bitangent = cross(normal, tangent) * w."""
    tangent = _unit(tangents[:, :3])
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
    return _unit(local)


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
    normals = _unit(grid.interpolate(required(mesh.normals, "normals"), faces))
    row, column = grid.index // grid.size, grid.index % grid.size
    turn = (row % 4) * 4 + column % 4
    sky = np.ones(len(points), np.float32)
    for kind, (item, matcher) in enumerate(zip(sources, matchers, strict=True)):
        own = np.flatnonzero(target.kind[grid.face] == kind)
        match = matcher.match(points[own], normals[own])
        place = item.interpolate(item.positions, match.face, match.weights)
        flat = unit(face_vectors(item.positions, item.faces[match.face])).astype(np.float32)
        shade = _unit(item.interpolate(item.normals, match.face, match.weights))
        for other in sources:
            sky[own] *= occlusion.trace(
                other.scene, place, shade, flat, turn[own], diagonal=diagonal
            )
    return occlusion.spread(occlusion.smooth(sky, grid, target.chart), grid, target.chart, texels)


def _assemble(
    values: _Values,
    texels: Texels,
    size: int,
    gutter: int,
    factor: tuple[float, float, float],
    fallback: int,
) -> Baked:
    """Average down to the final size, extend the charts, fill the rest, encode."""
    light, covered = _shrink(values.base_color, texels, size)
    fill = Filling(covered, gutter)
    base = np.empty(light.shape, np.uint8)
    base[:, :3] = srgb(light[:, :3])
    if light.shape[1] == 4:
        base[:, 3] = _bytes(light[:, 3])
    orm = _bytes(_shrink(values.orm, texels, size)[0])
    direction = _unit(_shrink(values.normal, texels, size)[0])
    # 128 is the zero of normal textures in practice; 127 steps either way keep it exact.
    normal = np.clip(np.round(direction * 127.0 + 128.0), 0, 255).astype(np.uint8)
    pictures = {
        "base_color": fill(base, None),
        "orm": fill(orm, None),
        "normal": fill(normal, (128, 128, 255)),
    }
    if values.emissive is not None:
        glow = srgb(_shrink(values.emissive, texels, size)[0])
        pictures["emissive"] = fill(glow, None)
    with ThreadPoolExecutor() as pool:  # OpenCV encodes outside the interpreter lock
        images = dict(zip(pictures, pool.map(encode_png, pictures.values(), pictures), strict=True))
    return Baked(
        base_color=images["base_color"],
        orm=images["orm"],
        normal=images["normal"],
        emissive=images.get("emissive"),
        emissive_factor=factor,
        covered=float(covered.mean()),
        fallback=fallback / max(len(texels.index), 1),
    )


def _shrink(values: Float32, texels: Texels, size: int) -> tuple[Float32, NDArray[np.bool_]]:
    """(size * size, C) image of texel values and which of its texels are covered."""
    channels = values.shape[1]
    image = np.zeros((texels.size * texels.size, channels), np.float32)
    image[texels.index] = values
    weight = np.zeros(texels.size * texels.size, np.float32)
    weight[texels.index] = 1.0
    if texels.size == size:
        return image, weight > 0.0
    square = image.reshape(texels.size, texels.size, channels)
    small = cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA)
    share = cv2.resize(
        weight.reshape(texels.size, texels.size), (size, size), interpolation=cv2.INTER_AREA
    ).reshape(-1)
    covered = share > 1e-6
    mean = small.reshape(-1, channels) / np.where(covered, share, 1.0)[:, None]
    return np.asarray(mean, np.float32), np.asarray(covered)


class Filling:
    """Extends charts into the gutter by nearest texel and fills the rest with one colour."""

    def __init__(self, covered: NDArray[np.bool_], gutter: int) -> None:
        self._size = int(np.sqrt(len(covered)))
        self._inside = np.flatnonzero(covered)
        empty = (~covered).astype(np.uint8).reshape(self._size, self._size)
        distance, label = cv2.distanceTransformWithLabels(
            empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        distance, label = distance.reshape(-1), label.reshape(-1)
        texel = np.zeros(int(label.max()) + 1, np.int64)
        texel[label[self._inside]] = self._inside
        rim = np.flatnonzero(~covered & (distance <= gutter))
        self._rim, self._nearest = rim, texel[label[rim]]
        self._far = np.flatnonzero(distance > gutter)

    def __call__(
        self, pixels: NDArray[np.uint8], background: tuple[int, ...] | None
    ) -> NDArray[np.uint8]:
        if background is None and len(self._inside):
            mean = pixels[self._inside].mean(axis=0, dtype=np.float64)
            pixels[self._far] = np.round(mean).astype(np.uint8)
        elif background is not None:
            pixels[self._far] = background
        pixels[self._rim] = pixels[self._nearest]
        return pixels.reshape(self._size, self._size, -1)


def emissive_factor(sources: Sequence[Source]) -> tuple[float, float, float]:
    factors = [material.emissive_factor for item in sources for material in item.materials]
    red, green, blue = np.max(np.asarray(factors, np.float64), axis=0)
    return float(red), float(green), float(blue)


def _bytes(values: Float32) -> NDArray[np.uint8]:
    scaled = values * np.float32(255.0)
    scaled += np.float32(0.5)
    np.clip(scaled, 0.0, 255.0, out=scaled)
    return scaled.astype(np.uint8)


def _unit(vectors: Float32) -> Float32:
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return np.asarray(vectors / np.where(length > 1e-20, length, 1.0), np.float32)
