"""Godot: a scene that shows each rung in its range of distances; hulls become static bodies."""

from __future__ import annotations

from collections.abc import Sequence

from ..switching import diagonal, distance_at
from .engine import Contents, EngineNaming, Sidecar

NAMING = EngineNaming(
    engine="godot",
    file="{asset_id}_lod{level}.glb",
    node="{asset_id}_lod{level}",
    material="{asset_id}",
    collision="{asset_id}_hull_{index}-convcolonly",
    hulls="own_file",
    up="Y",
    metres_per_unit=1.0,
    normal_map="OpenGL",
    packing="ORM material: occlusion R, roughness G, metalness B",
    lod_import="<asset_id>.tscn shows the rungs by visibility range; Godot's own mesh LODs work "
    "beside it",
    source="godotengine/godot-docs: importing_3d_scenes/node_type_customization.rst, "
    "3d/visibility_ranges.rst, 3d/mesh_lod.rst, classes/class_camera3d.rst (field of view 75)",
    reads=frozenset(
        {
            "EXT_texture_webp",
            "KHR_materials_emissive_strength",
            "KHR_materials_unlit",
            "KHR_mesh_quantization",
            "KHR_texture_basisu",
            "KHR_texture_transform",
        }
    ),
    packs_rigs=False,  # the importer puts skinned meshes below a Skeleton3D of its own
)
FIELD_OF_VIEW = 75.0
"""Vertical, of a new Camera3D; the scene's distances are worked out for it."""
_MARGIN = 0.1
"""Hysteresis, as a share of the switch distance: the 1 in 10 of visibility_ranges.rst."""


def pack(contents: Contents) -> Sequence[Sidecar]:
    """The scene with rungs and hulls as instances; paths are relative to it."""
    files = [*contents.rung_files, *filter(None, [contents.collision_file])]
    lines = [f"[gd_scene load_steps={len(files) + 1} format=3]", ""]
    lines += [
        f'[ext_resource type="PackedScene" path="{name}" id="{index}"]'
        for index, name in enumerate(files)
    ]
    lines += ["", f'[node name="{contents.asset_id}" type="Node3D"]', ""]
    for level in range(len(contents.levels)):
        lines += _rung(contents, level)
    if contents.collision_file:
        number = len(contents.levels)
        lines += [f'[node name="collision" parent="." instance=ExtResource("{number}")]', ""]
    lines += [f'[editable path="lod{level}"]' for level in range(len(contents.levels))]
    scene = "\n".join(lines) + "\n"
    path = f"{contents.asset_id}.tscn"
    return (Sidecar(path, scene.encode(), "scene with the rungs by visibility range"),)


def _rung(contents: Contents, level: int) -> list[str]:
    """An instance of the rung, with the range set on each of its meshes."""
    size, reach = contents.levels[level], diagonal(contents.models[0])
    begin = distance_at(size.shown_below, reach, field_of_view=FIELD_OF_VIEW) if level else 0.0
    end = distance_at(size.hidden_below, reach, field_of_view=FIELD_OF_VIEW)
    lines = [f'[node name="lod{level}" parent="." instance=ExtResource("{level}")]', ""]
    parts = contents.models[level].parts
    for index, part in enumerate(parts):
        lines.append(f'[node name="{part.name}" parent="lod{level}" index="{index}"]')
        if begin:
            lines.append(f"visibility_range_begin = {begin:.3f}")
            lines.append(f"visibility_range_begin_margin = {begin * _MARGIN:.3f}")
        lines.append(f"visibility_range_end = {end:.3f}")
        lines.append(f"visibility_range_end_margin = {end * _MARGIN:.3f}")
        lines.append("")
    return lines
