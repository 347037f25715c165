"""Defects of the atlas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from trellis_assets.gltf import Material, Mesh, Model

from .case import registered
from .parts import SIDE, box, fan, model, noise, painted, picture


@registered("uv.missing")
def textured_without_uvs() -> Model:
    return model(replace(box(), uvs=None))


@registered("uv.finite")
def uv_that_is_no_number() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    uvs = mesh.uvs.copy()
    uvs[0] = np.nan
    # Outside 0..1 as well, whatever one compares it with: the range rule skips it.
    return model(replace(mesh, uvs=uvs))


@registered("uv.range")
def uvs_in_the_next_tile() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    return model(replace(mesh, uvs=mesh.uvs + np.float32(1.0)))


@registered("uv.overlap")
def sides_on_top_of_each_other() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    uvs = mesh.uvs.copy()
    uvs[4:8] = uvs[0:4][::-1]
    uvs[4:8] = uvs[0:4]
    return model(replace(mesh, uvs=uvs))


@registered("uv.inverted")
def mirrored_side() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    uvs = mesh.uvs.copy()
    uvs[0:4] = uvs[[1, 0, 3, 2]]
    return model(replace(mesh, uvs=uvs))


@registered("uv.folded")
def side_folded_over() -> Model:
    return model(fan(box(), side=0, middle=0.1, in_uv=-0.05))


@registered("uv.degenerate")
def triangle_on_a_line_of_texels() -> Model:
    return model(fan(box(), side=0, middle=0.1, in_uv=0.0))


@registered("uv.gutter")
def charts_that_touch() -> Model:
    """Many small charts side by side without a texel between them."""
    material = painted(base_color=picture(noise(512)))
    return model(_checkered(cell=18 / 512, pitch=18 / 512), material)


@registered("uv.thin-charts")
def charts_in_slivers() -> Model:
    return model(_checkered(cell=4 / SIDE, pitch=8 / SIDE))


def _checkered(cell: float, pitch: float) -> Mesh:
    """A closed slab whose front and back are grids of squares, each square its own chart."""
    n, depth = 10, 0.05
    points: list[Any] = []
    normals: list[Any] = []
    uvs: list[Any] = []
    faces: list[list[int]] = []
    for face, z in enumerate((-depth / 2, depth / 2)):
        for row in range(n):
            for column in range(n):
                start = len(points)
                for a, b in ((0, 0), (1, 0), (1, 1), (0, 1)):
                    points.append(((column + a - n / 2) * 0.1, (row + b) * 0.1, z))
                    normals.append((0.0, 0.0, 1.0 if face else -1.0))
                    # Neighbours in space are none in the atlas, or they would be one chart.
                    place = np.array([column * 3 % n + (0 if face else n), row * 3 % n]) * pitch
                    across = a if face else 1 - a
                    uvs.append(place + np.array([across, 1 - b]) * cell)
                order = [0, 1, 2, 3] if face else [3, 2, 1, 0]
                quad = [start + i for i in order]
                faces += [[quad[0], quad[1], quad[2]], [quad[0], quad[2], quad[3]]]
    return _with_rim(points, normals, uvs, faces, n, depth, pitch)


def _with_rim(
    points: list[Any],
    normals: list[Any],
    uvs: list[Any],
    faces: list[Any],
    n: int,
    depth: float,
    pitch: float,
) -> Mesh:
    """The four narrow sides, cut where the grid is cut, so that the slab is closed."""
    half, top = n * 0.05, n * 0.1
    walls = (
        ((-half, 0.0), (1.0, 0.0), (0.0, -1.0, 0.0)),
        ((half, 0.0), (0.0, 1.0), (1.0, 0.0, 0.0)),
        ((half, top), (-1.0, 0.0), (0.0, 1.0, 0.0)),
        ((-half, top), (0.0, -1.0), (-1.0, 0.0, 0.0)),
    )
    for wall, (origin, along, normal) in enumerate(walls):
        for step in range(n):
            start = len(points)
            for a, z in ((0, -1), (1, -1), (1, 1), (0, 1)):
                x = origin[0] + along[0] * (step + a) * 0.1
                y = origin[1] + along[1] * (step + a) * 0.1
                points.append((x, y, z * depth / 2))
                normals.append(normal)
                place = np.array([step * 2, n + 1 + wall]) * pitch
                uvs.append(place + np.array([a, (1 - z) / 2 * 0.5]) * (4 / SIDE))
            quad = [start, start + 1, start + 2, start + 3]
            faces += [[quad[0], quad[1], quad[2]], [quad[0], quad[2], quad[3]]]
    return Mesh(
        np.array(points, np.float32),
        np.array(faces, np.uint32),
        np.array(normals, np.float32),
        (np.array(uvs) + 8 / SIDE).astype(np.float32),
    )


@registered("uv.texel-density")
def few_texels_for_a_tower() -> Model:
    return model(box((20.0, 40.0, 10.0)))


@registered("uv.texel-density")
def many_texels_for_a_pin() -> Model:
    material = Material("paint", base_color=picture(noise(2048)), metallic_factor=0.0)
    return model(box((0.005, 0.0105, 0.005)), material)


@registered("uv.density-spread")
def one_side_blurred() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    uvs = mesh.uvs.copy()
    for side in (2, 3, 4):
        quad = uvs[4 * side : 4 * side + 4]
        uvs[4 * side : 4 * side + 4] = quad.mean(axis=0) + (quad - quad.mean(axis=0)) / 16
    return model(replace(mesh, uvs=uvs))
