"""Normals and tangents against cases with a known answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trellis_assets.geometry.shading import corner_normals, with_normals, with_tangents
from trellis_assets.gltf import Mesh

from . import shapes


def test_a_box_has_flat_sides_and_a_sphere_is_smooth() -> None:
    points, faces = shapes.box(2)
    found = with_normals(Mesh(points, faces.astype(np.uint32)))
    assert found.normals is not None
    assert np.abs(found.normals).max(axis=1) == pytest.approx(1.0, abs=1e-6)
    points, faces = shapes.icosphere(3)
    found = with_normals(Mesh(points, faces.astype(np.uint32)))
    assert found.vertex_count == len(points)
    assert found.normals is not None
    assert np.einsum("ij,ij->i", found.normals, found.positions).min() > 0.999


def test_smoothing_everywhere_meets_at_box_corners() -> None:
    points, faces = shapes.box(1)
    normals, groups = corner_normals(points, faces, crease_degrees=180.0)
    np.testing.assert_allclose(np.abs(normals), 1 / 3**0.5, atol=1e-9)
    assert len(np.unique(groups)) == 8


@pytest.mark.parametrize(("mirror", "sign"), [(False, 1.0), (True, -1.0)])
def test_tangents_of_a_quad(mirror: bool, sign: float) -> None:
    points, faces = shapes.grid(2)
    u = 1.0 - points[:, 0] if mirror else points[:, 0]
    uvs = np.stack([u, 1.0 - points[:, 1]], 1).astype(np.float32)  # v grows downwards
    normals = np.tile(np.array([0, 0, 1], np.float32), (len(points), 1))
    found = with_tangents(Mesh(points, faces.astype(np.uint32), normals=normals, uvs=uvs))
    assert found.tangents is not None
    expected = [-1.0 if mirror else 1.0, 0, 0, sign]
    np.testing.assert_allclose(found.tangents, np.tile(expected, (len(points), 1)), atol=1e-6)
    # The bitangent cross(n, t) * w points up the picture: against growing v.
    bitangent = np.cross(normals, found.tangents[:, :3]) * found.tangents[:, 3:]
    np.testing.assert_allclose(bitangent, np.tile([0, 1, 0], (len(points), 1)), atol=1e-6)


def test_tangents_of_a_cylinder_run_around_it() -> None:
    steps = 64
    angle = np.linspace(0, 2 * np.pi, steps + 1)
    ring = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], 1)
    points = np.concatenate([ring, ring + np.array([0.0, 1.0, 0.0])]).astype(np.float32)
    low = np.arange(steps)
    faces = np.concatenate(
        [
            np.stack([low, low + 1, low + steps + 2], 1),
            np.stack([low, low + steps + 2, low + steps + 1], 1),
        ]
    )
    normals = np.concatenate([ring, ring]).astype(np.float32)
    u = np.tile(angle / (2 * np.pi), 2)
    uvs = np.stack([u, 1.0 - points[:, 1]], 1).astype(np.float32)
    found = with_tangents(Mesh(points, faces.astype(np.uint32), normals=normals, uvs=uvs))
    assert found.tangents is not None
    assert found.normals is not None
    around = np.cross([0, 1, 0], found.normals)
    inner = (found.uvs[:, 0] > 0.01) & (found.uvs[:, 0] < 0.99) if found.uvs is not None else None
    assert np.einsum("ij,ij->i", found.tangents[:, :3], around)[inner].min() > 1 - 1e-6
    assert (found.tangents[:, 3] == 1.0).all()


def test_a_mirrored_seam_splits_its_vertices() -> None:
    points, faces = shapes.grid(2)
    u = np.abs(points[:, 0] - 0.5) * 2.0  # both halves show the same texels
    uvs = np.stack([u, 1.0 - points[:, 1]], 1).astype(np.float32)
    normals = np.tile(np.array([0, 0, 1], np.float32), (len(points), 1))
    found = with_tangents(Mesh(points, faces.astype(np.uint32), normals=normals, uvs=uvs))
    assert found.vertex_count == len(points) + 3
    assert found.tangents is not None
    left = found.positions[found.triangles].mean(axis=1)[:, 0] < 0.5
    assert (found.tangents[found.triangles[left], 3] == -1.0).all()
    assert (found.tangents[found.triangles[~left], 3] == 1.0).all()


def test_triangles_without_uv_area_still_get_unit_tangents() -> None:
    points, faces = shapes.icosphere(1)
    mesh = with_normals(Mesh(points, faces.astype(np.uint32), uvs=np.zeros((42, 2), np.float32)))
    found = with_tangents(mesh)
    assert found.tangents is not None
    assert found.normals is not None
    np.testing.assert_allclose(np.linalg.norm(found.tangents[:, :3], axis=1), 1, atol=1e-6)
    assert np.abs(np.einsum("ij,ij->i", found.tangents[:, :3], found.normals)).max() < 1e-5


def test_tangents_agree_with_the_reference_of_mikktspace() -> None:
    # Tangent of every triangle corner of a bumpy sphere with sheared, mirrored UVs, as Mikkelsen's
    # own code gives them (built as WebAssembly: the npm package mikktspace 1.1.1).
    with np.load(Path(__file__).parents[1] / "data" / "mikktspace.npz") as stored:
        known = {name: stored[name] for name in stored.files}
    mesh = Mesh(
        known["positions"],
        known["triangles"].astype(np.uint32),
        normals=known["normals"],
        uvs=known["uvs"],
    )
    found = with_tangents(mesh)
    assert found.tangents is not None
    ours, reference = found.tangents[found.triangles.reshape(-1)], known["corner_tangents"]
    np.testing.assert_array_equal(ours[:, 3], reference[:, 3])
    assert 0.2 < (reference[:, 3] < 0).mean() < 0.8  # both kinds of handedness take part
    cosine = np.einsum("ij,ij->i", ours[:, :3], reference[:, :3])
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 0.1
