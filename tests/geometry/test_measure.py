"""Measures against shapes whose figures are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trellis_assets.geometry import deviation, mesh_statistics, uv_patches
from trellis_assets.gltf import Material, Mesh, Model, Part

from . import shapes


def test_topology_of_a_closed_and_an_open_mesh() -> None:
    closed = mesh_statistics(shapes.painted(*shapes.icosphere(2)))
    assert closed["watertight"]
    assert closed["welded_vertices"] == 162
    assert (closed["components"], closed["border_edges"]) == (1, 0)
    assert closed["size_m"] == pytest.approx([2, 2, 2], abs=0.05)
    points, faces = shapes.icosphere(2)
    opened = mesh_statistics(shapes.plain(points, faces[1:]))
    assert not opened["watertight"]
    assert opened["border_edges"] == 3
    flipped = faces.copy()
    flipped[0] = flipped[0, ::-1]
    assert mesh_statistics(shapes.plain(points, flipped))["winding_conflicts"] == 3
    spare = np.concatenate([faces, [[5, 5, 9]]])
    assert mesh_statistics(shapes.plain(points, spare))["degenerate_triangles"] == 1


def test_atlas_of_known_layout() -> None:
    points, faces = shapes.grid(4)
    pixels = np.zeros((256, 256, 3), np.uint8)
    mesh = Mesh(points * 2, faces.astype(np.uint32), uvs=points[:, :2] * np.float32(0.5))
    material = Material(base_color=shapes.image(pixels))
    found = mesh_statistics(Model((Part(mesh, material),)))
    assert found["charts"] == 1
    assert found["texels_per_m"] == pytest.approx(64.0)
    assert found["texel_density_spread"] == pytest.approx(0.0, abs=1e-6)
    assert found["uv_coverage"] == pytest.approx(0.25, abs=0.01)
    assert found["uv_overlap_share"] == 0.0
    twice = replace(mesh, positions=mesh.positions + np.array([0, 0, 1], np.float32))
    both = mesh_statistics(Model((Part(mesh, material), Part(twice, material))))
    assert both["charts"] == 2
    assert both["uv_overlap_share"] > 0.95
    tiled = replace(mesh, uvs=points[:, :2] * np.float32(0.5) + np.array([3, -2], np.float32))
    assert mesh_statistics(Model((Part(tiled, material),)))["uv_coverage"] > 0.24
    # A strip of 3 x 128 texels is thin, whatever its length.
    strip = replace(mesh, uvs=points[:, :2] * np.array([0.5, 3 / 256], np.float32))
    assert mesh_statistics(Model((Part(strip, material),)))["thin_charts_share"] == 1.0


def test_patches_are_what_the_index_buffer_falls_into() -> None:
    model = shapes.painted(*shapes.icosphere(1))
    assert uv_patches(model.parts[0].mesh) == 80
    points, faces = shapes.icosphere(1)
    assert uv_patches(Mesh(points, faces.astype(np.uint32))) == 1


def test_distance_between_spheres() -> None:
    one = shapes.plain(*shapes.icosphere(4))
    other = shapes.plain(*shapes.icosphere(4, radius=1.05))
    found = deviation(one, other, samples=3000)
    diagonal = float(np.linalg.norm(np.diff(one.bounds(), axis=0)))
    assert found.rms * diagonal == pytest.approx(0.05, rel=0.03)
    assert found.hausdorff * diagonal == pytest.approx(0.05, rel=0.1)
    assert found.normal_degrees < 4
    assert deviation(one, one, samples=2000).hausdorff < 1e-6
    assert deviation(one, other, samples=3000) == found
