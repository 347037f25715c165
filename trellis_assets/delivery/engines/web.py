"""Web: a module for three.js that loads the rungs and switches them by distance."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..switching import diagonal
from .engine import Contents, EngineNaming, Sidecar, filled

NAMING = EngineNaming(
    engine="web",
    file="{asset_id}_lod{level}.glb",
    node="{asset_id}_lod{level}",
    material="{asset_id}",
    collision="{asset_id}_hull_{index}",
    hulls="own_file",
    up="Y",
    metres_per_unit=1.0,
    normal_map="OpenGL",
    packing="glTF: occlusion R, roughness G, metalness B",
    lod_import="<asset_id>.mjs makes a three.js LOD object; <model-viewer> shows the first rung or "
    "the MSFT_lod file's finest",
    source="three.js documentation: LOD, GLTFLoader; glTF 2.0; Khronos 3D Commerce asset creation "
    "guidelines 1.0",
    reads=frozenset(
        {
            "EXT_meshopt_compression",
            "EXT_texture_webp",
            "KHR_draco_mesh_compression",
            "KHR_materials_anisotropy",
            "KHR_materials_clearcoat",
            "KHR_materials_dispersion",
            "KHR_materials_emissive_strength",
            "KHR_materials_ior",
            "KHR_materials_iridescence",
            "KHR_materials_sheen",
            "KHR_materials_specular",
            "KHR_materials_transmission",
            "KHR_materials_unlit",
            "KHR_materials_volume",
            "KHR_mesh_quantization",
            "KHR_texture_basisu",
            "KHR_texture_transform",
            "MSFT_lod",  # ignored by three.js and <model-viewer>, read by Babylon.js
        }
    ),
)


_ANIMATIONS = """
  // Each level has bones of its own: new THREE.AnimationMixer(lod.levels[k].object) plays the clips
  // of lod.userData.animations[k].
  lod.userData.animations = files.map((file) => file.animations);"""


def pack(contents: Contents) -> Sequence[Sidecar]:
    """The module; it brings no library and gets the caller's loader."""
    values = {
        "asset_id": contents.asset_id,
        "rungs": json.dumps(contents.rung_files),
        "sizes": json.dumps([level.shown_below for level in contents.levels]),
        "culled": contents.levels[-1].hidden_below,
        "animations": _ANIMATIONS if any(model.rig for model in contents.models) else "",
        "diameter": round(diagonal(contents.models[0]), 5),
    }
    module = filled("web_lod.mjs", values)
    return (Sidecar(f"{contents.asset_id}.mjs", module, "three.js LOD object with its rungs"),)
