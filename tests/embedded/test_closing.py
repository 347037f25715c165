"""Pinched surfaces are taken apart; nothing is left open, doubled or at the same place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.embedded.closing import closed
from trellis_assets.embedded.columns import extract
from trellis_assets.geometry.meshopt import simplify

from .conftest import is_sound
from .test_columns import noise_solid

UP = np.array([1, -1, 1], np.float32)
# Outward once y is turned up, as everywhere in grid axes.
CUBE = np.array(
    [[0, 1, 2], [1, 3, 2], [4, 6, 5], [5, 6, 7], [0, 4, 1], [1, 4, 5],
     [2, 3, 6], [3, 7, 6], [0, 2, 4], [2, 6, 4], [1, 5, 3], [3, 5, 7]], np.uint32
)  # fmt: skip


def cube(*offset: float) -> np.ndarray:
    corners = [[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)]
    return np.array(corners, np.float32) + np.array(offset, np.float32)


def test_two_cubes_on_one_edge_come_apart() -> None:
    # The second cube shares the edge x=1, y=1 of the first: vertices 3 and 7.
    positions = np.concatenate([cube(0, 0, 0), cube(1, 1, 0)])
    second = CUBE + np.uint32(8)
    second[second == 8] = 3
    second[second == 12] = 7
    triangles = np.concatenate([CUBE, second])
    assert not is_sound(positions * UP, triangles)
    result = closed(positions, triangles)
    assert result is not None
    assert is_sound(result[0] * UP, result[1])
    assert len(np.unique(result[0], axis=0)) == len(result[0])


def test_folded_pairs_are_removed() -> None:
    flap = np.array([[0, 1, 8], [0, 8, 1]], np.uint32)
    positions = np.concatenate([cube(0, 0, 0), [[3, 3, 3]]]).astype(np.float32)
    result = closed(positions, np.concatenate([CUBE, flap]))
    assert result is not None
    assert len(result[1]) == 12


def test_an_open_surface_is_not_closed() -> None:
    assert closed(cube(0, 0, 0), CUBE[:-1]) is None


def test_pairs_point_at_each_other() -> None:
    result = closed(cube(0, 0, 0), CUBE)
    assert result is not None
    _, triangles, pairs = result
    assert (pairs[pairs] == np.arange(pairs.size)).all()
    start, end = triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()
    assert (start[pairs] == end).all()


@pytest.mark.parametrize("share", [0.5, 0.1])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_decimated_noise_closes_or_is_refused(share: float, seed: int) -> None:
    surface = extract(noise_solid(seed, 0.7, 6.0))
    target = int(share * len(surface.triangles))
    reduced = simplify(surface.positions, surface.triangles, target_triangles=target).triangles
    result = closed(surface.positions, reduced)
    if result is not None:
        assert is_sound(result[0] * UP, result[1])
