"""Scale, pivot and axes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.geometry import EmptyModel, InvalidPlacement, place
from trellis_assets.gltf import Model

from . import shapes

AXES = ("+x", "-x", "+y", "-y", "+z", "-z")
PAIRS = [(up, front) for up, front in itertools.product(AXES, AXES) if up[1] != front[1]]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(PAIRS), st.floats(0.01, 500), st.integers(0, 99))
def test_height_and_axes(pair: tuple[str, str], height: float, seed: int) -> None:
    up, front = pair
    points, faces = shapes.bumpy(1, seed)
    points = points * np.array([1, 2, 3], np.float32) + np.float32(7)
    model = shapes.plain(points, faces)
    found = place(model, height_m=height, up=up, forward=front)  # type: ignore[arg-type]
    low, high = found.bounds()
    assert high[1] - low[1] == pytest.approx(height, rel=1e-4)
    assert low[1] == pytest.approx(0.0, abs=1e-4 * height)
    assert (low + high)[[0, 2]] == pytest.approx(0.0, abs=1e-3 * height)
    mesh = found.parts[0].mesh
    for row, name in ((1, up), (2, front)):
        along = model.parts[0].mesh.positions[:, "xyz".index(name[1])] * (
            1 if name[0] == "+" else -1
        )
        order = np.corrcoef(along, mesh.positions[:, row])[0, 1]
        assert order == pytest.approx(1.0, abs=1e-5)
    # A rotation, never a mirror: the volume keeps its sign.
    assert shapes.model_volume(found) > 0
    shapes.assert_valid(found)


@pytest.mark.parametrize(
    ("pivot", "expected"),
    [
        ("bottom_center", [[-1, 0, -1.5], [1, 4, 1.5]]),
        ("center", [[-1, -2, -1.5], [1, 2, 1.5]]),
        ("top_center", [[-1, -4, -1.5], [1, 0, 1.5]]),
        ("back_center", [[-1, -2, 0], [1, 2, 3]]),
        ("origin", [[9, 8, 8.5], [11, 12, 11.5]]),
    ],
)
def test_pivots(pivot: str, expected: list[list[float]]) -> None:
    points, faces = shapes.box(1, (2.0, 4.0, 3.0))
    model = shapes.plain(points + np.float32(10), faces)
    found = place(model, height_m=None, pivot=pivot)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.bounds(), expected, atol=1e-5)


@pytest.mark.parametrize("height", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_impossible_heights(height: float) -> None:
    with pytest.raises(InvalidPlacement, match="height_m"):
        place(shapes.plain(*shapes.box()), height_m=height)


def test_impossible_axes_and_models() -> None:
    with pytest.raises(InvalidPlacement, match="one line"):
        place(shapes.plain(*shapes.box()), height_m=1.0, up="+y", forward="-y")
    with pytest.raises(EmptyModel, match="flat along"):
        place(shapes.plain(*shapes.grid(2)), height_m=1.0, up="+z", forward="+x")
    with pytest.raises(EmptyModel):
        place(Model(()), height_m=1.0)
