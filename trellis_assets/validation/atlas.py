"""The UV layout of one material, measured once for the rules that ask."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trellis_assets.geometry.measure import (
    chart_widths,
    density_spread,
    seamed,
    unwrapped_tiles,
)
from trellis_assets.geometry.topology import concatenated, edges, face_components, face_vectors
from trellis_assets.gltf import Material, Mesh
from trellis_assets.textures import CorruptTexture, image_size

from .cover import Cover

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]


class Atlas:
    """The UVs of all meshes of one material, and the texture they lie on.

    Attributes:
        uvs: (V, 2) as in the file.
        faces: (T, 3).
        size: (width, height) of the largest texture in texels; None without textures.
    """

    def __init__(self, material: Material, meshes: Sequence[Mesh]) -> None:
        self.material = material
        self.points, self.faces = concatenated(meshes)
        self.uvs = np.concatenate([mesh.uvs for mesh in meshes if mesh.uvs is not None])
        self.size = _largest(material)

    @cached_property
    def finite(self) -> bool:
        """Whether all UVs are numbers of a sane size."""
        return bool(len(self.uvs) and np.abs(self.uvs).max() < 1.0e4)

    @cached_property
    def signed_area(self) -> Float64:
        """(T,) area in UV units squared; positive as glTF's UVs are seen, v downwards."""
        shape = self.uvs[self.faces].astype(np.float64)
        e1, e2 = shape[:, 1] - shape[:, 0], shape[:, 2] - shape[:, 0]
        return np.asarray((e1[:, 1] * e2[:, 0] - e1[:, 0] * e2[:, 1]) / 2.0)

    @cached_property
    def folded(self) -> Bool:
        """(T,) triangles turned over against at least three quarters of their chart's area.

        Where more of a chart is turned over, two mirrored halves share it, on purpose.
        """
        area = self.signed_area
        size = np.bincount(self.chart, weights=np.abs(area), minlength=self.chart_count)
        side = np.bincount(self.chart, weights=area, minlength=self.chart_count)
        clear = np.abs(side) >= 0.5 * size
        over = (area * side[self.chart] < 0.0) & (np.abs(area) > 1e-12)
        return np.asarray(over & clear[self.chart])

    @cached_property
    def area(self) -> Float64:
        """(T,) square metres."""
        return np.asarray(np.linalg.norm(face_vectors(self.points, self.faces), axis=1) / 2.0)

    @cached_property
    def _seamed(self) -> tuple[Int64, int]:
        return seamed(self.points, self.uvs, self.faces)

    @cached_property
    def chart(self) -> Int64:
        """(T,) chart of each triangle."""
        return face_components(*self._seamed)

    @cached_property
    def chart_count(self) -> int:
        return int(self.chart.max(initial=-1)) + 1

    @cached_property
    def borders(self) -> Int64:
        """(E, 2) vertices at the ends of the edges around all charts."""
        found = edges(self._seamed[0])
        halfedge = np.flatnonzero(found.border[found.of_halfedge])
        face, corner = halfedge // 3, halfedge % 3
        return np.stack([self.faces[face, corner], self.faces[face, (corner + 1) % 3]], axis=1)

    @cached_property
    def tiled(self) -> NDArray[np.float32]:
        """(V, 2) UVs with every chart moved by whole tiles to where the texture starts."""
        if len(self.uvs) and 0.0 <= float(self.uvs.min()) <= float(self.uvs.max()) <= 1.0:
            return self.uvs
        return np.asarray(unwrapped_tiles(self.uvs, self.faces, self.chart), np.float32)

    @cached_property
    def widths(self) -> Float64:
        """(C,) width of each chart in texels of the largest texture: twice area over perimeter."""
        scale = np.array(self.size or (1024, 1024), np.float64)
        shape = self.uvs[self.faces].astype(np.float64) * scale
        texels = np.abs(self.signed_area) * scale.prod()
        return chart_widths(shape, self._seamed[0], self.chart, texels)

    @cached_property
    def cover(self) -> Cover:
        """Which texels are used; only for finite UVs."""
        return Cover(self.tiled, self.faces, self.chart, texels=max(self.size or (1024, 1024)))

    @cached_property
    def density(self) -> float:
        """Texels per metre over the whole surface."""
        width, height = self.size or (1024, 1024)
        texels = float(np.abs(self.signed_area).sum()) * width * height
        return math.sqrt(texels / max(float(self.area.sum()), 1e-30))

    @cached_property
    def unevenness(self) -> Float64:
        """(T,) log2 of each triangle's texel density over that of the whole surface; 0 without
        area.
        """
        texels = np.abs(self.signed_area)
        valid = (self.area > 0.0) & (texels > 0.0)
        uneven = np.zeros(len(self.faces))
        if valid.any():
            density = 0.5 * np.log2(texels[valid] / self.area[valid])
            uneven[valid] = density - np.average(density, weights=self.area[valid])
        return uneven

    @cached_property
    def density_spread(self) -> float:
        """Standard deviation of log2 of the texel density; 1 is a factor of two."""
        return density_spread(np.abs(self.signed_area), self.area)


def _largest(material: Material) -> tuple[int, int] | None:
    sizes = []
    for image in material.images().values():
        with suppress(CorruptTexture):  # another rule's business
            sizes.append(image_size(image))
    return max((size for size in sizes if min(size) > 0), default=None)
