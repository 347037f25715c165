"""Pictures of scenes whose outcome is known beforehand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trellis_assets.gltf import Image, Material, Model
from trellis_assets.previews import (
    MARGIN,
    Ball,
    Framing,
    Picture,
    Scene,
    UndecodableTexture,
    UnrenderableModel,
    render,
)

from .scenes import MATT, UVS, box, model_of, png, quad, sphere, uniform

FLAT: Any = {"elevation": 0.0, "azimuth": 0.0}


def solid(picture: Picture) -> NDArray[np.bool_]:
    return picture[..., 3] >= 128


def middle(picture: Picture) -> NDArray[np.int64]:
    size = len(picture)
    pixel: NDArray[np.int64] = picture[size // 2, size // 2].astype(np.int64)
    return pixel


def test_a_sphere_covers_a_disc_that_fills_the_frame() -> None:
    picture = render(model_of((sphere(), Material(**MATT))), size=200, mode="base_color")
    rows, columns = np.nonzero(solid(picture))
    diameter = np.ptp(rows) + 1
    assert diameter == pytest.approx(200 * 0.93, abs=2)
    assert np.ptp(columns) + 1 == pytest.approx(diameter, abs=1)
    assert np.count_nonzero(solid(picture)) == pytest.approx(np.pi / 4 * diameter**2, rel=0.01)


def test_edges_are_antialiased() -> None:
    picture = render(model_of((sphere(), Material(**MATT))), size=64, mode="base_color")
    partial = (picture[..., 3] > 0) & (picture[..., 3] < 255)
    assert np.count_nonzero(partial) > 60


@settings(max_examples=12, deadline=None)
@given(
    azimuth=st.floats(-360, 720),
    elevation=st.floats(-90, 90),
    stretch=st.tuples(*[st.floats(0.5, 6)] * 3),
    scale=st.sampled_from([1e-3, 1.0, 1e4]),
)
def test_the_whole_model_is_in_the_frame_from_every_side(
    azimuth: float, elevation: float, stretch: tuple[float, ...], scale: float
) -> None:
    low = np.array(stretch) * scale
    model = model_of((box(tuple(low), tuple(3 * low)), Material(**MATT)))
    picture = render(
        model, size=48, azimuth=azimuth, elevation=elevation, mode="base_color", supersample=1
    )
    covered = solid(picture)
    assert covered.any()
    extent = max(int(np.ptp(places)) + 1 for places in np.nonzero(covered))
    assert extent >= 0.8 * 48
    rim = np.concatenate([covered[0], covered[-1], covered[:, 0], covered[:, -1]])
    assert not rim.any()


def test_base_color_mode_shows_the_texture_as_it_is() -> None:
    material = Material(base_color=uniform(200, 90, 30), **MATT)
    picture = render(model_of((quad(), material)), size=64, mode="base_color", **FLAT)
    assert np.abs(middle(picture) - [200, 90, 30, 255]).max() <= 1


@pytest.mark.parametrize("color", [(128, 128, 128), (192, 64, 48), (60, 110, 70), (45, 45, 48)])
def test_a_matt_surface_in_the_studio_keeps_about_its_color(color: tuple[int, int, int]) -> None:
    material = Material(base_color=uniform(*color), **MATT)
    picture = render(model_of((quad(), material)), size=64, **FLAT)
    assert np.abs(middle(picture)[:3] - color).max() <= 16


def test_factors_are_linear_and_multiply_the_texture() -> None:
    material = Material(
        base_color=uniform(255, 255, 255), base_color_factor=(0.2158, 1, 0, 1), **MATT
    )
    picture = render(model_of((quad(), material)), size=32, mode="base_color", **FLAT)
    assert np.abs(middle(picture)[:3] - [128, 255, 0]).max() <= 1


def test_vertex_colors_multiply_the_base_color() -> None:
    mesh = replace(quad(), colors=np.tile(np.array([1, 0, 0, 1], np.float32), (4, 1)))
    picture = render(model_of((mesh, Material(**MATT))), size=32, mode="base_color", **FLAT)
    assert middle(picture).tolist() == [255, 0, 0, 255]


def test_alpha_of_an_opaque_texture_is_ignored() -> None:
    material = Material(base_color=uniform(10, 200, 10, 0), **MATT)
    picture = render(model_of((quad(), material)), size=32, mode="base_color", **FLAT)
    assert np.abs(middle(picture) - [10, 200, 10, 255]).max() <= 1


@pytest.mark.parametrize(
    ("azimuth", "expected"), [(0, "blue"), (90, "red"), (180, "yellow"), (270, "cyan")]
)
def test_azimuth_walks_from_the_front_to_the_right_hand_side(azimuth: float, expected: str) -> None:
    """World normals: +Z is blue, +X red; their opposites the complements."""
    picture = render(
        model_of((box((-1, -1, -1), (1, 1, 1)), Material(**MATT))),
        size=64,
        azimuth=azimuth,
        elevation=0,
        mode="normals",
    )
    colors = {
        "blue": (128, 128, 255),
        "red": (255, 128, 128),
        "yellow": (128, 128, 0),
        "cyan": (0, 128, 128),
    }
    assert np.abs(middle(picture)[:3] - colors[expected]).max() <= 2


def test_normals_of_a_sphere_point_where_they_should() -> None:
    picture = render(model_of((sphere(), Material(**MATT))), size=101, mode="normals", **FLAT)
    right, left = picture[50, 92, :3], picture[50, 8, :3]
    top, bottom = picture[8, 50, :3], picture[92, 50, :3]
    assert right[0] > 220
    assert left[0] < 35
    assert top[1] > 220
    assert bottom[1] < 35
    assert middle(picture)[2] > 250


def test_the_picture_is_not_mirrored() -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4, :4] = (255, 0, 0)  # top left of the texture, and of the quad
    material = Material(base_color=png(pixels), **MATT)
    picture = render(model_of((quad(), material)), size=64, mode="base_color", **FLAT)
    assert picture[20, 20, 0] > 250
    assert picture[20, 44, :3].max() < 5
    assert picture[44, 20, :3].max() < 5


def test_a_mask_cuts_holes_that_show_what_is_behind() -> None:
    pixels = np.full((16, 16, 4), (255, 0, 0, 255), np.uint8)
    pixels[4:12, 4:12, 3] = 0
    front = Material(base_color=png(pixels), alpha_mode="MASK", **MATT)
    alone = render(model_of((quad(), front)), size=64, mode="base_color", **FLAT)
    assert middle(alone)[3] == 0
    assert alone[12, 32].tolist() == [255, 0, 0, 255]

    behind = Material(base_color_factor=(0, 0, 1, 1), **MATT)
    both = model_of((quad(), front), (quad(z=-0.2), behind))
    assert middle(render(both, size=64, mode="base_color", **FLAT)).tolist() == [0, 0, 255, 255]


def test_the_cutoff_decides_what_a_mask_keeps() -> None:
    material = Material(base_color=uniform(255, 255, 255, 100), alpha_mode="MASK", **MATT)
    dropped = render(model_of((quad(), material)), size=16, mode="base_color", **FLAT)
    kept = render(
        model_of((quad(), replace(material, alpha_cutoff=0.3))), size=16, mode="base_color", **FLAT
    )
    assert middle(dropped)[3] == 0
    assert middle(kept)[3] == 255


def test_blended_layers_show_through_each_other() -> None:
    red = Material(base_color_factor=(1, 0, 0, 0.5), alpha_mode="BLEND", **MATT)
    green = Material(base_color_factor=(0, 1, 0, 0.5), alpha_mode="BLEND", **MATT)
    model = model_of((quad(z=0.1), red), (quad(z=0.0), green))
    picture = middle(render(model, size=32, mode="base_color", **FLAT))
    assert picture[3] == pytest.approx(0.75 * 255, abs=1)  # 1 - 0.5 * 0.5
    linear_red, linear_green = 0.5 / 0.75, 0.25 / 0.75
    expected = [255 * (1.055 * c ** (1 / 2.4) - 0.055) for c in (linear_red, linear_green)]
    assert np.abs(picture[:2] - expected).max() <= 2


def test_back_faces_are_culled_unless_the_material_is_double_sided() -> None:
    inside_out = sphere(turn_inside_out=True)
    single = render(model_of((quad(), Material(**MATT))), size=32, azimuth=180, elevation=0)
    assert middle(single)[3] < 128
    double = render(
        model_of((quad(), Material(double_sided=True, **MATT))), size=32, azimuth=180, elevation=0
    )
    assert middle(double)[3] == 255
    # An inside-out ball shows the inside of its far wall, as in an engine.
    hollow = render(model_of((inside_out, Material(**MATT))), size=64, mode="normals", **FLAT)
    assert middle(hollow)[3] == 255


def bump_map(channel: int, size: int = 32) -> Image:
    """A ridge across the middle: normals lean to - before it and to + behind it, in one channel."""
    pixels = np.full((size, size, 3), (128, 128, 255), np.uint8)
    leaning = np.full((size, size), 128, np.uint8)
    along = np.arange(size) if channel == 0 else np.arange(size)[:, None]
    leaning = np.where(np.broadcast_to(along < size // 2, leaning.shape), 40, 216)
    pixels[..., channel] = leaning
    pixels[..., 2] = 220
    return png(pixels)


@pytest.mark.parametrize("tangents", [False, True])
def test_a_normal_map_leans_to_the_right_and_up(tangents: bool) -> None:
    """Red above 128 leans along +u (right), green above 128 towards the top of the picture."""
    mesh = quad()
    if tangents:
        mesh = replace(mesh, tangents=np.tile(np.array([1, 0, 0, 1], np.float32), (4, 1)))
    across = render(
        model_of((mesh, Material(normal=bump_map(0), **MATT))), size=64, mode="normals", **FLAT
    )
    assert across[32, 18, 0] < 70
    assert across[32, 46, 0] > 185
    assert np.abs(across[32, [18, 46], 1].astype(int) - 128).max() <= 3
    upwards = render(
        model_of((mesh, Material(normal=bump_map(1), **MATT))), size=64, mode="normals", **FLAT
    )
    assert upwards[18, 32, 1] < 70
    assert upwards[46, 32, 1] > 185


def test_a_mirrored_uv_chart_keeps_its_relief() -> None:
    """Where u runs to the left, red above 128 leans to the left."""
    mesh = quad()
    mirrored = replace(mesh, uvs=UVS * np.array([-1, 1], np.float32))
    picture = render(
        model_of((mirrored, Material(normal=uniform(216, 128, 220), **MATT))),
        size=32,
        mode="normals",
        **FLAT,
    )
    assert middle(picture)[0] < 70
    assert abs(middle(picture)[1] - 128) <= 3


def test_light_falls_from_the_upper_left() -> None:
    picture = render(model_of((sphere(), Material(**MATT))), size=64, mode="clay", **FLAT)
    luma = picture[..., :3].astype(int).sum(axis=2)
    assert luma[20, 20] > luma[44, 44] + 60
    relief = Material(normal=bump_map(1), base_color_factor=(0.3, 0.3, 0.3, 1), **MATT)
    lit = render(model_of((quad(), relief)), size=64, **FLAT)[..., :3].astype(int).sum(axis=2)
    assert lit[46, 32] > lit[18, 32] + 60  # the half that leans upwards is the brighter


def test_metals_mirror_the_studio_and_are_not_black() -> None:
    polished = Material(base_color_factor=(1, 0.78, 0.34, 1), metallic_factor=1, roughness_factor=0)
    for roughness in (0.0, 0.3, 1.0):
        material = replace(polished, roughness_factor=roughness)
        picture = render(model_of((sphere(), material)), size=96)
        inside = picture[picture[..., 3] == 255][:, :3].mean(axis=0)
        assert 120 < inside[0] < 250
        assert inside[0] > inside[1] > inside[2] + 30


def test_the_occlusion_map_darkens_and_the_emissive_map_glows() -> None:
    plain = Material(base_color_factor=(0.5, 0.5, 0.5, 1), **MATT)
    dark = replace(plain, orm=uniform(0, 255, 0), occlusion=True)
    ignored = replace(plain, orm=uniform(0, 255, 0), occlusion=False)
    separate = replace(plain, occlusion_texture=uniform(0, 0, 0))
    glow = replace(plain, emissive=uniform(0, 255, 0), emissive_factor=(1, 1, 1))
    pictures = [
        middle(render(model_of((quad(), material)), size=32, **FLAT))
        for material in (plain, dark, ignored, separate, glow)
    ]
    lightness = [int(picture[:3].sum()) for picture in pictures]
    assert lightness[1] < lightness[0] - 60
    assert abs(lightness[2] - lightness[0]) <= 3
    assert lightness[3] == lightness[1]
    assert pictures[4][1] > pictures[0][1] + 40
    assert pictures[4][0] <= pictures[0][0] + 25


def test_corners_are_darker_than_open_ground() -> None:
    floor = box((-2, -0.1, -2), (2, 0, 2))
    wall = box((-2, 0, -2), (2, 2, -1.9))
    scene = Scene(model_of((floor, Material(**MATT)), (wall, Material(**MATT))))
    picture = scene.render(size=96, azimuth=0, elevation=40, mode="clay", shadow=False)
    luma = picture[:, 48, :3].astype(int).sum(axis=1)
    covered = np.flatnonzero(picture[:, 48, 3] == 255)
    darkest = covered[np.argmin(luma[covered][8:-8]) + 8]
    # The crease between wall and floor, not the open half of either.
    assert luma[darkest] < luma[covered[len(covered) // 4]] - 12
    assert luma[darkest] < luma[covered[-12]] - 20


def test_a_shadow_lies_under_the_model_and_only_there() -> None:
    model = model_of((sphere(), Material(**MATT)))
    scene = Scene(model)
    picture, bare = scene.render(size=96), scene.render(size=96, shadow=False)
    only_shadow = (picture[..., 3] > bare[..., 3]) & (bare[..., 3] == 0)
    assert np.count_nonzero(only_shadow[70:]) > 100
    assert not only_shadow[:40].any()
    assert picture[only_shadow][:, :3].max() == 0
    assert picture[only_shadow][:, 3].max() < 128
    from_below = scene.render(size=96, elevation=-20)
    assert np.array_equal(from_below, scene.render(size=96, elevation=-20, shadow=False))


def test_the_same_picture_every_time() -> None:
    model = model_of((sphere(rings=24), Material(base_color=uniform(90, 120, 200), **MATT)))
    for mode in ("shaded", "wire", "uv"):
        first = render(model, size=80, mode=mode)
        assert np.array_equal(first, render(model, size=80, mode=mode))


def test_size_and_place_of_the_model_do_not_matter() -> None:
    def at(scale: float, offset: NDArray[np.float64]) -> Picture:
        mesh = sphere(rings=16)
        positions = (mesh.positions * scale + offset).astype(np.float32)
        return render(model_of((replace(mesh, positions=positions), Material(**MATT))), size=64)

    reference = at(1.0, np.zeros(3)).astype(int)
    for scale, offset in ((0.002, np.array([0.1, 0, 0])), (500.0, np.array([900.0, 50, 0]))):
        assert np.abs(at(scale, offset) - reference).mean() < 1.5


def test_bounds_keep_one_scale_for_all_rungs() -> None:
    large, small = sphere(1.0), sphere(0.5)
    framing = Framing.of_model(model_of((large, Material())))
    areas = [
        np.count_nonzero(
            solid(render(model_of((mesh, Material())), size=96, mode="clay", bounds=framing))
        )
        for mesh in (large, small)
    ]
    assert areas[1] == pytest.approx(areas[0] / 4, rel=0.05)
    corners = np.array([[-2, -2, -2], [2, 2, 2]], np.float32)
    smaller = render(model_of((large, Material())), size=96, mode="clay", bounds=corners)
    assert 0 < np.count_nonzero(solid(smaller)) < areas[0] / 3


def test_a_ball_fills_the_frame_alike_from_every_direction() -> None:
    scene = Scene(model_of((sphere(), Material(**MATT))))
    lower, upper = np.full(3, -1.0) / np.sqrt(3), np.full(3, 1.0) / np.sqrt(3)
    ball = Ball.of_bounds(np.stack([lower, upper]))  # a box with its corners on the sphere
    for elevation in (0, 30, 60, 90, -45):
        picture = scene.render(
            size=200, mode="base_color", bounds=ball, azimuth=70, elevation=elevation
        )
        rows, columns = np.nonzero(solid(picture))
        assert np.ptp(rows) + 1 == pytest.approx(200 * (1 - MARGIN), abs=3)
        assert np.ptp(columns) + 1 == pytest.approx(200 * (1 - MARGIN), abs=3)


def test_wire_draws_edges_and_uv_draws_checks() -> None:
    model = model_of((quad(), Material(**MATT)))
    wire = render(model, size=128, mode="wire", **FLAT)[..., :3].astype(int).sum(axis=2)
    diagonal = [wire[i, i] for i in range(20, 108)]
    assert np.median(diagonal) < wire[40, 90] - 150
    checks = render(model, size=256, mode="uv", **FLAT)[128, 12:-12, :3].astype(int).sum(axis=1)
    flips = np.count_nonzero(np.diff(checks > np.convolve(checks, np.ones(24) / 24, "same")))
    assert 24 <= flips <= 40  # 32 squares across


def test_background_fills_what_the_model_leaves_open() -> None:
    model = model_of((sphere(), Material(**MATT)))
    picture = render(model, size=48, background=(10, 20, 30, 255), elevation=-5)
    assert (picture[..., 3] == 255).all()
    assert picture[0, 0].tolist() == [10, 20, 30, 255]
    assert render(model, size=48)[0, 0].tolist() == [0, 0, 0, 0]


def test_fine_textures_are_averaged_not_sampled_at_random() -> None:
    """A 1 texel checkerboard at 1024 in a 32 pixel picture is an even grey."""
    y, x = np.mgrid[0:1024, 0:1024]
    pixels = np.repeat((((x + y) % 2) * 255).astype(np.uint8)[..., None], 3, axis=2)
    material = Material(base_color=png(pixels), **MATT)
    picture = render(model_of((quad(), material)), size=32, mode="base_color", **FLAT)
    inside = picture[8:24, 8:24, 0].astype(int)
    assert np.ptp(inside) <= 2
    assert abs(inside.mean() - 128) <= 2


def test_uvs_repeat_beyond_the_unit_square() -> None:
    mesh = quad()
    shifted = replace(mesh, uvs=UVS + np.array([3, -2], np.float32))
    pixels = np.arange(64 * 3, dtype=np.uint8).reshape(8, 8, 3)
    material = Material(base_color=png(pixels), **MATT)
    pictures = [
        render(model_of((m, material)), size=48, mode="base_color", **FLAT) for m in (mesh, shifted)
    ]
    assert np.abs(pictures[0].astype(int) - pictures[1]).max() <= 2


def test_textures_without_uvs_leave_the_factors() -> None:
    mesh = replace(quad(), uvs=None)
    material = Material(base_color=uniform(0, 0, 0), base_color_factor=(1, 0, 0, 1), **MATT)
    picture = render(model_of((mesh, material)), size=16, mode="base_color", **FLAT)
    assert middle(picture)[:3].tolist() == [255, 0, 0]


def test_what_cannot_be_shown_is_refused_by_name() -> None:
    with pytest.raises(UnrenderableModel, match="no triangles"):
        render(Model((), name="nothing"))
    mesh = quad()
    positions = mesh.positions.copy()
    positions[2, 1] = np.nan
    with pytest.raises(UnrenderableModel, match="1 vertices"):
        render(model_of((replace(mesh, positions=positions), Material())))
    packed = Material(base_color=Image(b"\xabKTX 20\xbb", "image/ktx2", "wood"))
    with pytest.raises(UndecodableTexture, match=r"'wood' is KTX2 .*Fix"):
        render(model_of((mesh, packed)))
    whole = uniform(1, 2, 3, size=64)
    for damaged in (b"", b"no picture", whole.data[:40]):
        with pytest.raises(UndecodableTexture):
            render(model_of((mesh, Material(base_color=Image(damaged, "image/png")))))


def test_degenerate_triangles_do_no_harm() -> None:
    mesh = quad()
    triangles = np.concatenate([mesh.triangles, np.array([[0, 0, 0], [1, 1, 2]], np.uint32)])
    whole = render(model_of((mesh, Material(**MATT))), size=32, **FLAT)
    assert np.array_equal(
        render(model_of((replace(mesh, triangles=triangles), Material(**MATT))), size=32, **FLAT),
        whole,
    )
