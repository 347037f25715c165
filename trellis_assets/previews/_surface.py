"""A model laid out for ray casting: one triangle soup in Embree, attributes beside it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from trellis_assets.gltf import Material, Mesh, Model

from ._errors import UnrenderableModel
from ._textures import Texture, texture_of

Float32 = NDArray[np.float32]

DECODING_THREADS = 2


@dataclass(frozen=True, eq=False)
class Skin:
    """A material with its textures decoded."""

    material: Material
    textures: dict[str, Texture]
    has_colors: bool


class Surface:
    """All parts of a model in one space: centred, and scaled to a half extent of about 1.

    The scale keeps single precision and the small offsets of secondary rays meaningful for a coin
    as for a cathedral.
    """

    def __init__(self, model: Model) -> None:
        parts = [part for part in model.parts if part.mesh.triangle_count]
        if not parts:
            raise UnrenderableModel(
                f"model {model.name!r} has no triangles", fix="export it with its mesh"
            )
        broken = sum(int((~np.isfinite(part.mesh.positions).all(axis=1)).sum()) for part in parts)
        if broken:
            raise UnrenderableModel(
                f"model {model.name!r} has {broken} vertices that are not finite numbers",
                fix="run the repair step on it first",
            )
        meshes = [part.mesh for part in parts]
        lower = np.min([mesh.positions.min(axis=0) for mesh in meshes], axis=0).astype(np.float64)
        upper = np.max([mesh.positions.max(axis=0) for mesh in meshes], axis=0).astype(np.float64)
        self.center = (lower + upper) / 2
        self.scale = 2.0 / max(float((upper - lower).max()), 1e-12)

        starts = np.cumsum([0] + [mesh.vertex_count for mesh in meshes])[:-1]
        self.triangles = np.concatenate(
            [
                mesh.triangles.astype(np.int32) + np.int32(start)
                for mesh, start in zip(meshes, starts, strict=False)
            ]
        )
        self.part = np.repeat(
            np.arange(len(meshes), dtype=np.int32), [mesh.triangle_count for mesh in meshes]
        )
        self.points = np.concatenate([self.normalise(mesh.positions) for mesh in meshes])
        self.corners = np.ascontiguousarray(self.points[self.triangles])
        self.normals = np.concatenate([_normals(mesh) for mesh in meshes])
        self.uvs = np.concatenate([_uvs(mesh) for mesh in meshes])
        self.colors = np.concatenate([_colors(mesh) for mesh in meshes])
        self.skins = [_skin(part.mesh, part.material) for part in parts]
        self.tangents = _tangents(self, meshes)
        self.varying = _varying(self)
        self.uv_density = _uv_density(self.corners, self.uvs[self.triangles])
        self.ground = float((lower[1] - self.center[1]) * self.scale)

        self.embree = EmbreeScene(robust=True)
        TriangleMesh(self.embree, self.points, self.triangles)

    def normalise(self, positions: NDArray[np.floating]) -> Float32:
        """Model metres to the space of the renderer."""
        return np.asarray((positions - self.center) * self.scale, np.float32)

    def painted(self, number: NDArray[np.int32], materials: Sequence[Material]) -> Surface:
        """The same triangles in other materials, without their textures: (T,) which of them."""
        other = copy(self)
        other.part = number
        other.skins = [Skin(material, {}, has_colors=False) for material in materials]
        return other


def _normals(mesh: Mesh) -> Float32:
    return np.zeros_like(mesh.positions) if mesh.normals is None else mesh.normals


def _uvs(mesh: Mesh) -> Float32:
    return np.zeros((mesh.vertex_count, 2), np.float32) if mesh.uvs is None else mesh.uvs


def _colors(mesh: Mesh) -> Float32:
    return np.ones((mesh.vertex_count, 4), np.float32) if mesh.colors is None else mesh.colors


def _skin(mesh: Mesh, material: Material) -> Skin:
    has_uvs = mesh.uvs is not None
    images = material.images() if has_uvs else {}

    def texture(slot: str) -> Texture:
        alpha = slot == "base_color" and material.alpha_mode != "OPAQUE"
        return texture_of(images[slot], alpha=alpha)

    with ThreadPoolExecutor(DECODING_THREADS) as executor:
        textures = dict(zip(images, executor.map(texture, images), strict=True))
    return Skin(material, textures, mesh.colors is not None)


def _varying(surface: Surface) -> Float32:
    """What is interpolated at every fragment, in one row per vertex (V, 5 or 9), for one gather:
    normal, UV and, where a normal map needs it, tangent.
    """
    columns = [surface.normals, surface.uvs]
    if surface.tangents is not None:
        columns.append(surface.tangents)
    return np.ascontiguousarray(np.concatenate(columns, axis=1), np.float32)


def _uv_density(corners: Float32, uvs: Float32) -> Float32:
    """UV length per length of surface, (T,): how fast a texture runs over each triangle."""
    (x1, y1, z1), (x2, y2, z2) = ((corners[:, i] - corners[:, 0]).T for i in (1, 2))
    world = (y1 * z2 - z1 * y2) ** 2 + (z1 * x2 - x1 * z2) ** 2 + (x1 * y2 - y1 * x2) ** 2
    (u1, v1), (u2, v2) = ((uvs[:, i] - uvs[:, 0]).T for i in (1, 2))
    area = np.abs(u1 * v2 - v1 * u2)
    density = np.sqrt(area / np.maximum(np.sqrt(world), np.float32(1e-20)))
    return np.asarray(density, np.float32)


def _tangents(surface: Surface, meshes: list[Mesh]) -> Float32 | None:
    """(V, 4) when a normal map needs them: the file's own, else averaged from the UVs."""
    if not any("normal" in skin.textures for skin in surface.skins):
        return None
    derived = None
    if any(mesh.tangents is None for mesh in meshes):
        derived = tangents_from_uvs(surface.points, surface.triangles, surface.uvs, surface.normals)
    blocks, start = [], 0
    for mesh in meshes:
        end = start + mesh.vertex_count
        if mesh.tangents is not None:
            blocks.append(mesh.tangents.astype(np.float32))
        elif derived is not None:
            blocks.append(derived[start:end])
        start = end
    return np.concatenate(blocks)


def tangents_from_uvs(
    points: Float32, triangles: NDArray[np.integer], uvs: Float32, normals: Float32
) -> Float32:
    """Vertex tangents (V, 4) along growing u, averaged over the triangles of each vertex.

    w carries the handedness for glTF's v-down UVs and +Y-up normal maps: the bitangent
    cross(normal, tangent) * w points where v *decreases* in the picture.
    """
    corner, uv = points[triangles], uvs[triangles]
    edge_1, edge_2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    (du_1, dv_1), (du_2, dv_2) = (uv[:, 1] - uv[:, 0]).T, (uv[:, 2] - uv[:, 0]).T
    sign = np.sign(du_1 * dv_2 - du_2 * dv_1)[:, None]
    along_u = (edge_1 * dv_2[:, None] - edge_2 * dv_1[:, None]) * sign
    along_v = (edge_2 * du_1[:, None] - edge_1 * du_2[:, None]) * sign
    count = len(points)
    flat = triangles.ravel()

    def gathered(values: Float32) -> Float32:
        length = np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-20)
        spread = np.repeat(values / length, 3, axis=0)
        columns = [np.bincount(flat, spread[:, axis], minlength=count) for axis in range(3)]
        return np.stack(columns, axis=1).astype(np.float32)

    tangent, down = gathered(along_u), gathered(along_v)
    tangent -= normals * np.sum(normals * tangent, axis=1, keepdims=True)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-20)
    handed = np.sum(np.cross(normals, tangent) * -down, axis=1) < 0
    return np.column_stack([tangent, np.where(handed, -1.0, 1.0)]).astype(np.float32)
