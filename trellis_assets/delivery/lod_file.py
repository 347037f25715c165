"""One GLB with every rung, for readers that switch levels by themselves (MSFT_lod)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trellis_assets.gltf import join_glbs, read_glb, write_glb

from .switching import Level, screen_coverage

MSFT_LOD = "MSFT_lod"


def lod_file(asset_id: str, files: Sequence[bytes], levels: Sequence[Level]) -> bytes:
    """Joins the rungs' GLBs into one whose first level names the others.

    The coarser levels are in no scene, so that a reader without the extension shows the finest
    alone. ``MSFT_screencoverage`` has one number a level: the coverage down to which it is shown
    (Khronos glTF repository, extensions/2.0/Vendor/MSFT_lod/README.md).

    Args:
        asset_id: names the scene and, where a rung has several parts, its group node.
        files: the GLB of each rung, finest first.
        levels: as many, with their switch sizes.
    """
    joined = join_glbs([read_glb(data) for data in files], scene=asset_id)
    document = joined.glb.json
    tops = [
        _one_node(document, f"{asset_id}_LOD{level.level}_group", roots)
        for level, roots in zip(levels, joined.roots, strict=True)
    ]
    document["scenes"][0]["nodes"] = [tops[0]]
    finest = document["nodes"][tops[0]]
    if tops[1:]:
        finest.setdefault("extensions", {})[MSFT_LOD] = {"ids": tops[1:]}
        document["extensionsUsed"] = sorted({*document.get("extensionsUsed", []), MSFT_LOD})
    coverages = [round(screen_coverage(level.hidden_below), 6) for level in levels]
    finest.setdefault("extras", {})["MSFT_screencoverage"] = coverages
    document["asset"].get("extras", {}).pop("lod", None)
    return write_glb(joined.glb)


def _one_node(document: dict[str, Any], name: str, roots: Sequence[int]) -> int:
    if len(roots) == 1:
        return roots[0]
    document["nodes"].append({"name": name, "children": list(roots)})
    return len(document["nodes"]) - 1
