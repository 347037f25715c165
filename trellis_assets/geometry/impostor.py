"""A model as crossed pictures of itself: eight triangles for where it is a few pixels tall.

Two planes cross in the middle of the bounding box. Each has two quads back to back, so that all
four sides show what is seen from there, and with a normal map of the model they are lit like it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Image, Material, Mesh, Model, Part

from ._errors import EmptyModel, MovingModel
from ._pixels import encode_png, srgb
from .arrays import required
from .maps import Filling
from .shading import with_tangents
from .shown import emissive_factor, shown, tangent_space
from .source import Source, source
from .topology import unit
from .transfer import Match
from .what_moves import what_moves

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Axis = tuple[int, int, int]
View = tuple[Axis, Axis]

# Front, back, right and left: what points to the right in the picture, and to who looks at it.
_VIEWS: tuple[View, ...] = (
    ((1, 0, 0), (0, 0, 1)),
    ((-1, 0, 0), (0, 0, -1)),
    ((0, 0, -1), (1, 0, 0)),
    ((0, 0, 1), (-1, 0, 0)),
)
_PADDING = 2  # transparent texels around each picture
_FINER = 2  # rays per texel along each side
_APART = 5e-4  # of the diagonal: each quad from the middle
_FLAT = 1e-3  # of the diagonal: a side narrower than this has no picture


@dataclass(frozen=True, eq=False)
class Impostor:
    """Crossed quads and how far they are from what they show."""

    model: Model
    error: float
    """Metres: root mean square distance of what is seen from the quad that shows it."""
    error_relative: float
    """The same over the diagonal of the bounding box."""


@dataclass(frozen=True, eq=False)
class _Views:
    """What the rays of all pictures met, one row per ray."""

    seen: NDArray[np.bool_]
    match: Match  # of rays that met something
    depth: Float32  # metres from the quad, of those


def impostor(model: Model, *, size: int = 256) -> Impostor:
    """Draw a model from four sides onto crossed quads with one small atlas.

    The material is alpha-tested (``MASK``), single-sided, with base color, ORM, normal map and
    emissive where the model glows.

    Args:
        model: usually LOD0; textures PNG, JPEG or WebP.
        size: texels per side of the atlas, a power of two from 32.

    Raises:
        MovingModel: something moves it; a picture has one pose.
        EmptyModel: no triangle is seen from any side.
    """
    if model.moves:
        raise MovingModel(
            f"no pictures of a model that moves ({what_moves(model)}): they have one pose",
            fix="leave out its impostor",
        )
    parts = [part for part in model.parts if part.mesh.triangle_count]
    if not parts:
        raise EmptyModel("the model has no triangles", fix="generate the model again")
    lower, upper = model.bounds().astype(np.float64)
    diagonal = float(np.linalg.norm(upper - lower))
    views = [view for view in _VIEWS if np.abs(view[0]) @ (upper - lower) > _FLAT * diagonal]
    mesh = _quads(views, lower, upper, size)
    item = source(parts, texels_per_metre=size / 2 / float((upper - lower).max()))
    side = (size // 2 - 2 * _PADDING) * _FINER
    found = _cast(item, views, lower, upper, side)
    if not found.seen.any():
        raise EmptyModel("nothing of the model is seen from any side", fix="turn its faces outward")
    error = float(np.sqrt(np.mean(found.depth.astype(np.float64) ** 2)))
    material = replace(_drawn(item, found, mesh, len(views), size), name=parts[0].material.name)
    return Impostor(
        replace(model, parts=(Part(mesh, material, model.name),)), error, error / diagonal
    )


def _quads(views: Sequence[View], lower: Float64, upper: Float64, size: int) -> Mesh:
    """One quad per view through the middle of the box, each with a quarter of the atlas."""
    middle, half = (lower + upper) / 2, (upper - lower) / 2
    corners = np.array([[-1, 1], [-1, -1], [1, -1], [1, 1]])  # right, up
    positions, uvs, normals = [], [], []
    for number, (right, out) in enumerate(views):
        across = np.array(right) * (np.abs(right) @ half)
        # Quads back to back in one place hide each other where rays and depth tests are exact.
        apart = np.array(out) * _APART * np.linalg.norm(upper - lower)
        positions.append(
            middle + apart + corners[:, :1] * across + corners[:, 1:] * (0, half[1], 0)
        )
        inset = _PADDING / size
        inner = (corners * (1, -1) + 1) / 2 * (0.5 - 2 * inset) + inset
        uvs.append(inner + np.array([number % 2, number // 2]) / 2)
        normals.append(np.tile(out, (4, 1)))
    first = 4 * np.arange(len(views))[:, None, None]
    return with_tangents(
        Mesh(
            np.concatenate(positions).astype(np.float32),
            (first + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3).astype(np.uint32),
            normals=np.concatenate(normals).astype(np.float32),
            uvs=np.concatenate(uvs).astype(np.float32),
        )
    )


def _cast(
    item: Source,
    views: Sequence[View],
    lower: Float64,
    upper: Float64,
    side: int,
) -> _Views:
    """Parallel rays from outside the box, ``side`` by ``side`` per view, rows from the top."""
    middle, half = (lower + upper) / 2, (upper - lower) / 2
    across = (np.arange(side) + 0.5) / side * 2 - 1
    origins, ways = [], []
    for right, out in views:
        corner = middle + np.array(out) * (np.abs(out) @ half * 1.01 + 1e-6)
        rows = corner - across[:, None, None] * np.array([0, half[1], 0])
        columns = across[None, :, None] * (np.array(right) * (np.abs(right) @ half))
        origins.append((rows + columns).reshape(-1, 3))
        ways.append(np.tile(np.negative(out), (side * side, 1)))
    start = np.concatenate(origins).astype(np.float32)
    way = np.concatenate(ways).astype(np.float32)
    hits = item.scene.cast(start, way, float(np.linalg.norm(upper - lower)) * 2)
    open_sided = np.array([material.double_sided for material in item.materials])
    facing = np.einsum("ij,ij->i", hits.normal, way) < 0.0
    seen = (hits.face >= 0) & (facing | open_sided[item.part[hits.face]])
    face, u, v = hits.face[seen], hits.u[seen], hits.v[seen]
    match = Match(face, np.stack([1.0 - u - v, u, v], axis=1).astype(np.float32), 0)
    place = item.interpolate(item.positions, match.face, match.weights)
    return _Views(seen, match, np.einsum("ij,ij->i", place - middle.astype(np.float32), way[seen]))


def _drawn(item: Source, found: _Views, mesh: Mesh, count: int, size: int) -> Material:
    """The material whose atlas shows what the rays met."""
    factor = emissive_factor([item])
    look = shown(item, found.match, factor)
    orm = look.orm.copy()
    orm[~np.array([m.occlusion for m in item.materials])[item.part[found.match.face]], 0] = 1.0
    view = np.flatnonzero(found.seen) // (len(found.seen) // count)
    normals, tangents = required(mesh.normals, "normals"), required(mesh.tangents, "tangents")
    # A normal that leans away from its picture's plane is kept at grazing.
    bump = tangent_space(look.normal, normals[4 * view], tangents[4 * view])
    opacity = np.clip(look.base_color[:, 3:], 0.0, 1.0)
    values = np.zeros((len(found.seen), 13), np.float32)
    values[found.seen] = opacity * np.concatenate(
        [np.ones_like(opacity), look.base_color[:, :3], orm, bump, look.emissive], axis=1
    )
    atlas = _arranged(values, count, size)
    alpha = atlas[:, :1]
    inside = alpha[:, 0] > 0.0
    mean: Float32 = (atlas[inside] / alpha[inside]).astype(np.float32)
    direction: Float32 = unit(mean[:, 7:10]).astype(np.float32)
    fill = Filling(inside, 2 * size)
    colour = fill(srgb(mean[:, 1:4]), None)
    opaque = np.round(alpha * 255.0).astype(np.uint8).reshape(size, size, 1)
    glow: Image | None = None
    if max(factor) > 0.0:
        glow = encode_png(fill(srgb(mean[:, 10:13]), None), "emissive")
    return Material(
        base_color=encode_png(np.concatenate([colour, opaque], axis=2), "base_color"),
        orm=encode_png(fill(_bytes(mean[:, 4:7] * 255.0), None), "orm"),
        occlusion=True,
        normal=encode_png(fill(_bytes(direction * 127.0 + 128.0), None), "normal"),
        emissive=glow,
        emissive_factor=factor,
        alpha_mode="MASK",
    )


def _arranged(values: Float32, count: int, size: int) -> Float32:
    """(size * size, C) atlas of the pictures, rays averaged per texel, zero around them."""
    inner = size // 2 - 2 * _PADDING
    rays = values.reshape(count, inner, _FINER, inner, _FINER, -1).mean(axis=(2, 4))
    atlas = np.zeros((size, size, values.shape[1]), np.float32)
    for number, picture in enumerate(rays):
        row = number // 2 * (size // 2) + _PADDING
        column = number % 2 * (size // 2) + _PADDING
        atlas[row : row + inner, column : column + inner] = picture
    return atlas.reshape(size * size, -1)


def _bytes(values: Float32) -> NDArray[np.uint8]:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
