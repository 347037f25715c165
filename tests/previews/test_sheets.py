"""Sheets of several pictures."""

from __future__ import annotations

import numpy as np
import pytest

from trellis_assets.gltf import Image, Material
from trellis_assets.previews import (
    Picture,
    Scene,
    UndecodableTexture,
    contact_sheet,
    lod_sheet,
    texture_sheet,
    turnaround,
)
from trellis_assets.previews._layout import GAP, PANEL, PAPER, font, printable, reduced, shortened

from .scenes import MATT, box, model_of, png, sphere, uniform

RED, GREEN = (200, 30, 30), (30, 200, 30)


def painted(color: tuple[int, ...], size: int = 32) -> Picture:
    picture = np.zeros((size, size, 4), np.uint8)
    picture[:] = (*color, 255)
    return picture


def test_a_turnaround_shows_four_different_sides_at_one_scale() -> None:
    # A nose to the front and a colored right-hand side tell the sides apart.
    body = (box((-0.5, 0, -0.5), (0.5, 1, 0.5)), Material(base_color_factor=(1, 1, 1, 1), **MATT))
    nose = (
        box((-0.1, 0.4, 0.5), (0.1, 0.6, 0.7)),
        Material(base_color_factor=(1, 0, 0, 1), **MATT),
    )
    model = model_of(body, nose)
    size = 96
    sheet = turnaround(model, size=size)
    assert sheet.shape[1] == 4 * (size + GAP) + GAP
    tiles = [
        sheet[GAP : GAP + size, GAP + i * (size + GAP) : GAP + i * (size + GAP) + size]
        for i in range(4)
    ]
    reds = [
        np.count_nonzero((tile[..., 0] > 120) & (tile[..., 1] < 90) & (tile[..., 2] < 90))
        for tile in tiles
    ]
    assert reds[0] > 40
    assert reds[3] == 0
    side_reds = np.nonzero((tiles[2][..., 0] > 120) & (tiles[2][..., 1] < 90))[1]
    assert side_reds.max() < size // 2  # seen from +X, the front is on the left
    assert np.array_equal(sheet, turnaround(Scene(model), size=size))


def test_a_lod_sheet_has_a_column_per_rung_and_marks_their_triangles() -> None:
    rungs = [
        (f"LOD{i}", model_of((sphere(rings=r), Material(**MATT))))
        for i, r in enumerate((24, 12, 6))
    ]
    sheet = lod_sheet(rungs, size=100)
    assert sheet.shape[1] == 3 * (100 + GAP) + GAP
    assert (sheet[..., 3] == 255).all()
    # The bottom strip shows each rung at half the size of the one before.
    strip = sheet[-130:-25]
    widths = []
    for column in range(3):
        left = GAP + column * 110
        tile = strip[:, left : left + 100, :3].astype(int)
        drawn = (tile.min(axis=2) > 70).any(axis=0)
        widths.append(np.count_nonzero(drawn))
    assert widths[0] > 1.6 * widths[1] > 2.4 * widths[2]


def test_all_rungs_of_a_sheet_share_their_scale() -> None:
    whole = model_of((sphere(1.0, rings=12), Material(**MATT)))
    shrunk = model_of((sphere(0.5, rings=12), Material(**MATT)))
    sheet = lod_sheet([("whole", whole), ("shrunk", shrunk)], size=100, screen_sizes=[20, 20])
    covered = []
    for column in range(2):
        left = GAP + column * (100 + GAP)
        tile = sheet[60:140, left : left + 100, :3].astype(int)
        covered.append(np.count_nonzero((tile.min(axis=2) > 70).any(axis=0)))
    assert covered[1] == pytest.approx(covered[0] / 2, abs=4)


def test_a_lod_sheet_wants_one_screen_size_per_rung() -> None:
    rung = ("LOD0", model_of((sphere(rings=6), Material(**MATT))))
    with pytest.raises(ValueError, match="1 models, but 2 screen sizes"):
        lod_sheet([rung], screen_sizes=[100, 50])
    with pytest.raises(ValueError, match="at least one"):
        lod_sheet([])


def test_textures_stand_in_shading_order_with_their_own_colors() -> None:
    images = {"normal": uniform(128, 128, 255), "base_color": uniform(*RED), "odd": uniform(*GREEN)}
    sheet = texture_sheet(images, size=64)
    middles = [sheet[-GAP - 32, GAP + 32 + i * 74, :3].tolist() for i in range(3)]
    assert middles == [list(RED), [128, 128, 255], list(GREEN)]


def test_a_model_without_textures_is_told_in_words() -> None:
    sheet = texture_sheet({}, size=128)
    assert len(np.unique(sheet.reshape(-1, sheet.shape[2]), axis=0)) > 2, "nothing is written there"


def test_transparent_texels_show_a_checkerboard() -> None:
    sheet = texture_sheet({"base_color": uniform(255, 0, 0, 0)}, size=64)
    tile = sheet[-GAP - 64 : -GAP, GAP : GAP + 64, :3]
    assert len(np.unique(tile.reshape(-1, 3), axis=0)) == 2


def test_a_broken_texture_is_refused() -> None:
    with pytest.raises(UndecodableTexture):
        texture_sheet({"base_color": Image(b"nothing", "image/png")})


def test_a_contact_sheet_places_rows_and_columns() -> None:
    sheet = contact_sheet(
        [[("a", painted(RED)), ("b", painted(GREEN))], [("c", painted(GREEN))]], size=32
    )
    step = 32 + 11 + GAP + GAP // 2
    assert sheet[GAP + 16, GAP + 16, :3].tolist() == list(RED)
    assert sheet[GAP + 16, 2 * GAP + 48, :3].tolist() == list(GREEN)
    assert sheet[GAP + 16 + step, GAP + 16, :3].tolist() == list(GREEN)
    assert sheet[GAP + 16 + step, 2 * GAP + 48, :3].tolist() == list(PAPER[:3])
    with pytest.raises(ValueError, match="at least one picture"):
        contact_sheet([[]])


def test_large_pictures_shrink_and_keep_their_shape() -> None:
    wide = np.zeros((50, 200, 4), np.uint8)
    wide[:] = (*RED, 255)
    sheet = contact_sheet([[("wide", wide)]], size=100)
    column = sheet[GAP : GAP + 100, GAP + 50]
    assert np.count_nonzero((column[:, :3] == RED).all(axis=1)) == pytest.approx(25, abs=1)
    assert column[5].tolist() == list(PANEL)


def test_labels_are_one_line_and_fit() -> None:
    assert printable("a\nb\x00\x1b[31m\tc") == "a b [31m c"
    long = shortened("an extremely long name " * 30, 14, 100)
    assert long.endswith("…")
    assert font(14).getlength(long) <= 100
    assert shortened("short", 14, 100) == "short"
    hostile = contact_sheet([[("\u202e<b>\n" * 50, painted(RED))]], size=64)
    assert hostile.shape[1] == 64 + 2 * GAP


def test_labels_are_drawn() -> None:
    with_text = contact_sheet([[("barrel", painted(RED))]], size=64)
    without = contact_sheet([[("", painted(RED))]], size=64)
    assert not np.array_equal(with_text, without)
    assert np.array_equal(with_text[: GAP + 64], without[: GAP + 64])
    assert png(with_text[..., :3]).mime == "image/png"


def test_a_single_rung_has_no_row_of_sizes() -> None:
    rung = ("LOD0", model_of((sphere(rings=12), Material(**MATT))))
    alone, pair = lod_sheet([rung], size=100), lod_sheet([rung, rung], size=100)
    assert alone.shape[0] < pair.shape[0] - 100
    assert np.array_equal(alone[:, : 100 + GAP], pair[: alone.shape[0], : 100 + GAP])


def test_a_reduced_picture_keeps_light_and_color() -> None:
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[:32] = (*RED, 255)
    small = reduced(picture, 8)
    assert small.shape == (8, 8, 4)
    assert (small[:4] == (*RED, 255)).all()
    assert (small[4:, :, 3] == 0).all()
    odd = reduced(picture, 3)  # the middle row is half covered: its colour must not darken
    assert np.abs(odd[1, :, :3].astype(int) - RED).max() <= 2
    assert np.abs(odd[1, :, 3].astype(int) - 128).max() <= 2
