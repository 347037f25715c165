"""Crumpled patches are laid flat: no fold survives, no texel is covered twice, few charts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trellis_assets.embedded import peel
from trellis_assets.embedded.atlas import flatten
from trellis_assets.embedded.charts import FRONT, charts
from trellis_assets.embedded.halfedges import twins
from trellis_assets.embedded.raster import overlapping_texels
from trellis_assets.embedded.surface import Meshed
from trellis_assets.embedded.untangle import signed_area, untangled

SIDE = 24
TEXELS = 256
Triangles = NDArray[np.uint32]


def crumpled(seed: int, *, thrown: int, far: float) -> tuple[NDArray[np.float32], Triangles]:
    """A square sheet that faces the viewer, ``thrown`` of its inner vertices moved up to ``far``
    cells within the sheet, so that triangles around them turn over.
    """
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    positions = np.stack([column, row, 2.0 + np.zeros(SIDE * SIDE)], axis=1).astype(np.float32)
    inner = np.flatnonzero((np.minimum(row, column) > 3) & (np.maximum(row, column) < SIDE - 4))
    moved = rng.choice(inner, thrown, replace=False)
    angle = rng.uniform(0.0, 2.0 * np.pi, thrown)
    step = far * np.stack([np.cos(angle), np.sin(angle), np.zeros(thrown)], axis=1)
    positions[moved] += step.astype(np.float32)
    first = ((row < SIDE - 1) & (column < SIDE - 1)).nonzero()[0]
    right, below, across = first + 1, first + SIDE, first + SIDE + 1
    triangles = np.concatenate(
        [np.stack([first, below, across], axis=1), np.stack([first, across, right], axis=1)]
    )
    return positions, triangles.astype(np.uint32)


def pillow(seed: int, *, thrown: int, far: float) -> Meshed:
    """A crumpled sheet closed by an even one behind it, which shares its rim."""
    positions, triangles = crumpled(seed, thrown=thrown, far=far)
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    rim = (np.minimum(row, column) == 0) | (np.maximum(row, column) == SIDE - 1)
    behind = np.stack([column, row, -2.0 + np.zeros(SIDE * SIDE)], axis=1).astype(np.float32)
    number = np.where(rim, np.arange(SIDE * SIDE), SIDE * SIDE + np.arange(SIDE * SIDE))
    both = np.concatenate([triangles, number[triangles[:, ::-1]]]).astype(np.uint32)
    places = np.concatenate([positions, behind])
    pairs, _ = twins(both, len(places))
    return Meshed(places, both, pairs, 0, decimated=False)


@given(seed=st.integers(0, 10_000), thrown=st.integers(1, 8), far=st.floats(1.5, 2.2))
@settings(max_examples=40, deadline=None)
def test_no_fold_survives_and_nothing_else_moves(seed: int, thrown: int, far: float) -> None:
    positions, triangles = crumpled(seed, thrown=thrown, far=far)
    flat = flatten(positions, triangles, np.full(len(triangles), FRONT, np.int8))
    assert (signed_area(flat) < 0.0).any()
    result = untangled(flat, np.zeros(len(triangles), np.int64), positions, triangles)
    assert signed_area(result).min() > 0.0
    # The sheet keeps its area, so that without folds no place is covered twice.
    assert signed_area(result).sum() == pytest.approx(2.0 * (SIDE - 1) ** 2, rel=1e-4)
    assert overlapping_texels(result * (TEXELS / SIDE), texels=TEXELS) == 0
    corners = triangles.ravel()
    row, column = np.divmod(corners, SIDE)
    rim = (np.minimum(row, column) == 0) | (np.maximum(row, column) == SIDE - 1)
    assert (result.reshape(-1, 2)[rim] == flat.reshape(-1, 2)[rim]).all()


def test_an_even_sheet_stays_as_it_is() -> None:
    positions, triangles = crumpled(0, thrown=0, far=0.0)
    flat = flatten(positions, triangles, np.full(len(triangles), FRONT, np.int8))
    result = untangled(flat, np.zeros(len(triangles), np.int64), positions, triangles)
    assert (result == flat).all()


def test_a_crumpled_sheet_takes_fewer_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = pillow(5, thrown=8, far=1.6)
    found = charts(mesh.positions, mesh.triangles, mesh.pairs, size=SIDE, steep=0.45)
    laid_flat, atlas = peel.unwrapped(mesh, found, texels=TEXELS)
    assert overlapping_texels(atlas.corners(laid_flat.chart), texels=TEXELS) == 0
    monkeypatch.setattr(peel, "untangled", lambda flat, *_: flat)
    peeled, _ = peel.unwrapped(mesh, found, texels=TEXELS)
    assert laid_flat.count < peeled.count
