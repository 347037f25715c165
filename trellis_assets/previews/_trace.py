"""What each ray of the picture meets, through holes of masked and layers of blended materials."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ._surface import Surface

Float32 = NDArray[np.float32]

MAX_LAYERS = 24
"""Surfaces one ray may pass through (alpha, culled back faces) before it is taken as lost."""
MIN_TRANSMITTANCE = 1 / 256
STEP = np.float32(2e-5)  # past a surface, in normalised units


@dataclass(frozen=True, eq=False)
class Hits:
    """Points of the surface that contribute to the picture; all arrays have one length N."""

    ray: NDArray[np.intp]  # index of the ray
    triangle: NDArray[np.intp]
    barycentric: Float32  # (N, 3)
    distance: Float32  # from the eye, normalised units
    weight: Float32  # alpha times what the layers before it let through
    normal: Float32  # (N, 3) unit, of the triangle, turned towards the eye
    flipped: NDArray[np.bool_]  # seen from its back
    first: NDArray[np.bool_]  # the nearest hit of its ray

    def __len__(self) -> int:
        return len(self.ray)

    def only(self, chosen: NDArray[np.bool_]) -> Hits:
        """Those for which `chosen` (N,) is true."""
        return Hits(*(getattr(self, field.name)[chosen] for field in fields(self)))


def unit(vectors: Float32) -> Float32:
    """Vectors (N, 3) at length 1; zero vectors stay zero."""
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    scaled: Float32 = vectors / np.maximum(length, np.float32(1e-20))[:, None]
    return scaled


def trace(surface: Surface, eye: Float32, directions: Float32, spacing: Float32) -> Hits:
    """Follow every ray front to back until it is absorbed or leaves.

    Args:
        eye: (3,) common origin; directions: (N, 3) unit.
        spacing: (N,) radians each ray covers, for the texture level of alpha masks.
    """
    active = np.arange(len(directions))
    travelled = np.zeros(len(directions), np.float32)
    left = np.ones(len(directions), np.float32)
    met = np.zeros(len(directions), np.bool_)
    layers: list[Hits] = []
    for _ in range(MAX_LAYERS):
        if len(layers) == 0:
            onward, origins = directions, np.tile(eye, (len(directions), 1))
        else:
            onward = directions[active]
            origins = eye + onward * travelled[active, None]
        result = surface.embree.run(origins, onward, query="INTERSECT", output=1)
        found = np.flatnonzero(result["primID"] >= 0)
        if not len(found):
            break
        ray = active[found]
        triangle = result["primID"][found].astype(np.intp)
        u, v = result["u"][found], result["v"][found]
        distance = travelled[ray] + result["tfar"][found]
        normal = unit(np.take(result["Ng"], found, axis=0))
        flipped = np.einsum("ij,ij->i", normal, np.take(onward, found, axis=0)) > 0
        normal[flipped] *= -1
        barycentric = np.stack([1 - u - v, u, v], axis=1)
        alpha = _coverage(surface, triangle, barycentric, flipped, distance * spacing[ray])

        layer = Hits(
            ray, triangle, barycentric, distance, left[ray] * alpha, normal, flipped, ~met[ray]
        )
        if alpha.min() == 1:  # nothing goes on behind it
            layers.append(layer)
            break
        seen = alpha > 0
        layers.append(layer if seen.all() else layer.only(seen))
        met[ray[seen]] = True
        left[ray] *= 1 - alpha
        travelled[ray] = distance + STEP
        active = ray[left[ray] > MIN_TRANSMITTANCE]
        if not len(active):
            break
    return _joined(layers)


def _coverage(
    surface: Surface,
    triangle: NDArray[np.intp],
    barycentric: Float32,
    flipped: NDArray[np.bool_],
    spacing: Float32,
) -> Float32:
    """Alpha of each hit: 0 for culled back faces and cut-out texels (glTF 2.0, 3.9.4 and 3.9.5)."""
    alpha = np.ones(len(triangle), np.float32)
    owner = surface.part[triangle]
    for number, skin in enumerate(surface.skins):
        material = skin.material
        if material.double_sided and material.alpha_mode == "OPAQUE":
            continue
        own = np.flatnonzero(owner == number)
        if material.alpha_mode != "OPAQUE" and len(own):
            vertices = surface.triangles[triangle[own]]
            shares = barycentric[own]
            values = np.einsum("ij,ij->i", surface.colors[vertices, 3], shares)
            values = values * np.float32(material.base_color_factor[3])
            texture = skin.textures.get("base_color")
            if texture is not None:
                uvs = np.einsum("ij,ijk->ik", shares, surface.uvs[vertices])
                footprint = spacing[own] * surface.uv_density[triangle[own]]
                values = values * texture.sample(uvs, footprint)[3]
            if material.alpha_mode == "MASK":
                values = (values >= material.alpha_cutoff).astype(np.float32)
            alpha[own] = values
        if not material.double_sided:
            alpha[own[flipped[own]]] = 0
    return alpha


def _joined(layers: list[Hits]) -> Hits:
    if not layers:
        none = np.zeros(0, np.intp)
        points, empty, no = np.zeros((0, 3), np.float32), np.zeros(0, np.float32), none > 0
        return Hits(none, none, points, empty, empty, points, no, no)
    if len(layers) == 1:
        return layers[0]
    names = [field.name for field in fields(Hits)]
    return Hits(*(np.concatenate([getattr(layer, name) for layer in layers]) for name in names))
