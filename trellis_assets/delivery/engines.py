"""How each engine wants files, nodes and materials to be called, and which way it looks at them.

Only names and conventions; the numbers of a target are in the catalog's profiles. All names are
made of ``a-z 0-9 _ -`` plus the engine's own affixes (Khronos 3D Commerce asset creation
guidelines 1.0: names start with a letter and hold nothing else).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class EngineNaming:
    """Templates with ``{asset_id}``, ``{level}`` (0 is the finest) and ``{index}`` (from 0)."""

    engine: str
    file: str
    node: str
    material: str
    collision: str
    """Name of convex hull ``index`` for the engine's importer; empty when it knows none."""
    up: Literal["Y", "Z"]
    metres_per_unit: float
    normal_map: Literal["OpenGL", "DirectX"]
    packing: str
    """How the engine's standard material packs occlusion, roughness and metalness."""
    lod_import: str
    """What turns the rungs into the engine's own levels of detail."""
    source: str

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


GENERIC = EngineNaming(
    engine="generic",
    file="{asset_id}_LOD{level}.glb",
    node="{asset_id}_LOD{level}",
    material="{asset_id}",
    collision="",
    up="Y",
    metres_per_unit=1.0,
    normal_map="OpenGL",
    packing="glTF: occlusion R, roughness G, metalness B",
    lod_import="one file per rung",
    source="glTF 2.0, sections 3.4 and 3.9; Khronos 3D Commerce asset creation guidelines 1.0",
)

UNITY = EngineNaming(
    engine="unity",
    file="{asset_id}_LOD{level}.glb",
    node="{asset_id}_LOD{level}",
    material="{asset_id}",
    collision="",
    up="Y",
    metres_per_unit=1.0,
    normal_map="OpenGL",
    packing="URP/HDRP Lit: metalness R, occlusion G, smoothness A (mask map)",
    lod_import="Unity builds a LOD Group from _LOD0 .. _LODn names of an FBX, not of a glTF file: "
    "set the group up by script",
    source="Unity Manual, Importing LOD meshes; atteneder/glTFast issue 20",
)

UNREAL = EngineNaming(
    engine="unreal",
    file="SM_{asset_id}_LOD{level}.glb",
    node="SM_{asset_id}_LOD{level}",
    material="M_{asset_id}",
    collision="UCX_SM_{asset_id}_LOD{level}_{index:02d}",
    up="Z",
    metres_per_unit=0.01,
    normal_map="DirectX",
    packing="ORM in one map, read as linear: occlusion R, roughness G, metalness B",
    lod_import="LODs of a static mesh are assigned per level in the editor or by script",
    source="Unreal Engine documentation, FBX Static Mesh Pipeline (UCX_) and recommended asset "
    "naming conventions (SM_, M_); Interchange turns glTF axes, units and normal maps itself",
)

GODOT = EngineNaming(
    engine="godot",
    file="{asset_id}_lod{level}.glb",
    node="{asset_id}_lod{level}",
    material="{asset_id}",
    collision="{asset_id}_hull_{index}-convcolonly",
    up="Y",
    metres_per_unit=1.0,
    normal_map="OpenGL",
    packing="ORM material: occlusion R, roughness G, metalness B",
    lod_import="Godot makes its own mesh LODs at import; rungs of our own switch by visibility "
    "range",
    source="godotengine/godot-docs, importing_3d_scenes/node_type_customization.rst and "
    "3d/mesh_lod.rst",
)

ROBLOX = EngineNaming(
    engine="roblox",
    file="{asset_id}_LOD{level}.glb",
    node="{asset_id}_LOD{level}",
    material="{asset_id}",
    collision="",
    up="Y",
    metres_per_unit=0.28,
    normal_map="OpenGL",
    packing="SurfaceAppearance: separate color, normal, roughness and metalness maps",
    lod_import="RenderFidelity makes levels of detail by itself; upload LOD0",
    source="Roblox/creator-docs, art/modeling/specifications.md, texture-specifications.md; "
    "one stud is 0.28 m (physics/units.md)",
)

WEB = EngineNaming(
    engine="web",
    file="{asset_id}_lod{level}.glb",
    node="{asset_id}_lod{level}",
    material="{asset_id}",
    collision="",
    up="Y",
    metres_per_unit=1.0,
    normal_map="OpenGL",
    packing="glTF: occlusion R, roughness G, metalness B",
    lod_import="three.js LOD object, or one file per screen size",
    source="glTF 2.0; Khronos 3D Commerce asset creation guidelines 1.0",
)

ENGINES: Mapping[str, EngineNaming] = {
    naming.engine: naming for naming in (GENERIC, UNITY, UNREAL, GODOT, ROBLOX, WEB)
}
