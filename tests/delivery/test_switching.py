from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from trellis_assets.delivery.alike import ALIKE, SMALLEST
from trellis_assets.delivery.switching import (
    CULLED,
    STEP,
    distance_at,
    screen_coverage,
    switch_levels,
    texels_for,
)
from trellis_assets.gltf import Material, Mesh, Model, Part

from .models import flat, ladder, paint, picture, sheet, waves


def ball(sides: int) -> Model:
    """A globe of ``2 * sides * sides`` triangles."""
    turn, rise = np.meshgrid(
        np.linspace(0, 2 * np.pi, 2 * sides + 1), np.linspace(0, np.pi, sides + 1)
    )
    points = np.stack([np.sin(rise) * np.cos(turn), np.cos(rise), np.sin(rise) * np.sin(turn)], 2)
    row = 2 * sides + 1
    corner = (np.arange(sides)[:, None] * row + np.arange(2 * sides)).reshape(-1, 1)
    quads = corner + np.array([0, 1, row + 1, row])
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    mesh = Mesh(points.reshape(-1, 3).astype(np.float32), faces.astype(np.uint32))
    return Model((Part(mesh, Material()),))


def grainy(grain: int) -> Material:
    """Waves with noise of so many codes, which a coarse rung may have lost."""
    noise = np.random.default_rng(0).integers(-grain, grain + 1, (512, 512, 1))
    pixels = np.clip(waves(512).astype(int) + noise, 0, 255).astype(np.uint8)
    return paint(512, base_color=picture(pixels))


def test_levels_follow_one_another_without_gap_or_overlap() -> None:
    levels = switch_levels([ball(40), ball(20), ball(12), ball(8)])
    assert [level.level for level in levels] == [0, 1, 2, 3]
    assert levels[0].shown_below == 1.0
    for before, after in pairwise(levels):
        assert before.hidden_below == after.shown_below < before.shown_below
    assert levels[-1].hidden_below == CULLED


def test_a_rung_takes_over_where_its_error_is_0_4_pixels() -> None:
    _, level, *_ = switch_levels([ball(80), ball(20)])
    assert level.decided_by == "error"
    assert 0.0005 < level.error < 0.003
    assert level.shown_below * level.error * 1080 == pytest.approx(0.4, rel=0.01)
    assert level.ssim is not None
    assert level.ssim >= ALIKE


def test_equal_rungs_still_have_a_range_of_their_own() -> None:
    models = [rung.model for rung in ladder(paint())]
    levels = switch_levels([models[0], models[0]])
    assert levels[1].shown_below == pytest.approx(STEP)
    assert levels[1].decided_by == "order"


def test_a_rung_of_another_shade_takes_over_where_that_is_too_small_to_see() -> None:
    fine = sheet(200, grainy(40))
    blurred = sheet(100, grainy(0))
    _, level = switch_levels([fine, blurred])
    assert level.decided_by == "likeness"
    assert level.shown_below < 0.5
    assert level.ssim is not None
    assert level.ssim >= ALIKE


def test_the_master_is_what_rungs_should_look_like() -> None:
    master = sheet(400, grainy(40))
    blurred = [sheet(200, grainy(0)), sheet(100, grainy(0))]
    assert switch_levels(blurred)[1].decided_by == "order"
    assert switch_levels(blurred, master)[1].decided_by == "likeness"


def test_a_rung_unlike_the_master_is_kept_for_the_smallest_sizes() -> None:
    black = paint(base_color=flat(64, 0, 0, 0))
    _, level, last = switch_levels([sheet(200, paint()), sheet(100, black), sheet(50, paint())])
    assert level.decided_by == "smallest"
    assert level.shown_below == pytest.approx(SMALLEST / 1080, abs=1e-4)
    assert level.ssim is not None
    assert level.ssim < ALIKE
    assert last.decided_by == "order"


def test_distance_and_coverage_are_those_of_a_sphere_on_screen() -> None:
    away = distance_at(0.5, 2.0, field_of_view=90.0)
    assert away == pytest.approx(2.0)  # 4 m of height are seen there, the sphere has 2
    assert screen_coverage(1.0) == pytest.approx(math.pi / 4 * 9 / 16)
    assert screen_coverage(0.5) == pytest.approx(screen_coverage(1.0) / 4)


def test_an_atlas_has_about_three_texels_for_a_pixel() -> None:
    assert [texels_for(share) for share in (1.0, 0.3, 0.1, 0.01)] == [4096, 1024, 512, 256]
