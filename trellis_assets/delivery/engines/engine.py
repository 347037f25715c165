"""What is written down about an engine, and what its packer gets to see.

Only names and conventions; the numbers of a target are in the catalog's profiles. All names are
made of ``a-z 0-9 _ -`` plus the engine's own affixes (Khronos 3D Commerce asset creation
guidelines 1.0: names start with a letter and hold nothing else).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Literal

from trellis_assets.gltf import Model
from trellis_assets.textures import TextureSet

from ..collision import Hull
from ..switching import Level

Hulls = Literal["none", "in_lod0", "own_file"]
"""Where the engine's importer wants collision hulls: nowhere, as nodes of LOD0, or apart."""


@dataclass(frozen=True)
class EngineNaming:
    """Templates with ``{asset_id}``, ``{level}`` (0 is the finest) and ``{index}`` (from 0)."""

    engine: str
    file: str
    node: str
    material: str
    collision: str
    """Name of convex hull ``index`` for the engine's importer; empty when it knows none."""
    hulls: Hulls
    up: Literal["Y", "Z"]
    metres_per_unit: float
    normal_map: Literal["OpenGL", "DirectX"]
    packing: str
    """How the engine's standard material packs occlusion, roughness and metalness."""
    lod_import: str
    """What turns the rungs into the engine's own levels of detail."""
    source: str
    reads: frozenset[str] | None = None
    """glTF extensions its importer is known to read; None: any, the engine is not known."""
    packs_rigs: bool = True
    """Its packer knows models with bones and animated nodes; without, the GLBs go alone."""

    def file_name(self, asset_id: str, level: int) -> str:
        return self.file.format(asset_id=asset_id, level=level)

    def node_name(self, asset_id: str, level: int, index: int = 0, parts: int = 1) -> str:
        """The part's index is added only where a rung has several parts."""
        name = self.node.format(asset_id=asset_id, level=level)
        return name if parts == 1 else f"{name}_{index}"

    def material_name(self, asset_id: str) -> str:
        return self.material.format(asset_id=asset_id)

    def collision_name(self, asset_id: str, level: int, index: int) -> str:
        return self.collision.format(asset_id=asset_id, level=level, index=index)


@dataclass(frozen=True, eq=False)
class Contents:
    """What a packer may use: the finished rungs and all that is known about them."""

    asset_id: str
    profile: str
    naming: EngineNaming
    models: Sequence[Model]
    levels: Sequence[Level]
    textures: TextureSet
    texture_size: int
    hulls: Sequence[Hull] = field(default_factory=tuple)

    @property
    def rung_files(self) -> list[str]:
        return [self.naming.file_name(self.asset_id, level.level) for level in self.levels]

    @property
    def collision_file(self) -> str:
        """Name of the file with the hulls, for engines that want one; else empty."""
        wanted = self.hulls and self.naming.hulls == "own_file"
        return f"{self.asset_id}_collision.glb" if wanted else ""


@dataclass(frozen=True)
class Sidecar:
    """A file that goes with the GLBs: an import script, a scene, a map in the engine's packing."""

    path: str
    data: bytes
    purpose: str
    shown: bool = False
    """A model to be shown in place of the rungs: the target's bytes for a file hold for it too."""


def filled(template: str, values: Mapping[str, object]) -> bytes:
    """A template of ``templates/`` with each ``@name@`` replaced.

    Raises:
        KeyError: the template has a placeholder without a value.
    """
    folder = resources.files(__package__).joinpath("templates")
    text = folder.joinpath(template).read_text(encoding="utf-8")
    return re.sub(r"@([a-z_]+)@", lambda found: str(values[found[1]]), text).encode()
