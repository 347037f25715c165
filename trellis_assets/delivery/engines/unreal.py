"""Unreal: a script for the editor's Python that imports LOD0 and hangs the other rungs on it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .engine import Contents, EngineNaming, Sidecar, filled

NAMING = EngineNaming(
    engine="unreal",
    file="SM_{asset_id}_LOD{level}.glb",
    node="SM_{asset_id}_LOD{level}",
    material="M_{asset_id}",
    collision="UCX_SM_{asset_id}_LOD{level}_{index:02d}",
    hulls="in_lod0",
    up="Z",
    metres_per_unit=0.01,
    normal_map="DirectX",
    packing="ORM in one map, read as linear: occlusion R, roughness G, metalness B",
    lod_import="import_<asset_id>.py, run in the editor, sets LODs and screen sizes",
    source="Unreal Engine documentation: FBX Static Mesh Pipeline (UCX_), recommended asset naming "
    "conventions (SM_, M_), API: UInterchangeGenericMeshPipeline, UStaticMeshEditorSubsystem; "
    "engine source: InterchangeGltfTranslator.cpp (turns axes, metres and the green channel of "
    "normal maps itself, refuses files that require other extensions)",
    reads=frozenset(
        {
            "KHR_draco_mesh_compression",
            "KHR_materials_clearcoat",
            "KHR_materials_emissive_strength",
            "KHR_materials_ior",
            "KHR_materials_iridescence",
            "KHR_materials_sheen",
            "KHR_materials_specular",
            "KHR_materials_transmission",
            "KHR_materials_unlit",
            "KHR_mesh_quantization",
            "KHR_texture_transform",
        }
    ),
    packs_rigs=False,  # the script knows static meshes
)


def pack(contents: Contents) -> Sequence[Sidecar]:
    """The import script. The GLB's own map is ORM already, so that no other map is needed."""
    values = {
        "asset_id": contents.asset_id,
        "mesh": f"SM_{contents.asset_id}",
        "rungs": json.dumps(contents.rung_files),
        # A LOD's screen size is the diameter of the bounding sphere over the screen's height or
        # width, whichever is larger, from which on it is shown: our sizes on a wide screen.
        "screen_sizes": json.dumps([level.shown_below for level in contents.levels]),
    }
    return (
        Sidecar(
            f"import_{contents.asset_id}.py",
            filled("unreal_import.py.txt", values),
            "imports LOD0 with its collision and sets the other LODs and screen sizes",
        ),
    )
