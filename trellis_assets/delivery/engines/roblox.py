"""Roblox: LOD0 and the settings of the importer; Roblox makes levels of detail by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .engine import Contents, EngineNaming, Sidecar

NAMING = EngineNaming(
    engine="roblox",
    file="{asset_id}_LOD{level}.glb",
    node="{asset_id}_LOD{level}",
    material="{asset_id}",
    collision="",
    hulls="none",
    up="Y",
    metres_per_unit=0.28,
    normal_map="OpenGL",
    packing="SurfaceAppearance: separate color, normal, roughness and metalness maps, which the "
    "importer takes from the GLB",
    lod_import="RenderFidelity makes levels of detail by itself; upload LOD0",
    source="Roblox/creator-docs, studio/importer.md, art/modeling/specifications.md, "
    "texture-specifications.md; one stud is 0.28 m (physics/units.md)",
    reads=frozenset(),
)


def pack(contents: Contents) -> Sequence[Sidecar]:
    """What to choose in the importer and on the MeshPart."""
    lower, upper = contents.models[0].bounds().tolist()
    settings = {
        "file": contents.rung_files[0],
        "importer": {
            "Scale Unit": "Meter",
            "World Up": "Top",
            "World Forward": "Front",
            "Merge Meshes": False,
            "Set Pivot to Scene Origin": True,
        },
        "mesh_part": {
            "RenderFidelity": "Automatic",
            "CollisionFidelity": "Hull",
        },
        "size_in_studs": [
            round((high - low) / NAMING.metres_per_unit, 3)
            for low, high in zip(lower, upper, strict=True)
        ],
        "source": NAMING.source,
    }
    data = (json.dumps(settings, indent=2) + "\n").encode()
    path = f"{contents.asset_id}_import.json"
    return (Sidecar(path, data, "settings for Studio's importer and the MeshPart"),)
