"""No engine in particular: glTF as the specification has it."""

from __future__ import annotations

from collections.abc import Sequence

from .engine import Contents, EngineNaming, Sidecar

NAMING = EngineNaming(
    engine="generic",
    file="{asset_id}_LOD{level}.glb",
    node="{asset_id}_LOD{level}",
    material="{asset_id}",
    collision="{asset_id}_hull_{index}",
    hulls="own_file",
    up="Y",
    metres_per_unit=1.0,
    normal_map="OpenGL",
    packing="glTF: occlusion R, roughness G, metalness B",
    lod_import="one file per rung, switch sizes in the manifest; MSFT_lod where the profile asks",
    source="glTF 2.0, sections 3.4 and 3.9; Khronos 3D Commerce asset creation guidelines 1.0",
)


def pack(contents: Contents) -> Sequence[Sidecar]:
    """Nothing: the manifest says it all."""
    del contents
    return ()
