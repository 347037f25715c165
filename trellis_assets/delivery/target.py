"""What a target engine accepts, as numbers that each name their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trellis_assets.gltf import GEOMETRY_EXTENSIONS, Geometry
from trellis_assets.textures import SLOTS, TextureFormat

from .budget import Budget, CollisionBudget
from .engines import ENGINES, EngineNaming

FORMAT_EXTENSION: Mapping[str, str] = {"webp": "EXT_texture_webp", "ktx2": "KHR_texture_basisu"}
"""What a reader must know for a texture format; PNG and JPEG are part of glTF itself."""


@dataclass(frozen=True)
class VariantTarget:
    """One target profile, in the terms of delivery.

    ``triangles`` bounds LOD0; rung k may have ``lod_ratio ** k`` of it, down to ``min_triangles``.
    ``texture_size`` is the longest side in pixels per slot; a slot that is not named is left out.
    ``file_bytes`` and ``gpu_bytes`` hold for each file: one rung with its textures and their mips,
    as RGBA8 or, for KTX2, in blocks. ``extensions`` are the glTF extensions that the target reads;
    no other is ever written. ``lod_file`` asks for one GLB with all rungs besides (MSFT_lod),
    ``usdz`` for LOD0 as USDZ, ``collision`` for convex hulls, ``impostor`` for crossed pictures as
    the last level.
    """

    name: str
    triangles: Budget
    texture_size: Mapping[str, Budget]
    max_materials: Budget
    texture_format: TextureFormat = "png"
    geometry: Geometry = "none"
    extensions: frozenset[str] = frozenset()
    rungs: int = 4
    lod_ratio: float = 0.5
    min_triangles: int = 64
    file_bytes: Budget | None = None
    gpu_bytes: Budget | None = None
    vertices: Budget | None = None
    collision: CollisionBudget | None = None
    lod_file: bool = False
    usdz: bool = False
    impostor: bool = False
    naming: EngineNaming = ENGINES["generic"]

    @property
    def usable_format(self) -> TextureFormat:
        """The texture format; WebP and KTX2 only where their extension is read."""
        needed = FORMAT_EXTENSION.get(self.texture_format)
        return self.texture_format if needed is None or needed in self.extensions else "jpeg"

    @property
    def usable_geometry(self) -> Geometry:
        """How geometry is packed; not at all where an extension for it is not read."""
        readable = set(GEOMETRY_EXTENSIONS[self.geometry]) <= self.extensions
        return self.geometry if readable else "none"

    def rung_budget(self, level: int) -> int:
        """Triangles that rung ``level`` may have."""
        return int(self.triangles.limit * self.lod_ratio**level)


def same_size_for_all(size: int, source: str) -> dict[str, Budget]:
    """A ``texture_size`` that treats every slot alike."""
    return {slot: Budget(size, source) for slot in SLOTS}
