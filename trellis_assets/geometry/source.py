"""What a bake reads from: all surfaces of a master model as one soup, with their textures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Image, Material, Mesh, Part

from ._pixels import decode, linear, sample
from .arrays import interpolated, required
from .rays import RayScene
from .shading import with_normals, with_tangents, with_unit_normals
from .topology import concatenated, edges, face_vectors

Float32 = NDArray[np.float32]
_TEXELS_ACROSS = 8  # an average of n texels blurs some n beside a border of its chart
_STRETCHED = 4.0  # times the usual density


@dataclass(frozen=True, eq=False)
class Maps:
    """The decoded textures of one material."""

    base_color: NDArray[Any] | None  # (H, W, 3 or 4): colour in linear light 0..1, alpha 0..1
    orm: NDArray[np.uint8] | None
    normal: NDArray[np.uint8] | None
    emissive: Float32 | None  # (H, W, 3) linear light


@dataclass(frozen=True, eq=False)
class Source:
    """Surfaces of one kind of material, ready to be looked up."""

    positions: Float32  # (V, 3)
    faces: NDArray[np.int64]  # (T, 3)
    normals: Float32  # (V, 3)
    uvs: Float32  # (V, 2)
    tangents: Float32 | None  # (V, 4) where a normal texture is read
    colors: Float32 | None  # (V, 4) linear vertex colours
    part: NDArray[np.int64]  # (T,) which material
    materials: tuple[Material, ...]
    maps: tuple[Maps, ...]
    scene: RayScene

    def interpolate(
        self, values: NDArray[Any], face: NDArray[np.int64], weights: Float32
    ) -> Float32:
        """(N, C) vertex values at (N, 3) barycentric points of (N,) triangles."""
        return interpolated(values, np.take(self.faces, face, axis=0), weights)


def source(
    parts: Sequence[Part], *, texels_per_metre: float, crease_degrees: float = 50.0
) -> Source:
    """Gather parts; missing normals are computed, tangents only where a normal texture asks.

    Textures finer than ``texels_per_metre``, the density they will be sampled at, are averaged
    down by powers of two first: point samples of them would alias. Never so far that an average
    reaches over the charts, which in a generated atlas lie side by side, one colour beside another.
    """
    bump = any(part.material.normal is not None and part.mesh.uvs is not None for part in parts)
    tint = any(part.mesh.colors is not None for part in parts)
    meshes = []
    for part in parts:
        mesh = part.mesh
        if mesh.normals is None:
            mesh = with_normals(mesh, crease_degrees=crease_degrees)
        mesh = with_unit_normals(mesh)
        meshes.append(with_tangents(mesh) if bump and mesh.tangents is None else mesh)
    positions, faces = concatenated(meshes)
    counts = [mesh.vertex_count for mesh in meshes]
    return Source(
        positions=positions,
        faces=faces,
        normals=_stack([mesh.normals for mesh in meshes], counts, (0.0, 1.0, 0.0)),
        uvs=_stack([mesh.uvs for mesh in meshes], counts, (0.0, 0.0)),
        tangents=_stack([m.tangents for m in meshes], counts, (1.0, 0, 0, 1.0)) if bump else None,
        colors=_stack([m.colors for m in meshes], counts, (1.0, 1, 1, 1)) if tint else None,
        part=np.repeat(np.arange(len(meshes)), [mesh.triangle_count for mesh in meshes]),
        materials=tuple(part.material for part in parts),
        maps=tuple(_maps(part, texels_per_metre) for part in parts),
        scene=RayScene(positions, faces),
    )


def _stack(
    values: Sequence[Float32 | None], counts: Sequence[int], default: tuple[float, ...]
) -> Float32:
    return np.concatenate(
        [
            np.tile(np.asarray(default, np.float32), (count, 1)) if rows is None else rows
            for rows, count in zip(values, counts, strict=True)
        ]
    ).astype(np.float32)


def _maps(part: Part, texels_per_metre: float) -> Maps:
    material, mesh = part.material, part.mesh
    if mesh.uvs is None:
        return Maps(None, None, None, None)
    layout = _layout(mesh)

    def shrunk(pixels: NDArray[Any]) -> NDArray[Any]:
        side = max(pixels.shape[:2])
        wanted = round(math.log2(max(layout.density * side / max(texels_per_metre, 1e-30), 1.0)))
        allowed = math.floor(math.log2(max(layout.chart_width * side / _TEXELS_ACROSS, 1.0)))
        step = 2 ** min(wanted, allowed)
        sides = (max(pixels.shape[1] // step, 1), max(pixels.shape[0] // step, 1))
        return pixels if step == 1 else cv2.resize(pixels, sides, interpolation=cv2.INTER_AREA)

    base = None
    if material.base_color is not None:
        pixels = decode(material.base_color)
        base = linear(pixels[:, :, :3])
        # Alpha under OPAQUE means nothing (glTF 2.0, section 3.9.6) and is not read.
        if pixels.shape[2] == 4 and material.alpha_mode != "OPAQUE":
            alpha = pixels[:, :, 3:].astype(np.float32) / np.float32(255.0)
            base = np.concatenate([base, alpha], axis=2)
    return Maps(
        base_color=None if base is None else shrunk(base),
        orm=None if material.orm is None else shrunk(_colours(material.orm)),
        normal=None if material.normal is None else shrunk(_colours(material.normal)),
        emissive=None if material.emissive is None else shrunk(linear(_colours(material.emissive))),
    )


@dataclass(frozen=True)
class _Layout:
    """How a mesh lies in its atlas, without the few triangles that are stretched over all of it."""

    density: float
    """UV units per metre of the middle of the surface; a mean would tell of the stretched ones."""
    chart_width: float
    """Twice the area over the outline, in UV units: how wide a strip is, half of it for a disc."""


def _layout(mesh: Mesh) -> _Layout:
    faces = mesh.triangles.astype(np.int64)
    uvs = required(mesh.uvs, "UVs").astype(np.float64)
    flat = _uv_areas(uvs, faces)
    area = np.linalg.norm(face_vectors(mesh.positions, faces), axis=1) / 2.0
    density = np.sqrt(flat / np.maximum(area, 1e-300))
    order = np.argsort(density, kind="stable")
    total = np.cumsum(area[order])
    if not len(total) or total[-1] <= 0.0:
        return _Layout(0.0, 0.0)
    middle = float(density[order[np.searchsorted(total, total[-1] / 2.0)]])
    kept = density <= _STRETCHED * middle
    found = edges(faces[kept])
    outline = found.ends[found.border]
    length = np.linalg.norm(uvs[outline[:, 1]] - uvs[outline[:, 0]], axis=1).sum()
    return _Layout(middle, 2.0 * float(flat[kept].sum()) / max(float(length), 1e-300))


def _uv_areas(uvs: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """(T,) area of each triangle in the atlas."""
    corners = uvs[faces]
    e1, e2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(np.abs(e1[:, 0] * e2[:, 1] - e1[:, 1] * e2[:, 0]) / 2.0)


def _colours(image: Image) -> NDArray[np.uint8]:
    return np.ascontiguousarray(decode(image)[:, :, :3])


def uv_density(mesh: Mesh) -> float:
    """UV units per metre, over the whole mesh.

    Raises:
        InvalidMesh: the mesh has no UVs.
    """
    faces = mesh.triangles.astype(np.int64)
    flat = float(_uv_areas(required(mesh.uvs, "UVs").astype(np.float64), faces).sum())
    area = float(np.linalg.norm(face_vectors(mesh.positions, faces), axis=1).sum()) / 2.0
    return math.sqrt(flat / area) if area > 0.0 else 0.0


def texture(pixels: NDArray[Any] | None, uvs: Float32, default: tuple[float, ...]) -> Float32:
    """(N, C) samples as float32: bytes become 0..1; ``default`` where there is no texture."""
    if pixels is None:
        return np.tile(np.asarray(default, np.float32), (len(uvs), 1))
    values = sample(pixels, uvs)
    if values.dtype == np.uint8:
        return values.astype(np.float32) * np.float32(1.0 / 255.0)
    return np.asarray(values, np.float32)
