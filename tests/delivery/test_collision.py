from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trellis_assets.delivery import Budget, CollisionBudget, DeliveryError
from trellis_assets.delivery.collision import Hull, _volume, collision_hulls, hulls_file
from trellis_assets.gltf import Material, Mesh, Model, Part, load_model, read_glb

from ..gltf.shapes import box_mesh


def budget(hulls: int, vertices: int = 32) -> CollisionBudget:
    return CollisionBudget(Budget(hulls, "house"), Budget(vertices, "house"))


def model(*meshes: Mesh) -> Model:
    return Model(tuple(Part(mesh, Material()) for mesh in meshes))


def moved(mesh: Mesh, x: float, y: float) -> Mesh:
    return Mesh(mesh.positions + np.array([x, y, 0], np.float32), mesh.triangles)


def letter_l() -> Model:
    """Two boxes that meet at a right angle; its one hull is a third larger than they are."""
    upright = box_mesh((0.2, 1.0, 0.2))
    foot = box_mesh((0.8, 0.2, 0.2))
    return model(upright, moved(foot, 0.6, -0.8))


def is_convex(hull: Hull, slack: float) -> bool:
    corners = hull.positions[hull.triangles].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    outside = (
        np.einsum("td,vd->tv", normals, hull.positions)
        - np.einsum("td,td->t", normals, corners[:, 0])[:, None]
    )
    return bool(outside.max() <= slack)


def test_one_hull_is_the_convex_hull() -> None:
    (hull,) = collision_hulls(model(box_mesh((0.5, 1.0, 0.25))), budget(1))
    assert (len(hull.positions), len(hull.triangles)) == (8, 12)
    assert _volume(hull) == pytest.approx(1.0 * 2.0 * 0.5, rel=1e-5)


def test_several_hulls_follow_the_shape_within_the_budget() -> None:
    whole = collision_hulls(letter_l(), budget(1))
    parts = collision_hulls(letter_l(), budget(4, 16))
    assert 2 <= len(parts) <= 4
    assert all(len(part.positions) <= 16 for part in parts)
    exact = 0.4 * 2.0 * 0.4 + 1.2 * 0.4 * 0.4
    assert _volume(whole[0]) > 1.3 * exact
    assert sum(map(_volume, parts)) == pytest.approx(exact, rel=0.15)
    assert all(is_convex(part, 1e-4) and _volume(part) > 0 for part in parts)


def test_a_shape_that_is_convex_already_stays_whole() -> None:
    (hull,) = collision_hulls(model(box_mesh((0.5, 1.0, 0.25))), budget(4))
    assert len(hull.positions) == 8


def test_the_same_model_gives_the_same_hulls() -> None:
    first, second = (collision_hulls(letter_l(), budget(4)) for _ in range(2))
    assert [hull.positions.tobytes() for hull in first] == [
        hull.positions.tobytes() for hull in second
    ]


def test_a_flat_model_gets_a_hull_with_a__volume() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    sheet = Mesh(corners, np.array([[0, 1, 2], [0, 2, 3]], np.uint32))
    (hull,) = collision_hulls(model(sheet), budget(4))
    assert 0 < _volume(hull) < 0.05


def test_a_flat_piece_beside_others_gets_a_volume_too() -> None:
    lid = np.array([[-1, 1.6, 1], [1, 1.6, 1], [1, 1.6, -1], [-1, 1.6, -1]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.uint32)
    hulls = collision_hulls(model(box_mesh((0.3, 1.0, 0.3)), Mesh(lid, faces)), budget(4))
    assert 2 <= len(hulls) <= 4
    assert all(_volume(hull) > 0.0 for hull in hulls)


def test_a_model_without_points_is_refused() -> None:
    empty = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.uint32))
    with pytest.raises(DeliveryError, match="no volume"):
        collision_hulls(model(empty), budget(1))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1), st.integers(8, 40), st.integers(8, 200))
def test_hulls_are_convex_turned_out_and_small_enough(seed: int, limit: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    points: NDArray[np.float32] = rng.normal(size=(count, 3)).astype(np.float32)
    triangles = rng.integers(0, count, (count, 3)).astype(np.uint32)
    (hull,) = collision_hulls(model(Mesh(points, triangles)), budget(1, limit))
    assert len(hull.positions) <= limit
    assert _volume(hull) > 0
    assert is_convex(hull, 1e-4)


def test_the_file_has_bare_meshes_under_the_given_names() -> None:
    hulls = collision_hulls(letter_l(), budget(4))
    names = [f"thing_hull_{index}-convcolonly" for index in range(len(hulls))]
    data = hulls_file(hulls, names, "thing")
    document = read_glb(data).json
    assert [node["name"] for node in document["nodes"]] == names
    assert "materials" not in document
    assert load_model(data).vertex_count == sum(len(hull.positions) for hull in hulls)
