"""No input reaches a crash in native code; what passes is a simplified mesh."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trellis_assets.geometry import InvalidMesh, meshopt
from trellis_assets.gltf import Mesh

from . import shapes

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANY_DTYPE = st.sampled_from(
    ["f2", "f4", "f8", "i1", "i4", "i8", "u1", "u2", "u4", "u8", "?", "c8", "S3", "O"]
)
ANY_ARRAY = ANY_DTYPE.flatmap(
    lambda dtype: (
        hnp.arrays(
            dtype,
            hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6),
            fill=st.nothing(),
        )
        if dtype != "O"
        else st.builds(lambda n: np.full((n, 3), None, object), st.integers(0, 4))
    )
)


@QUICK
@given(positions=ANY_ARRAY, triangles=ANY_ARRAY, target=st.integers(-5, 50))
def test_arbitrary_arrays_are_refused_or_simplified(
    positions: Any, triangles: Any, target: int
) -> None:
    try:
        found = meshopt.simplify(positions, triangles, target_triangles=target)
    except InvalidMesh:
        return
    assert found.triangles.shape[1:] == (3,)
    assert len(found.triangles) <= len(triangles)


@QUICK
@given(data=st.data(), count=st.integers(0, 30), faces=st.integers(0, 60))
def test_any_triangle_soup_with_special_floats(data: Any, count: int, faces: int) -> None:
    floats = st.floats(width=32) | st.sampled_from([0.0, -0.0, np.nan, np.inf, 3e38, 1e-45])
    positions = data.draw(hnp.arrays("f4", (count, 3), elements=floats, fill=floats))
    indices = st.integers(-1, count + 1) if count else st.just(0)
    triangles = data.draw(hnp.arrays("i8", (faces, 3), elements=indices))
    options: dict[str, Any] = {}
    if data.draw(st.booleans()):
        options["normals"] = data.draw(hnp.arrays("f4", (count, 3), elements=floats, fill=floats))
    if data.draw(st.booleans()):
        options["locked"] = data.draw(hnp.arrays(bool, (count,)))
    valid = (
        bool(np.all(np.abs(positions) <= 1e12))
        and (faces == 0 or (triangles.min() >= 0 and triangles.max() < count))
        and ("normals" not in options or bool(np.all(np.abs(options["normals"]) <= 1e12)))
    )
    goal = data.draw(st.integers(0, faces))
    if not valid:
        with pytest.raises(InvalidMesh):
            meshopt.simplify(positions, triangles, target_triangles=goal, **options)
        return
    found = meshopt.simplify(positions, triangles, target_triangles=goal, **options)
    assert len(found.triangles) <= faces
    assert found.triangles.size == 0 or found.triangles.max() < count
    mesh = Mesh(positions, triangles.astype(np.uint32))
    assert meshopt.optimize(mesh).triangle_count == faces


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("negative target", {"target_triangles": -1}),
        ("fractional target", {"target_triangles": 2.5}),
        ("NaN error", {"target_triangles": 5, "max_error": float("nan")}),
        ("negative error", {"target_triangles": 5, "max_error": -0.1}),
        ("short normals", {"target_triangles": 5, "normals": np.zeros((3, 3), "f4")}),
        ("wide normals", {"target_triangles": 5, "normals": np.zeros((42, 4), "f4")}),
        ("short locks", {"target_triangles": 5, "locked": np.zeros(3, bool)}),
        ("float locks", {"target_triangles": 5, "locked": np.zeros(42)}),
        ("NaN weight", {"target_triangles": 5, "normals": np.zeros((42, 3)), "normal_weight": "x"}),
    ],
)
def test_bad_options_are_refused(name: str, arguments: dict[str, Any]) -> None:
    points, faces = shapes.icosphere(1)
    with pytest.raises(InvalidMesh):
        meshopt.simplify(points, faces, **arguments)


@pytest.mark.parametrize("layout", ["fortran", "view", "float64", "reversed"])
def test_memory_layout_does_not_change_the_result(layout: str) -> None:
    points, faces = shapes.bumpy(3, seed=1)
    wide = np.concatenate([points, points], axis=1)
    other = {
        "fortran": np.asfortranarray(points),
        "view": wide[:, :3],
        "float64": points.astype(np.float64),
        "reversed": points[::-1].copy()[::-1],
    }[layout]
    expected = meshopt.simplify(points, faces, target_triangles=200)
    found = meshopt.simplify(other, np.asfortranarray(faces), target_triangles=200)
    np.testing.assert_array_equal(found.triangles, expected.triangles)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), share=st.floats(0.02, 1.0), weight=st.floats(0, 2))
def test_closed_meshes_stay_closed_and_in_budget(seed: int, share: float, weight: float) -> None:
    points, faces = shapes.bumpy(3, seed)
    normals = points / np.linalg.norm(points, axis=1, keepdims=True)
    goal = int(len(faces) * share)
    found = meshopt.simplify(
        points, faces, target_triangles=goal, normals=normals, normal_weight=weight
    )
    assert len(found.triangles) <= goal
    assert len(found.triangles) >= 0.95 * goal - 2
    edges = np.concatenate([found.triangles[:, [k, (k + 1) % 3]] for k in range(3)])
    forward = {tuple(edge) for edge in edges.tolist()}
    assert all((b, a) in forward for a, b in forward)
    assert 0 <= found.error < 0.5


def test_locked_vertices_and_borders_stay() -> None:
    points, faces = shapes.grid(12)
    locked = np.zeros(len(points), bool)
    locked[::5] = True
    found = meshopt.simplify(points, faces, target_triangles=0, locked=locked)
    assert len(found.triangles) < len(faces)
    assert np.isin(np.flatnonzero(locked), found.triangles).all()
    rim = np.flatnonzero((points[:, :2] == 0).any(1) | (points[:, :2] == 1).any(1))
    kept = meshopt.simplify(points, faces, target_triangles=0, lock_border=True)
    assert np.isin(rim, kept.triangles).all()


def test_optimising_keeps_triangles_and_attributes_together() -> None:
    points, faces = shapes.bumpy(3, seed=2)
    rng = np.random.default_rng(0)
    stray = np.concatenate([points, np.ones((3, 3), np.float32)])
    mesh = Mesh(
        stray,
        rng.permutation(faces).astype(np.uint32),
        normals=stray * 2,
        uvs=stray[:, :2] * 3,
        colors=np.repeat(stray[:, :1], 4, axis=1),
    )
    for found in (meshopt.optimize(mesh), meshopt.optimize_for_compression(mesh)):
        assert found.vertex_count == len(points)
        assert found.normals is not None
        assert found.uvs is not None
        np.testing.assert_array_equal(found.normals, found.positions * 2)
        np.testing.assert_array_equal(found.uvs, found.positions[:, :2] * 3)
        assert shapes.volume(found.positions, found.triangles) == pytest.approx(
            shapes.volume(points, faces), rel=1e-5
        )
        # Vertices stand in the order in which triangles first use them.
        first = np.unique(found.triangles, return_index=True)[1]
        assert np.all(np.diff(first) > 0)


def test_attributes_of_another_length_are_refused() -> None:
    points, faces = shapes.icosphere(1)
    with pytest.raises(InvalidMesh, match="uvs has 2 rows for 42 vertices"):
        meshopt.optimize(Mesh(points, faces.astype(np.uint32), uvs=np.zeros((2, 2), np.float32)))
