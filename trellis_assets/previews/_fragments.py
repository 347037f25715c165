"""From hits to what a shader needs: position, normals, UVs, and the material there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._surface import Skin, Surface
from ._textures import to_linear
from ._trace import Hits

Float32 = NDArray[np.float32]

UNLIT = "KHR_materials_unlit"
EMISSIVE_STRENGTH = "KHR_materials_emissive_strength"


@dataclass(frozen=True, eq=False)
class Fragments:
    """Geometry at N hits, turned towards the viewer; normalised units."""

    hits: Hits
    vertices: NDArray[np.int64]  # (N, 3)
    position: Float32  # (N, 3)
    flat_normal: Float32  # (N, 3) of the triangle
    normal: Float32  # (N, 3) interpolated
    view: Float32  # (N, 3) towards the eye
    uvs: Float32  # (N, 2)
    footprint: Float32  # (N,) UV length of one sample


@dataclass(frozen=True, eq=False)
class Appearance:
    """The material at N hits, in linear light."""

    base: Float32  # (N, 3)
    metallic: Float32  # (N,)
    roughness: Float32  # (N,) perceptual
    occlusion: Float32  # (N,)
    emissive: Float32  # (N, 3)
    normal: Float32  # (N, 3) with the normal map
    unlit: NDArray[np.bool_]


def unit(vectors: Float32) -> Float32:
    """Vectors (N, 3) at length 1; zero vectors stay zero."""
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    scaled: Float32 = vectors / np.maximum(length, np.float32(1e-20))[:, None]
    return scaled


def fragments_of(
    surface: Surface, hits: Hits, directions: Float32, pixel_angle: float
) -> Fragments:
    """Interpolate the geometry at every hit of rays with those directions."""
    triangle, shares = hits.triangle, hits.barycentric
    corners = surface.corners[triangle]
    vertices = surface.triangles[triangle]
    flat = unit(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    normal = unit(np.einsum("ij,ijk->ik", shares, surface.normals[vertices]))
    # A part without normals is shaded flat (glTF 2.0, 3.7.2.1); so is a normal that cancelled out.
    missing = np.einsum("ij,ij->i", normal, normal) < 0.5
    normal[missing] = flat[missing]
    side = np.where(hits.flipped, np.float32(-1), np.float32(1))[:, None]
    view = -directions[hits.ray]
    normal, flat = normal * side, flat * side
    facing = np.maximum(np.einsum("ij,ij->i", flat, view), np.float32(0.1))
    footprint = hits.distance * pixel_angle * surface.uv_density[triangle] / np.sqrt(facing)
    return Fragments(
        hits,
        vertices,
        np.einsum("ij,ijk->ik", shares, corners),
        flat,
        normal,
        view,
        np.einsum("ij,ijk->ik", shares, surface.uvs[vertices]),
        footprint.astype(np.float32),
    )


def appearance_of(surface: Surface, fragments: Fragments) -> Appearance:
    """Evaluate the metallic-roughness materials (glTF 2.0, section 3.9)."""
    count = len(fragments.hits)
    out = Appearance(
        np.empty((count, 3), np.float32),
        np.empty(count, np.float32),
        np.empty(count, np.float32),
        np.ones(count, np.float32),
        np.zeros((count, 3), np.float32),
        fragments.normal.copy(),
        np.zeros(count, np.bool_),
    )
    if len(surface.skins) == 1:
        _fill(out, surface, fragments, surface.skins[0], slice(None))
        return out
    owner = surface.part[fragments.hits.triangle]
    for number, skin in enumerate(surface.skins):
        chosen = np.flatnonzero(owner == number)
        if len(chosen):
            _fill(out, surface, fragments, skin, chosen)
    return out


def _fill(
    out: Appearance,
    surface: Surface,
    fragments: Fragments,
    skin: Skin,
    chosen: NDArray[np.intp] | slice,
) -> None:
    """Write the samples `chosen`, which all belong to `skin`."""
    material, textures = skin.material, skin.textures
    uvs, footprint = fragments.uvs[chosen], fragments.footprint[chosen]
    shares, vertices = fragments.hits.barycentric[chosen], fragments.vertices[chosen]

    count = len(uvs)

    base = np.array(material.base_color_factor[:3], np.float32) * np.ones((count, 3), np.float32)
    if "base_color" in textures:
        base *= to_linear(textures["base_color"].sample(uvs, footprint)[:, :3])
    if skin.has_colors:
        base *= np.einsum("ij,ijk->ik", shares, surface.colors[vertices, :3])
    out.base[chosen] = base
    out.unlit[chosen] = UNLIT in material.extensions

    rough = np.full(count, material.roughness_factor, np.float32)
    metal = np.full(count, material.metallic_factor, np.float32)
    if "orm" in textures:
        orm = textures["orm"].sample(uvs, footprint)
        rough, metal = rough * orm[:, 1], metal * orm[:, 2]
        if material.occlusion:
            out.occlusion[chosen] = orm[:, 0]
    out.roughness[chosen] = np.clip(rough, 0.03, 1)
    out.metallic[chosen] = metal

    if "occlusion" in textures:
        out.occlusion[chosen] = textures["occlusion"].sample(uvs, footprint)[:, 0]

    glow = np.array(material.emissive_factor, np.float32) * np.float32(_emissive_strength(skin))
    if glow.any():
        emitted = glow * np.ones((count, 3), np.float32)
        if "emissive" in textures:
            emitted *= to_linear(textures["emissive"].sample(uvs, footprint)[:, :3])
        out.emissive[chosen] = emitted
    if "normal" in textures and surface.tangents is not None:
        local = textures["normal"].sample(uvs, footprint)[:, :3] * 2 - np.float32(1 + 1 / 255)
        local[:, :2] *= np.float32(material.normal_scale)
        tangents = np.einsum("ij,ijk->ik", shares, surface.tangents[vertices])
        out.normal[chosen] = _bent(
            fragments.normal[chosen], tangents, local, fragments.hits.flipped[chosen]
        )


def _emissive_strength(skin: Skin) -> float:
    extension = skin.material.extensions.get(EMISSIVE_STRENGTH, {})
    return float(extension.get("emissiveStrength", 1.0))


def _bent(
    normal: Float32, tangents: Float32, local: Float32, flipped: NDArray[np.bool_]
) -> Float32:
    """Normals (N, 3) bent by tangent-space normals; a back face mirrors the whole frame."""
    tangent = tangents[:, :3] * np.where(flipped, np.float32(-1), np.float32(1))[:, None]
    tangent = unit(tangent - normal * np.einsum("ij,ij->i", tangent, normal)[:, None])
    bitangent = np.cross(normal, tangent) * np.sign(tangents[:, 3:4])
    bitangent *= np.where(flipped, np.float32(-1), np.float32(1))[:, None]
    bent = tangent * local[:, :1] + bitangent * local[:, 1:2] + normal * local[:, 2:]
    return unit(bent)
