"""Outlines along parallel rays, and the sheet of differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trellis_assets.gltf import Material
from trellis_assets.previews import Scene, render
from trellis_assets.previews.likeness_sheet import Pair, heat_portrait, likeness_sheet
from trellis_assets.previews.outline import outline, overlap
from trellis_assets.previews.views import ALL_AROUND, SIX_SIDES, View

from .scenes import MATT, box, model_of, quad, sphere, uniform


def test_the_twelve_directions_leave_no_side_out() -> None:
    turn, lift = np.deg2rad([(view.azimuth, view.elevation) for view in ALL_AROUND]).T
    at = np.stack([np.sin(turn) * np.cos(lift), np.sin(lift), np.cos(turn) * np.cos(lift)], axis=1)
    rng = np.random.default_rng(0)
    everywhere = rng.normal(size=(5000, 3))
    everywhere /= np.linalg.norm(everywhere, axis=1, keepdims=True)
    assert len(at) == 12
    assert np.degrees(np.arccos((everywhere @ at.T).max(axis=1))).max() < 37.5


def test_a_sphere_covers_its_disc_from_everywhere() -> None:
    scene = Scene(model_of((sphere(), Material(**MATT))))
    for view in (*SIX_SIDES.values(), *ALL_AROUND):
        seen = outline(scene, view)
        assert seen.coverage == pytest.approx(np.pi / 4, abs=0.01)
        assert seen.inside_share == 0


def test_what_is_open_shows_its_inside() -> None:
    turned = Scene(model_of((sphere(turn_inside_out=True), Material(**MATT))))
    assert outline(turned, SIX_SIDES["top"]).inside_share == 1
    sheet = Scene(model_of((quad(), Material(**MATT))))
    assert outline(sheet, SIX_SIDES["front"]).inside_share == 0
    assert outline(sheet, SIX_SIDES["back"]).inside_share == 1


def test_directions_are_the_models_own() -> None:
    """A box that is wide in x, and a step on its +X side."""
    scene = Scene(model_of((box((-2, 0, -0.5), (2, 1, 0.5)), Material(**MATT))))
    wide, deep = outline(scene, SIX_SIDES["front"]), outline(scene, SIX_SIDES["right"])
    assert wide.box.sum(axis=1).max() == pytest.approx(4 * wide.box.sum(axis=0).max(), abs=4)
    assert deep.box.sum(axis=1).max() == pytest.approx(deep.box.sum(axis=0).max(), abs=2)
    step = Scene(
        model_of(
            (box((-1, 0, -1), (1, 1, 1)), Material(**MATT)),
            (box((0.5, 1, -1), (1, 2, 1)), Material(**MATT)),
        )
    )
    front = outline(step, View(0, 0)).covered
    rows, columns = np.nonzero(front[: front.shape[0] // 2 - 4])
    assert len(rows)
    assert columns.min() > front.shape[1] / 2


def test_overlap_does_not_mind_place_and_size() -> None:
    disc = np.hypot(*(np.mgrid[:80, :80] - 40)) < 20
    small = np.hypot(*(np.mgrid[:200, :60] - np.array([150, 30])[:, None, None])) < 12
    assert overlap(disc, small) > 0.93
    bar = np.zeros((80, 80), bool)
    bar[38:42] = True
    assert overlap(disc, bar) < 0.4
    assert overlap(disc, np.zeros((5, 5), bool)) == 0


def test_without_occlusion_an_occlusion_map_changes_nothing() -> None:
    plain = Material(orm=uniform(255, 255, 0), occlusion=True)
    dark = replace(plain, orm=uniform(0, 255, 0))
    pictures = [
        Scene(model_of((sphere(), one))).render(size=48, shadow=False, occlusion=occlusion)
        for occlusion in (True, False)
        for one in (plain, dark)
    ]
    assert np.abs(pictures[0].astype(int) - pictures[1]).max() > 20
    assert np.array_equal(pictures[2], pictures[3])


def test_a_sheet_has_a_row_for_each_pair() -> None:
    a = render(model_of((sphere(), Material(**MATT))), size=48)
    b = render(model_of((box((-1, -1, -1), (1, 1, 1)), Material(**MATT))), size=48)
    one = likeness_sheet([Pair("lod1", "", a, a)], size=128)
    two = likeness_sheet([Pair("lod1", "", a, a), Pair("lod2", "", a, b)], size=128)
    assert two.shape[0] > one.shape[0] + 128
    assert heat_portrait(Pair("", "", a, b), size=96).shape == (96, 96, 4)
    same, other = (heat_portrait(Pair("", "", a, each), size=96) for each in (a, b))
    assert other[..., 0].max() > same[..., 0].max() + 100
    with pytest.raises(ValueError, match="at least one"):
        likeness_sheet([])
