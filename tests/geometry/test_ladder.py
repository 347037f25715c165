"""Rungs: budgets, shared textures, floors, and the reasons given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.geometry import (
    EmptyModel,
    FloorReached,
    LodResult,
    ShrunkenResult,
    build_lod,
    deviation,
    rebuild,
    reduce,
)
from trellis_assets.geometry.ladder import Mode
from trellis_assets.geometry.likeness import shading_deviation
from trellis_assets.geometry.shading import with_tangents
from trellis_assets.geometry.simplify import check_bounds
from trellis_assets.gltf import Material, Mesh, Model, Part

from . import shapes


@pytest.fixture(scope="module")
def master() -> Model:
    return shapes.painted(*shapes.bumpy(4, seed=8), size=512)


@pytest.fixture(scope="module")
def lod0(master: Model) -> Model:
    return rebuild(master, triangles=2000, texture_size=256).model


def test_lower_rungs_share_textures_and_keep_to_the_budget(master: Model, lod0: Model) -> None:
    last = 0.0
    for triangles in (1000, 500, 250):
        rung = build_lod(master, lod0, triangles=triangles, texture_size=256)
        assert rung.route == "reduced"
        assert rung.on_budget
        assert rung.model.parts[0].material is lod0.parts[0].material
        shapes.assert_valid(rung.model)
        assert rung.error_relative >= last
        last = rung.error_relative
        assert deviation(lod0, rung.model, samples=2000).hausdorff < 10 * last + 0.01
    share = rung.screen_share()
    assert 0 < share < 1
    assert rung.pixels(share) == pytest.approx(1.0)
    assert rung.pixels(share / 2, screen_height=2160) == pytest.approx(1.0)


def test_a_rung_that_lod0s_textures_would_shade_otherwise_has_its_own() -> None:
    rough = shapes.painted(*shapes.bumpy(4, seed=8, height=0.3), size=512)
    lod0 = rebuild(rough, triangles=2000, texture_size=256).model

    def rung(triangles: int, mode: Mode = "auto") -> LodResult:
        return build_lod(rough, lod0, triangles=triangles, texture_size=256, mode=mode)

    alike = rung(1000)
    assert alike.route == "reduced"
    assert alike.model.parts[0].material is lod0.parts[0].material
    assert "degrees, of which 3 pass" in alike.why
    own = rung(500)
    assert (own.route, own.on_budget) == ("rebuilt", True)
    assert "degrees, more than the 3 that pass" in own.why
    assert own.report["texture_size"] == 128
    assert shading_deviation(lod0, own.model) < 1.0
    assert shading_deviation(lod0, rung(500, "preserve").model) > 3.5
    assert shapes.same(own.model, rung(500).model)


def test_materials_with_textures_of_their_own_become_one_atlas() -> None:
    """A texture set is one atlas: even within its budget such a model is baked anew."""
    first, second = (shapes.painted(*shapes.box(4), size=64).parts[0] for _ in range(2))
    aside = replace(second.mesh, positions=second.mesh.positions + np.float32(2.0))
    two = Model((first, replace(second, mesh=aside)))
    lod = build_lod(two, None, triangles=1000, texture_size=128)
    assert lod.route == "rebuilt"
    assert "2 sets of textures" in lod.why
    (part,) = lod.model.parts
    assert part.material.base_color is not None
    points, _ = shapes.surface_colours(lod.model, 500)
    assert points[:, 0].max() > 2.0


def test_below_the_floor_a_rung_gets_its_own_small_atlas(master: Model) -> None:
    """The master's atlas has a seam on every edge, so that nothing can collapse."""
    with pytest.raises(FloorReached, match="rebuild this rung") as floor:
        reduce(master, triangles=300)
    assert floor.value.reached == master.triangle_count == floor.value.patches
    kept = reduce(master, triangles=300, at_floor="return")
    assert kept.report["stopped_by"] == "floor"
    rung = build_lod(master, master, triangles=300, texture_size=256)
    assert (rung.route, rung.on_budget) == ("rebuilt", True)
    assert "stall at 5120 triangles" in rung.why
    assert rung.report["texture_size"] == 128


def test_the_error_limit_is_reported_apart_from_the_floor(lod0: Model) -> None:
    found = reduce(lod0, triangles=200, max_error=1e-4)
    assert found.report["stopped_by"] == "error"
    assert found.model.triangle_count > 200
    assert found.error_relative <= 2e-4


def test_routes_of_lod0(master: Model, lod0: Model) -> None:
    rebuilt = build_lod(master, None, triangles=500, texture_size=128)
    assert (rebuilt.route, rebuilt.on_budget) == ("rebuilt", True)
    unsound = build_lod(master, None, triangles=10_000, texture_size=128)
    assert unsound.route == "rebuilt"
    assert "charts" in unsound.why
    sound = build_lod(lod0, None, triangles=10_000, texture_size=128)
    assert sound.route == "kept"
    assert sound.model is lod0
    preserved = build_lod(master, None, triangles=500, texture_size=128, mode="preserve")
    assert preserved.route == "preserved"
    assert not preserved.on_budget
    assert "seams allow no fewer" in preserved.why
    asked = build_lod(lod0, None, triangles=1000, texture_size=128, mode="rebuild")
    assert (asked.route, asked.model.triangle_count) == ("rebuilt", 1000)


def test_parts_that_touch_do_not_come_apart() -> None:
    points, faces = shapes.bumpy(4, seed=9)
    left = points[faces].mean(axis=1)[:, 0] < 0.1
    normals = points / np.linalg.norm(points, axis=1, keepdims=True)
    mesh = Mesh(points, faces.astype(np.uint32), normals=normals)
    model = Model(
        tuple(
            Part(replace(mesh, triangles=mesh.triangles[side]), Material(name=str(side[0])))
            for side in (left, ~left)
        )
    )
    found = reduce(model, triangles=600)
    assert 570 <= found.model.triangle_count <= 600
    rims = []
    for part in found.model.parts:
        corner = part.mesh.triangles.astype(int)
        halves = np.concatenate([corner[:, [k, (k + 1) % 3]] for k in range(3)])
        forward = {tuple(edge) for edge in halves.tolist()}
        open_ends = [a for a, b in forward if (b, a) not in forward]
        rims.append({part.mesh.positions[end].tobytes() for end in open_ends})
    assert rims[0] == rims[1]


def test_kept_vertices_keep_tangents_of_unit_length() -> None:
    points, faces = shapes.grid(20)
    uvs = points[:, :2].copy()
    normals = np.tile(np.array([0, 0, 1.0], np.float32), (len(points), 1))
    mesh = with_tangents(Mesh(points, faces.astype(np.uint32), normals=normals, uvs=uvs))
    assert mesh.tangents is not None
    scaled = replace(mesh, tangents=mesh.tangents * np.array([3, 3, 3, 1], np.float32))
    found = reduce(Model((Part(scaled, Material()),)), triangles=50).model
    shapes.assert_valid(found)


def test_shrunken_and_empty_results_are_errors() -> None:
    points, _ = shapes.icosphere(2)
    with pytest.raises(ShrunkenResult, match="bounding box"):
        check_bounds(points, points * 0.8)
    with pytest.raises(ShrunkenResult, match="no triangles"):
        check_bounds(points, points[:0])
    with pytest.raises(EmptyModel):
        reduce(Model(()), triangles=5)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 999), share=st.floats(0.05, 0.9), cut=st.booleans())
def test_random_surfaces_keep_the_budget(seed: int, share: float, cut: bool) -> None:
    points, faces = shapes.bumpy(3, seed)
    if cut:
        faces = faces[points[faces].mean(axis=1)[:, 1] > -0.5]
    model = shapes.plain(points, faces)
    goal = max(int(model.triangle_count * share), 40)
    found = reduce(model, triangles=goal, max_error=1.0)
    assert 0.9 * goal - 2 <= found.model.triangle_count <= goal
    shapes.assert_valid(found.model)
    again = reduce(model, triangles=goal, max_error=1.0)
    assert shapes.same(found.model, again.model)
