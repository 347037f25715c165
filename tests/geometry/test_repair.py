"""Faults put in by hand are found, counted and mended; what is visible stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.geometry import (
    EmptyModel,
    InvalidMesh,
    RepairSettings,
    mesh_statistics,
    repair,
)
from trellis_assets.geometry.rays import RayScene
from trellis_assets.gltf import Material, Mesh, Model, Part

from . import shapes

Array = Any


def stacked(*pieces: tuple[Array, Array]) -> tuple[Array, Array]:
    start, points, faces = 0, [], []
    for piece_points, piece_faces in pieces:
        points.append(piece_points)
        faces.append(piece_faces + start)
        start += len(piece_points)
    return np.concatenate(points), np.concatenate(faces)


def moved(piece: tuple[Array, Array], shift: tuple[float, float, float]) -> tuple[Array, Array]:
    return piece[0] + np.asarray(shift, np.float32), piece[1]


def silhouettes(model: Model, side: int = 160) -> Array:
    """(12, side * side) which rays of twelve views hit the model."""
    positions = np.concatenate([part.mesh.positions for part in model.parts])
    starts = np.cumsum([0, *(part.mesh.vertex_count for part in model.parts)])[:-1]
    faces = np.concatenate(
        [p.mesh.triangles.astype(int) + s for p, s in zip(model.parts, starts, strict=True)]
    )
    scene = RayScene(positions, faces)
    line = np.linspace(-2, 2, side)
    x, y = (axis.ravel() for axis in np.meshgrid(line, line))
    views = []
    for number in range(12):
        turn, tilt = number * np.pi / 6, (number % 3 - 1) * 0.6
        back = np.array([np.sin(turn) * np.cos(tilt), np.sin(tilt), np.cos(turn) * np.cos(tilt)])
        right = np.array([np.cos(turn), 0, -np.sin(turn)])
        up = np.cross(back, right)
        start = x[:, None] * right + y[:, None] * up + back * 10
        views.append(scene.blocked(start, np.tile(-back, (len(x), 1)), 100.0))
    return np.array(views)


def test_a_sound_model_is_left_alone() -> None:
    model = shapes.painted(*shapes.bumpy(2, seed=1))
    found = repair(model)
    shapes.assert_valid(found.model)
    assert found.model.triangle_count == model.triangle_count
    assert found.model.parts[0].material is model.parts[0].material
    assert found.report["before"] == found.report["after"]
    assert found.report["vertices_welded"] == model.vertex_count - 162
    uvs, before = found.model.parts[0].mesh.uvs, model.parts[0].mesh.uvs
    assert uvs is not None
    assert before is not None
    assert len(np.unique(uvs, axis=0)) == len(np.unique(before, axis=0))


def test_every_fault_is_counted_and_mended() -> None:
    outer, hull = shapes.icosphere(3), shapes.icosphere(2, radius=0.5)
    fleck = moved(shapes.icosphere(0, radius=0.004), (1.3, 0.2, 0.0))
    points, faces = stacked(outer, hull, fleck)
    main = len(outer[1])
    faces = faces.copy()
    patch = points[faces[:main]].mean(axis=1)[:, 1] > 0.7
    flipped = np.flatnonzero(patch)
    faces[flipped] = faces[flipped][:, ::-1]
    hole = np.flatnonzero((faces[:main] == np.argmax(points[: len(outer[0]), 0])).any(axis=1))
    faces = np.delete(faces, hole, axis=0)
    repeated = faces[200:205]
    collapsed = np.stack([faces[300:303, 0], faces[300:303, 0], faces[300:303, 1]], 1)
    model = shapes.plain(points, np.concatenate([faces, repeated, collapsed]))
    found = repair(model, RepairSettings(holes=0.3))
    report = found.report
    assert report["degenerate_removed"] == 3
    assert report["duplicate_removed"] == 5
    assert report["before"]["winding_conflicts"] > 0
    assert report["triangles_rewound"] == len(flipped)
    assert report["hidden_removed"] == len(hull[1])
    assert report["floating_removed"] == 20
    assert report["holes_closed"] == 1
    assert report["after"]["components"] == 1
    for fault in ("border_edges", "crowded_edges", "winding_conflicts", "degenerate"):
        assert report["after"][fault] == 0, fault
    statistics = mesh_statistics(found.model)
    assert statistics["watertight"]
    assert shapes.model_volume(found.model) == pytest.approx(shapes.volume(*outer), rel=0.01)
    shapes.assert_valid(found.model)
    before, after = silhouettes(model), silhouettes(found.model)
    assert (before & after).sum() / (before | after).sum() >= 0.999


def test_normals_follow_turned_triangles() -> None:
    points, faces = shapes.icosphere(3)
    found = repair(shapes.plain(points, faces[:, ::-1]))
    assert found.report["triangles_turned_outward"] == len(faces)
    mesh = found.model.parts[0].mesh
    assert mesh.normals is not None
    assert np.einsum("ij,ij->i", mesh.normals, mesh.positions).min() > 0.99
    assert shapes.volume(mesh.positions, mesh.triangles) > 4


def test_an_open_sheet_keeps_its_side_and_its_outline() -> None:
    model = shapes.plain(*shapes.grid(4))
    found = repair(model)
    assert found.report["holes_closed"] == 0
    assert shapes.same(found.model, repair(found.model).model)
    mesh = found.model.parts[0].mesh
    assert mesh.triangle_count == 32
    assert mesh.normals is not None
    assert (mesh.normals[:, 2] > 0.99).all()


def test_a_visible_inside_stays() -> None:
    """A ball in an open box can be seen and must not be taken for an inner hull."""
    points, faces = shapes.box(4, (2, 2, 2))
    lid = points[faces].mean(axis=1)[:, 1] > 0.99
    ball = shapes.icosphere(2, radius=0.4)
    found = repair(shapes.plain(*stacked((points, faces[~lid]), ball)))
    assert found.report["hidden_removed"] == 0
    assert found.model.triangle_count == len(faces) - lid.sum() + len(ball[1])


def test_glass_hides_nothing() -> None:
    outer, inner = shapes.icosphere(2), shapes.icosphere(2, radius=0.5)
    glass = shapes.plain(*outer, alpha_mode="BLEND").parts[0]
    core = shapes.plain(*inner).parts[0]
    assert repair(Model((glass, core))).model.triangle_count == 640
    opaque = replace(glass, material=Material())
    assert repair(Model((opaque, core))).model.triangle_count == 320


def test_touching_solids_are_separated() -> None:
    """Two boxes that share an edge have four triangles on it; each becomes closed on its own."""
    one, two = shapes.box(1), moved(shapes.box(1), (1.0, 1.0, 0.0))
    points, faces = stacked(one, two)
    found = repair(shapes.plain(points, faces))
    assert found.report["before"]["crowded_edges"] == 1
    assert found.report["pinches_split"] == 2
    assert found.report["after"]["crowded_edges"] == 0
    assert found.report["after"]["border_edges"] == 0
    assert found.report["after"]["components"] == 2
    assert np.abs(found.model.bounds() - shapes.plain(points, faces).bounds()).max() < 1e-4


def test_a_folded_fin_goes_and_a_card_stays() -> None:
    points, faces = shapes.icosphere(3)
    a, b = faces[0, 0], faces[0, 1]
    fin = np.array([[a, b, len(points)], [b, a, len(points)]])
    near = (points[a] + points[b]) * 0.51
    both = np.concatenate([points, near[None]]), np.concatenate([faces, fin])
    found = repair(shapes.plain(*both), RepairSettings(folds=0.1))
    assert found.report["folded_removed"] == 2
    assert found.report["after"]["crowded_edges"] == 0
    card_points, card = shapes.grid(3)
    sides = np.concatenate([card, card[:, ::-1]])
    kept = repair(shapes.plain(card_points, sides))
    assert kept.model.triangle_count == len(sides)


def test_steps_can_be_turned_off() -> None:
    points, faces = stacked(shapes.icosphere(2), shapes.icosphere(1, radius=0.3))
    off = RepairSettings(
        duplicates=False,
        folds=0,
        winding=False,
        inner_hulls=False,
        floaters=0,
        pinches=False,
        holes=0,
    )
    found = repair(shapes.plain(points, faces[:, ::-1]), off)
    assert found.model.triangle_count == len(faces)
    assert shapes.model_volume(found.model) < 0
    assert set(found.report) == {"vertices_welded", "before", "degenerate_removed", "after"}


def test_hopeless_models_are_refused() -> None:
    with pytest.raises(EmptyModel):
        repair(Model(()))
    line = np.array([[0, 0, 0], [0, 0, 0], [0, 0, 0]], np.float32)
    with pytest.raises(EmptyModel):
        repair(shapes.plain(line, np.array([[0, 1, 2]])))
    points, faces = shapes.icosphere(1)
    holed = points.copy()
    holed[7] = np.nan
    mesh = Mesh(holed, faces.astype(np.uint32))
    with pytest.raises(InvalidMesh, match="1 of 42 positions"):
        repair(Model((Part(mesh, Material()),)))
    with pytest.raises(InvalidMesh, match="refer to vertices outside"):
        repair(Model((Part(Mesh(points, faces.astype(np.uint32) + 40), Material()),)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 80), st.integers(3, 30))
def test_random_soups_come_out_valid(seed: int, faces: int, vertices: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 4, (vertices, 3)).astype(np.float32)
    triangles = rng.integers(0, vertices, (faces, 3))
    model = Model((Part(Mesh(points, triangles.astype(np.uint32)), Material()),))
    try:
        found = repair(model)
    except EmptyModel:
        return
    shapes.assert_valid(found.model)
    assert found.report["after"]["degenerate"] == 0
    assert shapes.same(found.model, repair(model).model)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 999), st.floats(0.1, 0.5))
def test_random_flips_of_a_closed_surface_are_undone(seed: int, share: float) -> None:
    points, faces = shapes.bumpy(2, seed)
    wrong = np.random.default_rng(seed).random(len(faces)) < share
    mixed = np.where(wrong[:, None], faces[:, ::-1], faces)
    found = repair(shapes.plain(points, mixed))
    assert shapes.model_volume(found.model) == pytest.approx(shapes.volume(points, faces), rel=1e-4)
    assert found.report["after"]["winding_conflicts"] == 0
