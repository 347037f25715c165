"""From hits to what a shader needs: position, normals, UVs, and the material there."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ._surface import Skin, Surface
from ._textures import Places, linear_of
from ._trace import Hits, unit

Float32 = NDArray[np.float32]

UNLIT = "KHR_materials_unlit"
EMISSIVE_STRENGTH = "KHR_materials_emissive_strength"


@dataclass(frozen=True, eq=False)
class Fragments:
    """Geometry at N hits, turned towards the viewer; normalised units."""

    hits: Hits
    vertices: NDArray[np.int32]  # (N, 3)
    position: Float32  # (N, 3)
    normal: Float32  # (N, 3) interpolated
    view: Float32  # (N, 3) towards the eye
    uvs: Float32  # (N, 2)
    tangents: Float32  # (N, 4) interpolated, or (N, 0) without a normal map
    footprint: Float32  # (N,) UV length of one sample

    def only(self, chosen: NDArray[np.bool_]) -> Fragments:
        """Those for which `chosen` (N,) is true."""
        arrays = (getattr(self, field.name)[chosen] for field in fields(self)[1:])
        return Fragments(self.hits.only(chosen), *arrays)


@dataclass(frozen=True, eq=False)
class Appearance:
    """The material at N hits, in linear light; planar, as the shader wants it."""

    base: Float32  # (3, N)
    metallic: Float32  # (N,)
    roughness: Float32  # (N,) perceptual
    occlusion: Float32  # (N,)
    emissive: Float32  # (3, N)
    normal: Float32  # (3, N) with the normal map
    unlit: NDArray[np.bool_]


def fragments_of(
    surface: Surface, hits: Hits, eye: Float32, directions: Float32, spacing: Float32
) -> Fragments:
    """Interpolate the geometry at every hit of rays (R, 3) from `eye`, each `spacing` (R,) wide."""
    triangle, shares = hits.triangle, hits.barycentric
    vertices = np.take(surface.triangles, triangle, axis=0)
    varying = interpolated(surface.varying, vertices, shares)
    normal = unit(varying[:, :3])
    normal[hits.flipped] *= -1
    # A part without normals is shaded flat (glTF 2.0, 3.7.2.1); so is a normal that cancelled out.
    missing = np.einsum("ij,ij->i", normal, normal) < 0.5
    normal[missing] = hits.normal[missing]
    onward = np.take(directions, hits.ray, axis=0)
    view = -onward
    facing = np.maximum(np.einsum("ij,ij->i", hits.normal, view), np.float32(0.1))
    footprint = hits.distance * spacing[hits.ray]
    footprint *= surface.uv_density[triangle] / np.sqrt(facing)
    return Fragments(
        hits,
        vertices,
        eye + onward * hits.distance[:, None],
        normal,
        view,
        varying[:, 3:5],
        varying[:, 5:],
        footprint,
    )


def interpolated(values: Float32, vertices: NDArray[np.int32], shares: Float32) -> Float32:
    """Vertex values (V, K) between the three vertices (N, 3) of each hit, (N, K)."""
    # np.take gathers whole rows, several times faster than an index.
    return np.asarray(np.einsum("ij,ijk->ik", shares, np.take(values, vertices, axis=0)))


def appearance_of(surface: Surface, fragments: Fragments) -> Appearance:
    """Evaluate the metallic-roughness materials (glTF 2.0, section 3.9)."""
    count = len(fragments.hits)
    out = Appearance(
        np.empty((3, count), np.float32),
        np.empty(count, np.float32),
        np.empty(count, np.float32),
        np.ones(count, np.float32),
        np.zeros((3, count), np.float32),
        fragments.normal.T.copy(),
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
    places = Places(fragments.uvs[chosen], fragments.footprint[chosen])
    count = len(fragments.footprint[chosen])

    base = np.array(material.base_color_factor[:3], np.float32)[:, None]
    if "base_color" in textures:
        base = base * linear_of(places.codes(textures["base_color"])[:3])
    if skin.has_colors:
        vertices, shares = fragments.vertices[chosen], fragments.hits.barycentric[chosen]
        base = base * interpolated(surface.colors, vertices, shares)[:, :3].T
    out.base[:, chosen] = base
    out.unlit[chosen] = UNLIT in material.extensions

    rough = np.full(count, material.roughness_factor, np.float32)
    metal = np.full(count, material.metallic_factor, np.float32)
    if "orm" in textures:
        orm = places.sample(textures["orm"])
        rough, metal = rough * orm[1], metal * orm[2]
        if material.occlusion:
            out.occlusion[chosen] = orm[0]
    out.roughness[chosen] = np.clip(rough, 0.03, 1)
    out.metallic[chosen] = metal

    if "occlusion" in textures:
        out.occlusion[chosen] = places.sample(textures["occlusion"])[0]

    glow = np.array(material.emissive_factor, np.float32) * np.float32(_emissive_strength(skin))
    if glow.any():
        emitted = glow[:, None]
        if "emissive" in textures:
            emitted = emitted * linear_of(places.codes(textures["emissive"])[:3])
        out.emissive[:, chosen] = emitted
    if "normal" in textures:
        local = places.sample(textures["normal"])[:3] * 2 - np.float32(1 + 1 / 255)
        local[:2] *= np.float32(material.normal_scale)
        tangents = np.ascontiguousarray(fragments.tangents[chosen].T)
        side = np.where(fragments.hits.flipped[chosen], np.float32(-1), np.float32(1))
        out.normal[:, chosen] = _bent(out.normal[:, chosen], tangents, local, side)


def _emissive_strength(skin: Skin) -> float:
    extension = skin.material.extensions.get(EMISSIVE_STRENGTH, {})
    return float(extension.get("emissiveStrength", 1.0))


def _bent(normal: Float32, tangents: Float32, local: Float32, side: Float32) -> Float32:
    """Normals (3, N) bent by tangent-space normals (3, N).

    Args:
        tangents: (4, N); side: (N,) -1 on a back face, which mirrors the whole frame.
    """
    tangent = tangents[:3] * side
    tangent = _unit_planar(tangent - normal * _dot(tangent, normal))
    (x, y, z), (u, v, w) = normal, tangent
    bitangent = np.stack([y * w - z * v, z * u - x * w, x * v - y * u])
    bitangent *= np.sign(tangents[3]) * side
    return _unit_planar(tangent * local[0] + bitangent * local[1] + normal * local[2])


def _dot(first: Float32, second: Float32) -> Float32:
    """Of vectors (3, N)."""
    return np.asarray(np.einsum("ji,ji->i", first, second), np.float32)


def _unit_planar(vectors: Float32) -> Float32:
    """As :func:`.unit`, of vectors (3, N)."""
    length = np.sqrt(_dot(vectors, vectors))
    return np.asarray(vectors / np.maximum(length, np.float32(1e-20)), np.float32)
