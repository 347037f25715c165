"""Models that move: every vertex keeps its bones and shapes, and every pose what it looked like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.moving_models import HEIGHT, tube
from trellis_assets.geometry import (
    InvalidMesh,
    MovingModel,
    build_ladder,
    build_lod,
    colour_deviation,
    deviation,
    impostor,
    mesh_statistics,
    place,
    reduce,
    repair,
    what_moves,
)
from trellis_assets.geometry.facets import faceted, joined
from trellis_assets.geometry.ladder import Mode
from trellis_assets.geometry.meshopt import optimize
from trellis_assets.geometry.moving import MOST_COLUMNS, steering
from trellis_assets.geometry.pose import at_rest, key_poses, posed
from trellis_assets.geometry.rows import same_rows
from trellis_assets.geometry.shading import with_normals, with_tangents
from trellis_assets.geometry.topology import face_vectors, unit
from trellis_assets.geometry.vertices import taken
from trellis_assets.gltf import Channel, Clip, Material, Mesh, Model, MorphTarget, Part

WHAT = "a skin with 2 joints, 2 animations, 2 morph targets"


def _rows(mesh: Mesh) -> np.ndarray:
    """(V, K) everything that must stay together at a vertex."""
    arrays = [mesh.positions, mesh.uvs, mesh.joints, mesh.weights]
    for target in mesh.targets:
        arrays += [target.positions, target.normals]
    return np.concatenate([a for a in arrays if a is not None], axis=1).astype(np.float32)


def _all_from(after: np.ndarray, before: np.ndarray) -> bool:
    """Whether every row of ``after`` is one of ``before``, to the bit."""
    return bool(len(same_rows(np.concatenate([before, after]))[1]) == len(same_rows(before)[1]))


@pytest.mark.parametrize("change", [optimize, with_normals, with_tangents])
def test_bones_and_shapes_follow_every_vertex(change: object) -> None:
    mesh = tube().parts[0].mesh
    found = change(mesh)  # type: ignore[operator]
    assert found.vertex_count >= mesh.vertex_count - 1
    assert _all_from(_rows(found), _rows(mesh))
    assert found.joints is not None
    assert found.joints.dtype == np.uint16


@settings(max_examples=3, deadline=None)
@given(st.integers(100, 2300))
def test_a_reduced_rung_has_the_vertices_of_its_original_in_every_pose(triangles: int) -> None:
    model = tube(lid=False)
    found = reduce(model, triangles=triangles, max_error=1.0, at_floor="return").model
    for pose in key_poses(model, most=5):
        before = [part.mesh for part in posed(model, pose).parts]
        after = [part.mesh for part in posed(found, pose).parts]
        for old, new in zip(before, after, strict=True):
            assert _all_from(new.positions, old.positions)
    mesh = found.parts[0].mesh
    assert _all_from(_rows(mesh), _rows(model.parts[0].mesh))
    assert mesh.weights is not None
    np.testing.assert_array_equal(mesh.weights.sum(axis=1), 1.0)
    assert found.rig is model.rig


def test_the_rung_bends_and_bulges_like_its_original() -> None:
    model = tube(lid=False)
    found = reduce(model, triangles=700).model
    for pose in key_poses(model, most=5):
        off = deviation(posed(model, pose), posed(found, pose), samples=4000)
        assert off.rms * HEIGHT < 0.008, "a collapse that sees only the rest pose is 0.05 m off"


def test_the_error_is_that_of_the_worst_pose() -> None:
    model = tube(lid=False)
    found = reduce(model, triangles=300)
    still = deviation(model, found.model, samples=4000).hausdorff
    assert found.error == found.report["pose_error_m"] > 3.0 * still


def test_what_is_closed_at_rest_may_open() -> None:
    """Two lips in one place, with a triangle between them that has an area only when they part."""
    points = np.array([[0, 0, 0], [2, 0, 0], [1, 2, 0], [1, -2, 0]], np.float32)
    points = np.concatenate([points, points[:1]])
    faces = np.array([[0, 1, 2], [4, 3, 1], [0, 4, 1]], np.uint32)
    moved = np.zeros((5, 3), np.float32)
    moved[4, 1] = -0.5
    mesh = with_normals(Mesh(points, faces, targets=(MorphTarget(moved),)))
    part = replace(tube(lid=False).parts[0], mesh=mesh, skin=-1)
    found = reduce(Model((part,)), triangles=3)
    assert found.model.triangle_count == 3
    without = replace(part, mesh=replace(mesh, targets=()))
    assert reduce(Model((without,)), triangles=3).model.triangle_count == 2


def test_more_bones_and_shapes_than_the_simplifier_takes_are_all_seen() -> None:
    rng = np.random.default_rng(0)
    model = tube(lid=False)
    mesh = model.parts[0].mesh
    shapes = tuple(
        MorphTarget(rng.normal(size=mesh.positions.shape).astype(np.float32)) for _ in range(40)
    )
    joints = rng.integers(0, 60, (mesh.vertex_count, 4)).astype(np.uint16)
    crowded = replace(mesh, targets=shapes, joints=joints)
    part = replace(model.parts[0], mesh=crowded, skin=-1)
    (columns,) = steering(Model((part,)))
    assert columns is not None
    assert columns.shape == (mesh.vertex_count, MOST_COLUMNS)
    for silent in range(40):
        fewer = tuple(s for at, s in enumerate(shapes) if at != silent)
        zero = MorphTarget(np.zeros_like(mesh.positions))
        quiet = (*fewer[:silent], zero, *fewer[silent:])
        (other,) = steering(Model((replace(part, mesh=replace(crowded, targets=quiet)),)))
        assert other is not None
        assert not np.array_equal(columns, other)


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from([("+y", "+z"), ("-z", "+x"), ("+x", "-y")]),
    st.floats(0.05, 50.0),
    st.sampled_from(["bottom_center", "center", "origin"]),
)
def test_in_every_pose_the_placed_model_is_the_pose_placed(
    axes: tuple[str, str], height: float, pivot: str
) -> None:
    model = tube()
    found = place(model, height_m=height, pivot=pivot, up=axes[0], forward=axes[1])  # type: ignore[arg-type]
    assert found.rig is not None
    matrix = found.rig.placement
    for pose in key_poses(model, most=6):
        for before, after in zip(posed(model, pose).parts, posed(found, pose).parts, strict=True):
            wanted = before.mesh.positions @ matrix[:3, :3].T + matrix[:3, 3]
            np.testing.assert_allclose(after.mesh.positions, wanted, atol=2e-6 * height)
    shapes = zip(model.parts[0].mesh.targets, found.parts[0].mesh.targets, strict=True)
    for old, new in shapes:
        turned = old.positions @ matrix[:3, :3].T
        np.testing.assert_allclose(new.positions, turned, atol=1e-6 * height)


def test_size_and_pivot_are_those_of_the_model_at_rest() -> None:
    """Bound upright, at rest it kneels: its bones hang lower, and a shape makes it wider."""
    model = tube(lid=False)
    assert model.rig is not None
    armature, lower, upper, hinge = model.rig.nodes
    sunk = np.array(upper.local)
    sunk[1, 3] = 0.4
    upper = replace(upper, local=sunk, transform={"translation": [0.0, 0.4, 0.0]})
    rig = replace(model.rig, nodes=(armature, lower, upper, hinge))
    part = replace(model.parts[0], shape_weights=(1.0, 0.0))
    found = at_rest(place(replace(model, parts=(part,), rig=rig), height_m=2.8))
    lower_corner, upper_corner = found.bounds()
    assert upper_corner[1] - lower_corner[1] == pytest.approx(2.8, rel=1e-5)
    assert lower_corner[1] == pytest.approx(0.0, abs=1e-6)
    assert upper_corner[0] == pytest.approx(2.0 * 0.45, rel=0.01), "the bulge, twice as large"


def test_nothing_is_mended_and_the_report_says_why() -> None:
    model = tube()
    found = repair(model)
    assert list(found.report) == ["skipped"]
    assert WHAT in found.report["skipped"]
    assert found.model.rig is model.rig
    np.testing.assert_array_equal(_rows(found.model.parts[0].mesh), _rows(model.parts[0].mesh))
    assert mesh_statistics(model)["moves"] == WHAT


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"joints": np.zeros((3, 4), np.uint16)}, "joints must have shape"),
        ({"weights": np.full((1225, 4), np.nan, np.float32)}, "weights are not finite"),
        ({"targets": (MorphTarget(np.zeros((7, 3), np.float32)),)}, "morph target has 7 rows"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(broken: dict[str, object], said: str) -> None:
    part = tube().parts[0]
    mesh = replace(part.mesh, **broken)  # type: ignore[arg-type]
    with pytest.raises(InvalidMesh, match=said):
        repair(Model((replace(part, mesh=mesh),), rig=tube().rig))


def test_the_uvs_that_somebody_laid_out_are_kept_and_the_reason_names_what_moves() -> None:
    model = tube()
    rungs = build_ladder(model, [1200, 400], texture_size=256)
    assert [rung.route for rung in rungs] == ["preserved", "reduced"]
    assert WHAT in rungs[0].why
    assert all(rung.on_budget for rung in rungs)
    assert all(rung.model.rig is model.rig for rung in rungs)


@pytest.mark.parametrize("rebuilt", ["two materials", "stalled UVs", "asked for"])
def test_a_new_atlas_leaves_every_vertex_where_it_was_in_every_pose(rebuilt: str) -> None:
    model = tube()
    if rebuilt == "two materials":
        blue = replace(model.parts[1].material, base_color_factor=(0.0, 0.0, 1.0, 1.0))
        model = replace(model, parts=(model.parts[0], replace(model.parts[1], material=blue)))
    elif rebuilt == "stalled UVs":
        model = replace(model, parts=(_in_crumbs(model.parts[0]), *model.parts[1:]))
    mode: Mode = "rebuild" if rebuilt == "asked for" else "auto"
    found = build_lod(model, None, triangles=900, texture_size=128, mode=mode)
    assert found.route == "rebuilt"
    assert found.on_budget
    assert len({id(part.material) for part in found.model.parts}) == 1
    assert what_moves(found.model) == WHAT
    for pose in key_poses(model, most=3):
        before, after = posed(model, pose), posed(found.model, pose)
        for old, new in zip(before.parts, after.parts, strict=True):
            assert _all_from(new.mesh.positions, old.mesh.positions)
        assert deviation(before, after, samples=2000).rms * HEIGHT < 0.01
    assert colour_deviation(model, found.model).mean < 5.0


def _in_crumbs(part: Part) -> Part:
    """Every triangle is a chart of its own, as some tools and generators leave it."""
    mesh = part.mesh
    apart = np.arange(3 * mesh.triangle_count)
    crumbs = taken(
        mesh, mesh.triangles.reshape(-1).astype(np.int64), apart.reshape(-1, 3).astype(np.uint32)
    )
    assert crumbs.uvs is not None
    shift = np.repeat(np.linspace(0.0, 1e-4, mesh.triangle_count), 3)[:, None]
    return replace(part, mesh=replace(crumbs, uvs=(crumbs.uvs + shift).astype(np.float32)))


def test_many_skins_are_counted_not_listed() -> None:
    model = tube()
    assert model.rig is not None
    rig = replace(model.rig, skins=model.rig.skins * 300, clips=model.rig.clips[:1])
    said = what_moves(replace(model, rig=rig))
    assert said == "300 skins with 600 joints, 1 animation, 2 morph targets"


def test_a_rung_that_stalls_says_so() -> None:
    found = build_lod(tube(), None, triangles=12, texture_size=256, mode="preserve")
    assert found.triangles > 12
    assert f"stopped at {found.triangles} triangles" in found.why


def test_flat_shading_is_no_seam_and_stays_flat() -> None:
    """Every edge of a flat-shaded mesh is split, and none of them by its texture."""
    model = _shaded(flat=True)
    found = reduce(model, triangles=400, max_error=1.0).model
    assert 300 <= found.triangle_count <= 400
    mesh = found.parts[0].mesh
    assert mesh.normals is not None
    flat = unit(face_vectors(mesh.positions, mesh.triangles.astype(np.int64)))
    assert np.einsum("tcj,tj->tc", mesh.normals[mesh.triangles], flat).min() > 0.999
    before = model.parts[0].mesh
    assert mesh.joints is not None
    assert before.joints is not None
    rows = [np.concatenate([m.positions, m.joints, m.weights], axis=1) for m in (mesh, before)]
    assert _all_from(rows[0].astype(np.float32), rows[1].astype(np.float32))


def test_smooth_shading_stays_smooth() -> None:
    mesh = reduce(_shaded(flat=False), triangles=400, max_error=1.0).model.parts[0].mesh
    assert mesh.vertex_count < mesh.triangle_count, "vertices of smooth triangles are shared"


def _shaded(*, flat: bool) -> Model:
    """The tube in one piece, without a texture."""
    part = tube(lid=False).parts[0]
    mesh = replace(part.mesh, uvs=None, tangents=None, targets=())
    mesh = faceted(joined(mesh)) if flat else with_normals(joined(mesh), crease_degrees=180.0)
    return replace(tube(lid=False), parts=(replace(part, mesh=mesh, material=Material()),))


def test_a_picture_of_what_moves_is_refused() -> None:
    with pytest.raises(MovingModel, match="2 joints") as refused:
        impostor(tube())
    assert refused.value.fix


@pytest.mark.parametrize("scale", [0.0, 1e30])
def test_poses_in_which_nothing_is_seen_do_not_count(scale: float) -> None:
    """Scaled to nothing is how an animation hides a thing."""
    model = tube(lid=False)
    assert model.rig is not None
    times = np.array([0.0, 1.0], np.float32)
    sizes = np.array([[1, 1, 1], [scale] * 3], np.float32)
    rig = replace(model.rig, clips=(Clip("hide", (Channel(0, "scale", times, sizes),)),))
    found = reduce(replace(model, rig=rig), triangles=700)
    assert 0.0 < found.error < 0.05 * HEIGHT
