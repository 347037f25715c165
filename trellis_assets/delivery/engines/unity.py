"""Unity: a prefab with a LOD Group and colliders that an editor script builds by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..channels import unity_mask_map
from .engine import Contents, EngineNaming, Sidecar, filled

NAMING = EngineNaming(
    engine="unity",
    file="{asset_id}_LOD{level}.glb",
    node="{asset_id}_LOD{level}",
    material="{asset_id}",
    collision="{asset_id}_hull_{index}",
    hulls="own_file",
    up="Y",
    metres_per_unit=1.0,
    normal_map="OpenGL",
    packing="URP/HDRP Lit: metalness R, occlusion G, smoothness A (mask map)",
    lod_import="Editor/<asset_id>_LodGroup.cs builds <asset_id>.prefab; Unity itself groups _LOD0 "
    ".. _LODn only in an FBX",
    source="Unity Manual: Importing LOD meshes, Mask map, Mesh Collider; Scripting API: LODGroup, "
    "AssetPostprocessor; glTFast manual: Editor Import, Features; atteneder/glTFast issue 20",
    reads=frozenset(
        {
            "EXT_meshopt_compression",
            "KHR_draco_mesh_compression",
            "KHR_materials_unlit",
            "KHR_mesh_quantization",
            "KHR_texture_basisu",
            "KHR_texture_transform",
        }
    ),
)


def pack(contents: Contents) -> Sequence[Sidecar]:
    """An editor script, and the mask map for materials other than glTFast's own."""
    values = {
        "asset_id": contents.asset_id,
        "namespace": f"{contents.asset_id}_{contents.profile}".replace(".", "_").replace("-", "_"),
        "rungs": ", ".join(f'"{name}"' for name in contents.rung_files),
        "heights": ", ".join(f"{height:.4f}f" for height in _heights(contents)),
        "collision": contents.collision_file,
        "mask_map": f"{contents.asset_id}_MaskMap.png",
    }
    script = Sidecar(
        f"Editor/{contents.asset_id}_LodGroup.cs",
        filled("unity_lod_group.cs", values),
        "builds the prefab with LOD Group and colliders when the GLBs are imported",
    )
    mask = unity_mask_map(contents.textures, contents.texture_size)
    if mask is None:
        return (script,)
    return (script, Sidecar(f"{contents.asset_id}_MaskMap.png", mask, "mask map of URP/HDRP Lit"))


def _heights(contents: Contents) -> list[float]:
    """Height on screen below which each level gives way.

    A LOD Group measures the longest side of its box (Scripting API, LODGroup.size), our sizes the
    diagonal.
    """
    sides = np.ptp(contents.models[0].bounds().astype(np.float64), axis=0)
    side = float(sides.max() / max(np.linalg.norm(sides), 1e-12))
    return [level.hidden_below * side for level in contents.levels]
