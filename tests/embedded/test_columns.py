"""Both surface extractions are closed 2-manifolds for any silhouette and any heights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trellis_assets.embedded.cases import table
from trellis_assets.embedded.closing import closed
from trellis_assets.embedded.columns import extract, triangle_estimate
from trellis_assets.embedded.fields import Solid
from trellis_assets.embedded.sheets import sew

from .conftest import is_sound


def noise_solid(seed: int, fill: float, height: float) -> Solid:
    """White noise: holes, slivers, single cells, diagonal contacts."""
    rng = np.random.default_rng(seed)
    rows, columns = (int(v) for v in rng.integers(3, 30, 2))
    inside = rng.random((rows, columns)) < fill
    inside[0] = inside[-1] = inside[:, 0] = inside[:, -1] = False
    inside[rows // 2, columns // 2] = True

    def field(*shape: int) -> NDArray[np.float32]:
        return rng.random(shape).astype(np.float32)

    return Solid(
        inside,
        height * field(rows, columns) + 0.01,
        height * field(rows, columns) + 0.01,
        3.0 * field(rows, columns),
        field(rows, columns - 1),
        field(rows - 1, columns),
    )


def checkerboard(side: int = 12) -> Solid:
    inside = np.indices((side, side)).sum(axis=0) % 2 == 0
    inside[0] = inside[-1] = inside[:, 0] = inside[:, -1] = False
    ones = np.ones((side, side), np.float32)
    half = np.full((side, side), 0.5, np.float32)
    return Solid(inside, 2.5 * ones, 1.5 * ones, 0 * ones, half[:, 1:], half[1:])


@given(seed=st.integers(0, 10_000), fill=st.floats(0.05, 1.0), height=st.floats(0.1, 9.0))
@settings(max_examples=40, deadline=None)
def test_column_marching_cubes_is_closed(seed: int, fill: float, height: float) -> None:
    surface = extract(noise_solid(seed, fill, height))
    positions = surface.positions * np.array([1, -1, 1], np.float32)
    assert is_sound(positions, surface.triangles)
    assert len(np.unique(positions, axis=0)) == len(positions)
    assert np.unique(surface.triangles).size == len(positions)


@given(seed=st.integers(0, 10_000), fill=st.floats(0.05, 1.0))
@settings(max_examples=25, deadline=None)
def test_sewn_sheets_are_closed(seed: int, fill: float) -> None:
    surface = sew(noise_solid(seed, fill, 4.0))
    assert is_sound(surface.positions * np.array([1, -1, 1], np.float32), surface.triangles)


@pytest.mark.parametrize("make", [extract, sew])
def test_checkerboard_cells_stay_apart(make: object) -> None:
    solid = checkerboard()
    surface = make(solid)  # type: ignore[operator]
    assert is_sound(surface.positions * np.array([1, -1, 1], np.float32), surface.triangles)
    result = closed(surface.positions, surface.triangles)
    assert result is not None
    bodies = int(solid.inside.sum())
    vertices, faces = len(result[0]), len(result[1])
    assert vertices - faces // 2 == 2 * bodies  # Euler: every cell its own sphere


def test_both_extractions_enclose_the_same_volume() -> None:
    y, x = np.mgrid[0:90, 0:90] - 45.0
    u = 40.0**2 - x * x - y * y
    height = np.sqrt(np.maximum(u, 0)).astype(np.float32)
    half = np.full((90, 90), 0.5, np.float32)
    solid = Solid(u > 0, height, 0.5 * height, 0 * height, half[:, 1:], half[1:])
    sphere = 0.75 * 4 / 3 * np.pi * 40**3
    for make in (extract, sew):
        surface = make(solid)
        corners = surface.positions[surface.triangles].astype(float)
        volume = -np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
        assert volume == pytest.approx(sphere, rel=0.01)


def test_estimate_is_exact_for_a_sphere() -> None:
    solid = noise_solid(1, 1.0, 2.0)
    assert triangle_estimate(solid) == pytest.approx(len(extract(solid).triangles), abs=8)


def test_table_has_no_case_without_its_complement_closed() -> None:
    triangles, counts = table()
    assert counts[0] == counts[255] == 0
    assert counts.max() == 5
    assert (triangles[np.arange(256)[counts > 0], 0] >= 0).all()
