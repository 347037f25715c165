"""All rules, in the order of the docs."""

from __future__ import annotations

from . import (
    budget_file_bytes,
    budget_gpu_bytes,
    budget_materials,
    budget_texture_size,
    budget_triangles,
    budget_vertices,
    mesh_degenerate,
    mesh_duplicate_faces,
    mesh_empty,
    mesh_floaters,
    mesh_inner_hulls,
    mesh_inside_out,
    mesh_manifold,
    mesh_split_vertices,
    mesh_unused_vertices,
    mesh_vertex_colors,
    mesh_watertight,
    mesh_winding,
    texture_power_of_two,
)

RULES = tuple(
    module.RULE
    for module in (
        budget_file_bytes,
        budget_gpu_bytes,
        budget_materials,
        budget_texture_size,
        budget_triangles,
        budget_vertices,
        mesh_empty,
        mesh_degenerate,
        mesh_duplicate_faces,
        mesh_watertight,
        mesh_manifold,
        mesh_winding,
        mesh_inside_out,
        mesh_inner_hulls,
        mesh_floaters,
        mesh_unused_vertices,
        mesh_split_vertices,
        mesh_vertex_colors,
        texture_power_of_two,
    )
)
