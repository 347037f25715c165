"""Gutters: measured between charts, level by level."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from trellis_assets.textures import gutter_per_mip


def two_charts(gap: int, side: int = 64) -> NDArray[np.uint8]:
    coverage = np.zeros((side, side), np.uint8)
    coverage[8:56, 4:20] = 2
    coverage[8:56, 20 + gap : 44] = 2
    return coverage


@pytest.mark.parametrize("gap", [2, 4, 8])
def test_the_gap_is_measured_and_halves_with_each_mip(gap: int) -> None:
    levels = gutter_per_mip(two_charts(gap))
    assert [level.size for level in levels] == [64, 32, 16, 8, 4]
    for number, level in enumerate(levels):
        assert level.texels == pytest.approx(gap / 2**number, abs=0.1)
    assert levels[0].mixed == 0
    assert levels[-1].mixed > 0


def test_mixing_begins_where_a_texel_holds_two_charts() -> None:
    wide, narrow = gutter_per_mip(two_charts(8)), gutter_per_mip(two_charts(2))
    assert [level.mixed > 0 for level in wide] == [False, False, False, False, True]
    assert [level.mixed > 0 for level in narrow] == [False, False, False, True, True]


@pytest.mark.parametrize("fill", [0, 2])
def test_one_chart_or_none_has_no_gutter(fill: int) -> None:
    levels = gutter_per_mip(np.full((16, 16), fill, np.uint8))
    assert all(level.as_dict()["gutter_texels"] is None for level in levels)
    assert all(level.mixed == 0 for level in levels)
