"""A rebuilt model shows what its master shows, on a mesh within the budget."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trellis_assets.geometry import EmptyModel, colour_deviation, mesh_statistics, rebuild
from trellis_assets.geometry._pixels import decode, linear, sample
from trellis_assets.geometry.arrays import required
from trellis_assets.geometry.nearest import closest_points
from trellis_assets.geometry.source import source
from trellis_assets.geometry.transfer import Matcher
from trellis_assets.gltf import Material, Mesh, Model, Part

from . import shapes


def worst_colour_error(model: Model) -> tuple[float, float]:
    points, colours = shapes.surface_colours(model)
    code = shapes.colour_of(points)
    expected = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    error = np.abs(colours - expected)
    return float(error.mean()), float(np.quantile(error, 0.999))


@pytest.mark.parametrize("size", [256, 1024])
def test_colours_survive_the_worst_atlas(size: int) -> None:
    master = shapes.painted(*shapes.bumpy(4, seed=3), size=1024)
    found = rebuild(master, triangles=500, texture_size=size)
    model = found.model
    shapes.assert_valid(model)
    assert 475 <= model.triangle_count <= 500
    mean, most = worst_colour_error(model)
    assert mean < 0.012
    assert most < 0.06
    statistics = mesh_statistics(model)
    assert statistics["watertight"]
    assert statistics["charts"] < 40
    assert statistics["uv_overlap_share"] < 0.002
    assert found.error < 0.05
    material = model.parts[0].material
    assert material.occlusion
    assert set(material.images()) == {"base_color", "orm", "normal"}
    for picture in material.images().values():
        assert decode(picture).shape[:2] == (size, size)


def test_a_coarse_triangle_shows_what_lies_straight_behind_it() -> None:
    """0.31 where it shows what lies along its smooth normals, which lean to all sides."""
    master = shapes.painted(*shapes.bumpy(4, seed=0, height=0.3), size=1024)
    rung = rebuild(master, triangles=60, texture_size=512).model
    assert colour_deviation(master, rung).mean < 0.27


def test_supersampling_averages_what_a_texel_covers() -> None:
    """Stripes finer than a texel come out as their mean in linear light, not as noise."""
    points, faces = shapes.grid(2)
    pixels = np.zeros((512, 512, 3), np.uint8)
    pixels[:, ::2] = 255
    mesh = Mesh(points, faces.astype(np.uint32), uvs=points[:, :2].copy())
    master = Model((Part(mesh, Material(base_color=shapes.image(pixels))),))
    found = rebuild(master, triangles=8, texture_size=64, supersample=True).model
    _, colours = shapes.surface_colours(found)
    np.testing.assert_allclose(colours, 0.5, atol=0.02)


def test_same_input_same_bytes() -> None:
    master = shapes.painted(*shapes.bumpy(3, seed=4))
    first = rebuild(master, triangles=300, texture_size=256)
    again = rebuild(master, triangles=300, texture_size=256)
    assert shapes.same(first.model, again.model)
    assert first.report == again.report


def test_the_normal_map_restores_the_masters_shading() -> None:
    points, faces = shapes.bumpy(5, seed=6, height=0.15)
    master = shapes.painted(points, faces, size=512)
    model = rebuild(master, triangles=400, texture_size=512).model
    mesh, material = model.parts[0].mesh, model.parts[0].material
    assert mesh.normals is not None
    assert mesh.tangents is not None
    assert mesh.uvs is not None
    assert material.normal is not None
    corner = mesh.triangles
    middle = np.full(3, 1 / 3)
    normal = np.einsum("c,tcd->td", middle, mesh.normals[corner])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    tangent = np.einsum("c,tcd->td", middle, mesh.tangents[corner])
    along = tangent[:, :3] / np.linalg.norm(tangent[:, :3], axis=1, keepdims=True)
    across = np.cross(normal, along) * np.sign(tangent[:, 3:])
    uvs = np.einsum("c,tcd->td", middle, mesh.uvs[corner]).astype(np.float32)
    bump = sample(decode(material.normal).astype(np.float32), uvs) / 127.5 - 1.0
    shaded = bump[:, :1] * along + bump[:, 1:2] * across + bump[:, 2:] * normal
    shaded /= np.linalg.norm(shaded, axis=1, keepdims=True)
    places = np.einsum("c,tcd->td", middle, mesh.positions[corner])
    truth = source([master.parts[0]], texels_per_metre=1e9)
    match = Matcher(truth, diagonal=3.4, reach=0.2).match(
        places.astype(np.float32), normal.astype(np.float32)
    )
    expected = truth.interpolate(truth.normals, match.face, match.weights)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    with_map = np.degrees(np.arccos(np.clip((shaded * expected).sum(1), -1, 1)))
    without = np.degrees(np.arccos(np.clip((normal * expected).sum(1), -1, 1)))
    assert np.mean(with_map) < 2.0
    assert np.mean(with_map) < 0.3 * np.mean(without)


def test_a_flat_surface_gets_a_flat_normal_map_and_open_sky() -> None:
    model = rebuild(shapes.painted(*shapes.grid(6)), triangles=72, texture_size=64).model
    material = model.parts[0].material
    assert material.normal is not None
    assert material.orm is not None
    np.testing.assert_array_equal(np.unique(decode(material.normal)), [128, 255])
    assert decode(material.orm)[:, :, 0].min() == 255


def test_corners_are_darker_than_open_sides() -> None:
    points, faces = shapes.box(8, (2, 2, 2))
    lid = points[faces].mean(axis=1)[:, 1] > 0.99
    room = shapes.painted(points, faces[~lid][:, ::-1])  # seen from inside
    model = rebuild(room, triangles=640, texture_size=256).model
    mesh, orm = model.parts[0].mesh, model.parts[0].material.orm
    assert orm is not None
    assert mesh.uvs is not None
    middle = mesh.positions[mesh.triangles].mean(axis=1)
    at = mesh.uvs[mesh.triangles].mean(axis=1)
    sky = sample(decode(orm), at)[:, 0] / 255.0
    floor = middle[:, 1] < -0.99
    edge = np.abs(middle[:, [0, 2]]).max(axis=1)
    assert sky[floor & (edge > 0.8)].mean() < sky[floor & (edge < 0.3)].mean() - 0.1


def test_a_thin_sheet_keeps_its_two_sides() -> None:
    """The master's sides are 0.2 % of its size apart and differently coloured."""
    points, faces = shapes.box(6, (1.0, 1.0, 0.002))
    model = shapes.painted(points, faces)
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:, :4], pixels[:, 4:] = (255, 0, 0), (0, 0, 255)
    mesh = model.parts[0].mesh
    front = np.repeat(mesh.positions[mesh.triangles].mean(axis=1)[:, 2] > 0.0005, 3)
    uvs = np.where(front[:, None], [0.25, 0.5], [0.75, 0.5]).astype(np.float32)
    part = Part(replace(mesh, uvs=uvs), Material(base_color=shapes.image(pixels)))
    found = rebuild(Model((part,)), triangles=200, texture_size=256).model
    middle, colours = shapes.surface_colours(found)
    facing = middle[:, 2] > 0.00095
    assert colours[facing][:, 0].mean() > 0.97
    behind = middle[:, 2] < -0.00095
    assert colours[behind][:, 2].mean() > 0.97


def test_a_small_atlas_does_not_mix_charts_that_lie_side_by_side() -> None:
    """Its texels are wider than the master's charts, between which all is grey."""
    master = shapes.painted(*shapes.icosphere(3), size=1024)
    small = rebuild(master, triangles=300, texture_size=64, supersample=False).model
    assert colour_deviation(master, small).mean < 0.5


def test_one_stretched_triangle_does_not_blur_all_others() -> None:
    """A speck whose UVs run over forty atlases says nothing of the density of the rest."""
    master = shapes.painted(*shapes.icosphere(2), size=512)
    (part,) = master.parts
    speck = Mesh(
        positions=part.mesh.positions[:3] * np.float32(0.999),
        triangles=np.array([[0, 1, 2]], np.uint32),
        normals=required(part.mesh.normals, "normals")[:3],
        uvs=np.array([[0, 0], [40, 0], [0, 40]], np.float32),
    )
    joined = Model((replace(part, mesh=_joined(part.mesh, speck)),))
    found = rebuild(joined, triangles=300, texture_size=512, supersample=False).model
    assert colour_deviation(master, found).mean < 0.5


def _joined(one: Mesh, other: Mesh) -> Mesh:
    positions, normals, uvs = (
        np.concatenate([required(getattr(each, name), name) for each in (one, other)])
        for name in ("positions", "normals", "uvs")
    )
    faces = np.concatenate([one.triangles, other.triangles + np.uint32(one.vertex_count)])
    return Mesh(positions, faces, normals, uvs)


def test_a_clear_coat_stays_on_the_part_that_has_it() -> None:
    coat = {"KHR_materials_clearcoat": {"clearcoatFactor": 0.5}}
    ball, cube = shapes.icosphere(2), shapes.box(2, (3, 0.2, 3))
    parts = (*shapes.painted(*ball, extensions=coat).parts, *shapes.painted(*cube).parts)
    model = rebuild(Model(parts), triangles=400, texture_size=128).model
    assert [dict(part.material.extensions) for part in model.parts] == [coat, {}]


def test_factors_alpha_emissive_and_parts() -> None:
    ball, cube = shapes.icosphere(2), shapes.box(2, (3, 0.2, 3))
    glow = shapes.painted(
        *ball,
        emissive_factor=(0.0, 2.0, 0.5),
        base_color_factor=(0.5, 1.0, 1.0, 1.0),
        metallic_factor=0.25,
        roughness_factor=0.75,
    )
    cut = shapes.painted(*cube, alpha_mode="MASK", alpha_cutoff=0.3, double_sided=True)
    model = rebuild(Model((*glow.parts, *cut.parts)), triangles=400, texture_size=256).model
    shapes.assert_valid(model)
    assert [part.material.alpha_mode for part in model.parts] == ["OPAQUE", "MASK"]
    solid, masked = (part.material for part in model.parts)
    assert masked.alpha_cutoff == 0.3
    assert masked.double_sided
    assert solid.base_color is masked.base_color, "one atlas for all parts"
    assert solid.emissive_factor == (0.0, 2.0, 0.5)
    mesh = model.parts[0].mesh
    assert mesh.uvs is not None
    assert solid.base_color is not None
    assert solid.orm is not None
    assert solid.emissive is not None
    at = mesh.uvs[mesh.triangles].mean(axis=1)
    base = decode(solid.base_color)
    assert base.shape[2] == 4
    colours = sample(linear(base[:, :, :3]), at)
    code = shapes.colour_of(mesh.positions[mesh.triangles].mean(axis=1))
    assert np.abs(colours[:, 0] - 0.5 * code[:, 0] ** 2.2).mean() < 0.02
    data = sample(decode(solid.orm), at)
    assert np.abs(data[:, 1] / 255 - 0.75).max() < 0.01
    assert np.abs(data[:, 2] / 255 - 0.25).max() < 0.01
    assert sample(decode(solid.emissive), at)[:, 1].min() == 255


def test_vertex_colours_and_missing_uvs_are_baked() -> None:
    points, faces = shapes.icosphere(3)
    colours = np.column_stack([shapes.colour_of(points) ** 2.2, np.ones(len(points))])
    mesh = Mesh(points, faces.astype(np.uint32), colors=colours.astype(np.float32))
    found = rebuild(Model((Part(mesh, Material()),)), triangles=300, texture_size=256).model
    assert found.parts[0].mesh.colors is None
    mean, _ = worst_colour_error(found)
    assert mean < 0.02


def test_pieces_too_many_for_the_budget_are_dropped_and_reported() -> None:
    """A hundred loose triangles cannot collapse; the smallest give way to the ball."""
    rng = np.random.default_rng(0)
    loose = rng.uniform(-0.5, 0.5, (100, 1, 3)) + rng.normal(0, 0.02, (100, 3, 3))
    points, faces = shapes.icosphere(3)
    everything = np.concatenate([points, loose.reshape(-1, 3)]).astype(np.float32)
    triangles = np.concatenate([faces, np.arange(300).reshape(-1, 3) + len(points)])
    found = rebuild(shapes.plain(everything, triangles), triangles=90, texture_size=64)
    assert found.model.triangle_count <= 90
    assert found.report["components_dropped"] > 10
    assert np.abs(found.model.bounds()).min() > 0.9


def test_surfaces_that_collapses_bring_together_stay_apart() -> None:
    """Two boxes that touch along an edge: four triangles at it, and no tool knows which go on."""
    points, faces = shapes.box()
    both = np.concatenate([points, points + np.array([1.0, 1.0, 0.0], np.float32)])
    master = shapes.plain(both, np.concatenate([faces, faces + len(points)]))
    model = rebuild(master, triangles=24, texture_size=64).model
    statistics = mesh_statistics(model)
    assert statistics["crowded_edges"] == 0
    assert statistics["watertight"]


@pytest.mark.parametrize("triangles", [30, 60, 120])
def test_very_few_triangles_still_fill_the_bounding_box(triangles: int) -> None:
    master = shapes.plain(*shapes.icosphere(4))
    found = rebuild(master, triangles=triangles, texture_size=64).model
    np.testing.assert_allclose(found.bounds(), master.bounds(), atol=0.03 * np.sqrt(12) + 1e-6)


def test_nothing_to_rebuild() -> None:
    with pytest.raises(EmptyModel):
        rebuild(Model(()), triangles=10, texture_size=64)


def test_closest_points_match_brute_force() -> None:
    rng = np.random.default_rng(5)
    triangles = rng.normal(size=(200, 3, 3))
    triangles[:20, 2] = triangles[:20, 1]  # segments
    points = rng.normal(size=(200, 3)) * 2
    weights, distance = closest_points(points, triangles)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-9)
    assert weights.min() >= -1e-12
    dense = rng.dirichlet((0.7, 0.7, 0.7), 4000)
    sampled = np.einsum("sc,ncd->nsd", dense, triangles)
    brute = np.linalg.norm(sampled - points[:, None], axis=2).min(axis=1)
    assert (distance <= brute + 1e-9).all()
    assert (brute - distance).max() < 0.1


def test_what_lies_a_hair_above_hides_the_rest() -> None:
    """A simplified sheet between a floor and a plate on it shows the plate; far roofs do not."""
    floor, faces = shapes.grid(2)
    lifted = {height: floor + np.array([0, 0, height], np.float32) for height in (0.01, 0.2)}
    layers = np.concatenate([floor, lifted[0.01] * np.array([0.5, 1, 1], np.float32), lifted[0.2]])
    model = shapes.plain(
        layers, np.concatenate([faces + len(floor) * number for number in range(3)])
    )
    item = source(model.parts, texels_per_metre=1.0)
    points = np.array([[0.2, 0.3, 0.004], [0.8, 0.3, 0.004]], np.float32)
    up = np.array([[0, 0, 1], [0, 0, 1]], np.float32)
    layer = {
        lid: Matcher(item, diagonal=1.5, reach=0.3, lid=lid).match(points, up).face // len(faces)
        for lid in (0.0, 0.015)
    }
    assert layer[0.0].tolist() == [0, 0]
    assert layer[0.015].tolist() == [1, 0]
