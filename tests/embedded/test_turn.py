"""The pattern of a turned object goes on around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from trellis_assets.embedded.paint import Picture
from trellis_assets.embedded.settings import GenerationSettings
from trellis_assets.embedded.shape import Shape, shape
from trellis_assets.embedded.turn import Turn, turn
from trellis_assets.embedded.variation import draw

SIDE = 240
RADIUS = 60.0
FORM = draw(GenerationSettings.read({}), 0)


def cylinder() -> Shape:
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[20:220, 60:180, 3] = 255
    found = shape(pixels, cells=200, form=FORM)
    # A cylinder's outline could be a panel; here it is known to be turned.
    return replace(found, lathe=1.0)


def painted(grey: NDArray[np.floating[Any]]) -> Turn:
    rgb = np.clip(np.dstack([grey] * 3), 0, 255).astype(np.uint8)
    found = turn(cylinder(), Picture(rgb, np.full_like(rgb, 200)))
    assert found is not None
    return found


def columns() -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Angle from the front of every picture column, and its x from the axis."""
    x = np.arange(SIDE) - (SIDE - 1) / 2
    return np.degrees(np.arcsin(np.clip(x / RADIUS, -1, 1))), x


def test_a_motif_appears_three_times_in_a_turn_and_first_where_it_is() -> None:
    angle, _ = columns()
    motif = 60.0 + 150.0 * (np.abs(angle) < 12)[None, :] * np.ones((SIDE, 1))
    row = painted(motif).around[SIDE // 2, :, 0].astype(float)
    at = (np.arange(row.size) + 0.5) / row.size * 360 - 180
    bright = row > 135
    starts = np.flatnonzero(bright & ~np.roll(bright, 1))
    assert len(starts) == 3
    front = at[bright & (np.abs(at) < 60)]
    assert front.min() == pytest.approx(-12, abs=2)
    assert front.max() == pytest.approx(12, abs=2)
    assert not bright[np.abs(np.abs(at) - 85) < 10].any()


def test_light_from_one_side_leaves_no_edge() -> None:
    _, x = columns()
    lit = 120.0 + 0.8 * x[None, :] * np.ones((SIDE, 1))
    row = painted(lit).around[SIDE // 2, :, 0].astype(float)
    steps = np.abs(np.diff(np.concatenate([row, row[:1]])))
    assert steps.max() <= 4
    assert np.ptp(row) > 60  # the front keeps its light


def test_bent_rings_are_straight_in_the_copies() -> None:
    angle, _ = columns()
    y = np.arange(SIDE)[:, None] - 0.2 * RADIUS * np.cos(np.radians(angle))[None, :]
    rings = 60.0 + 140.0 * (np.mod(y, 48) < 10)
    around = painted(rings).around[60:180, :, 0].astype(float)
    at = (np.arange(around.shape[1]) + 0.5) / around.shape[1] * 360 - 180
    behind = around[:, np.abs(at) > 75]
    assert behind.std(axis=1).mean() < 0.7 * around[:, np.abs(at) < 50].std(axis=1).mean()


def test_what_is_not_turned_has_no_such_pattern() -> None:
    assert turn(replace(cylinder(), lathe=0.3), Picture(*np.zeros((2, 9, 9, 3), np.uint8))) is None


def test_the_back_shows_the_pattern_and_leaves_the_rest_alone() -> None:
    found = painted(np.full((SIDE, SIDE), 90.0))
    plain = Picture(*np.full((2, SIDE, SIDE, 3), 10, np.uint8))
    back = found.back(plain)
    assert np.abs(back.rgb[120, 70:170].astype(int) - 90).max() <= 2
    assert (back.rgb[:, :40] == 10).all()
