"""Defects of triangles and surfaces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trellis_assets.gltf import Mesh, Model

from .case import registered
from .parts import bare, box, compact, joined, model, turned


@registered("mesh.empty")
def no_triangles() -> Model:
    return bare(replace(box(), triangles=np.empty((0, 3), np.uint32)))


@registered("mesh.degenerate")
def collapsed_triangle() -> Model:
    mesh = box()
    extra = np.array([[0, 0, 1]], np.uint32)
    return bare(replace(mesh, triangles=np.vstack([mesh.triangles, extra])))


@registered("mesh.degenerate")
def flat_triangle() -> Model:
    """A vertex on the diagonal of a side, closed by a triangle without area."""
    mesh = box()
    a, b, c, tip = 0, 1, 2, mesh.vertex_count
    middle = (mesh.positions[a] + mesh.positions[c]) / 2
    assert mesh.normals is not None
    assert mesh.uvs is not None
    faces = [[a, b, tip], [tip, b, c], [a, tip, c]]
    return bare(
        Mesh(
            np.vstack([mesh.positions, middle]).astype(np.float32),
            np.vstack([mesh.triangles[1:], np.array(faces)]).astype(np.uint32),
            np.vstack([mesh.normals, mesh.normals[a]]),
            np.vstack([mesh.uvs, (mesh.uvs[a] + mesh.uvs[c]) / 2]).astype(np.float32),
        )
    )


@registered("mesh.duplicate-faces")
def twice_the_same_triangle() -> Model:
    mesh = box()
    return bare(replace(mesh, triangles=np.vstack([mesh.triangles, mesh.triangles[:1]])))


@registered("mesh.duplicate-faces")
def twice_the_same_from_another_corner() -> Model:
    mesh = box()
    again = np.roll(mesh.triangles[:2], 1, axis=1)
    return bare(replace(mesh, triangles=np.vstack([mesh.triangles, again])))


@registered("mesh.watertight")
def missing_triangle() -> Model:
    mesh = box()
    return bare(compact(replace(mesh, triangles=mesh.triangles[1:])))


@registered("mesh.watertight")
def missing_side() -> Model:
    mesh = box()
    return bare(compact(replace(mesh, triangles=mesh.triangles[2:])))


@registered("mesh.manifold")
def boxes_that_share_an_edge() -> Model:
    return bare(joined(box(), box(at=(1.0, 0.0, 0.5))))


@registered("mesh.winding")
def one_triangle_turned() -> Model:
    """With normals of its own, so that it is lit as it faces."""
    mesh = box()
    assert mesh.normals is not None
    assert mesh.uvs is not None
    corners = mesh.triangles[0]
    fresh = np.arange(3, dtype=np.uint32) + np.uint32(mesh.vertex_count)
    return bare(
        compact(
            Mesh(
                np.vstack([mesh.positions, mesh.positions[corners]]),
                np.vstack([mesh.triangles[1:], fresh[::-1]]).astype(np.uint32),
                np.vstack([mesh.normals, -mesh.normals[corners]]),
                np.vstack([mesh.uvs, mesh.uvs[corners]]),
            )
        )
    )


@registered("mesh.inside-out")
def box_turned_inwards() -> Model:
    return bare(turned(box()))


@registered("mesh.inside-out")
def second_piece_turned_inwards() -> Model:
    return bare(joined(box(), turned(box(at=(1.5, 0, 0)))))


@registered("mesh.inner-hulls")
def box_in_a_box() -> Model:
    return bare(joined(box(), box((0.3, 0.3, 0.3), at=(0, 0.8, 0))))


@registered("mesh.inner-hulls")
def inner_wall() -> Model:
    return bare(joined(box(), turned(box((0.9, 1.9, 0.4), at=(0, 0.05, 0)))))


@registered("mesh.floaters")
def speck_in_the_air() -> Model:
    return bare(joined(box(), box((0.01, 0.01, 0.01), at=(0.7, 1.0, 0))))


@registered("mesh.floaters")
def dust_on_the_surface() -> Model:
    return bare(joined(box(), box((0.001, 0.001, 0.001), at=(0.502, 1.0, 0))))


@registered("mesh.unused-vertices")
def vertices_without_a_triangle() -> Model:
    mesh = box()
    assert mesh.normals is not None
    assert mesh.uvs is not None
    return bare(
        Mesh(
            np.vstack([mesh.positions, [[0.1, 0.2, 0.1]]]).astype(np.float32),
            mesh.triangles,
            np.vstack([mesh.normals, mesh.normals[:1]]),
            np.vstack([mesh.uvs, mesh.uvs[:1]]),
        )
    )


@registered("mesh.split-vertices")
def mesh_without_an_index() -> Model:
    mesh = box()
    flat = mesh.triangles.reshape(-1)
    return bare(
        Mesh(
            mesh.positions[flat],
            np.arange(len(flat), dtype=np.uint32).reshape(-1, 3),
            None if mesh.normals is None else mesh.normals[flat],
            None if mesh.uvs is None else mesh.uvs[flat],
        )
    )


@registered("mesh.vertex-colors")
def tinted_texture() -> Model:
    mesh = box()
    return model(replace(mesh, colors=np.full((mesh.vertex_count, 4), 0.5, np.float32)))
