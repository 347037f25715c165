"""Texels are counted truly, and whatever covers a texel twice is peeled off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from trellis_assets.embedded.charts import FRONT, Charts, charts
from trellis_assets.embedded.columns import extract
from trellis_assets.embedded.connected import connected
from trellis_assets.embedded.coverage import coverage, rim, within
from trellis_assets.embedded.halfedges import twins
from trellis_assets.embedded.peel import unwrapped
from trellis_assets.embedded.raster import overlapping_texels
from trellis_assets.embedded.surface import Meshed

from .test_columns import noise_solid

TEXELS = 256


def meshed(seed: int, height: float) -> Meshed:
    surface = extract(noise_solid(seed, 0.8, height))
    pairs, _ = twins(surface.triangles, len(surface.positions))
    return Meshed(surface.positions, surface.triangles, pairs, 0, decimated=False)


def two_squares(distance: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Corners of two squares in one chart, the second one ``distance`` texels to the right; twins
    within each square, its rim paired with a triangle of another chart.
    """
    square = np.array([[[20, 20], [20, 60], [60, 60]], [[20, 20], [60, 60], [60, 20]]], np.float32)
    shift = np.array([distance, 0.0], np.float32)
    corners = np.concatenate([square, square + shift, square[:1] + 150])
    pairs = np.full(15, 12, dtype=np.int64)
    pairs[[2, 3, 8, 9]] = [3, 2, 9, 8]
    return corners.astype(np.float32), pairs


@pytest.mark.parametrize(("distance", "twice"), [(10.0, 30 * 40), (40.0, 0), (39.0, 40)])
def test_overlap_is_counted_texel_by_texel(distance: float, twice: int) -> None:
    corners, pairs = two_squares(distance)
    one = rim(np.zeros(4, np.int64), pairs[:12] % 12, np.arange(4))
    counts = coverage(corners[:4], one, texels=TEXELS)
    assert counts.sum() == 0  # without a rim nothing is counted: every half-edge has a twin here
    ends = rim(np.array([0, 0, 0, 0, 1]), pairs, np.arange(5))
    counts = coverage(corners, ends, texels=TEXELS)
    assert (counts == 2).sum() == twice
    assert (counts[20:60, 20:60] >= 1).all()
    assert counts[:, :20].sum() == 0


@given(seed=st.integers(0, 10_000), height=st.floats(0.5, 8.0))
@settings(max_examples=25, deadline=None)
def test_an_unwrapped_mesh_covers_no_texel_twice(seed: int, height: float) -> None:
    mesh = meshed(seed, height)
    found = charts(mesh.positions, mesh.triangles, mesh.pairs, size=30.0, steep=0.45)
    result, atlas = unwrapped(mesh, found, texels=TEXELS)
    corners = atlas.corners(result.chart)
    ends = rim(result.chart, mesh.pairs, np.arange(len(corners)))
    counts = coverage(corners, ends, texels=TEXELS)
    assert counts.min() >= 0
    assert counts.max() <= 1
    assert overlapping_texels(corners, texels=TEXELS) == 0
    assert corners.min() >= 0.0
    assert corners.max() <= TEXELS


def test_layers_in_one_chart_are_peeled_apart() -> None:
    mesh = meshed(3, 4.0)
    normal_up = np.full(len(mesh.triangles), FRONT, dtype=np.int8)
    honest = charts(mesh.positions, mesh.triangles, mesh.pairs, size=30.0, steep=0.45)
    # All steep triangles that look forward are thrown into the front sheet.
    corners = mesh.positions[mesh.triangles].astype(np.float64)
    z = -np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2]
    forward = z > 0
    direction = np.where(forward, normal_up, honest.direction).astype(np.int8)
    chart = np.where(forward, 0, honest.chart)
    result, atlas = unwrapped(mesh, Charts(direction, chart, honest.count), texels=TEXELS)
    assert overlapping_texels(atlas.corners(result.chart), texels=TEXELS) == 0


def test_peeling_adds_few_charts() -> None:
    # Packed tighter after every round, the same mesh would be sampled anew and cost 330 charts.
    mesh = meshed(0, 30.0)
    found = charts(mesh.positions, mesh.triangles, mesh.pairs, size=30.0, steep=0.45)
    result, atlas = unwrapped(mesh, found, texels=TEXELS)
    assert found.count < result.count < found.count + 150
    assert overlapping_texels(atlas.corners(result.chart), texels=TEXELS) == 0


def test_boxes_find_their_marked_texels() -> None:
    rng = np.random.default_rng(0)
    marked = rng.random((40, 40)) < 0.01
    low = rng.integers(-3, 40, (200, 2))
    high = low + rng.integers(-1, 8, (200, 2))
    expected = [
        marked[max(y0, 0) : max(y1 + 1, 0), max(x0, 0) : max(x1 + 1, 0)].any()
        for (x0, y0), (x1, y1) in zip(low, high, strict=True)
    ]
    assert within(low, high, marked).tolist() == expected


@given(seed=st.integers(0, 10_000), nodes=st.integers(1, 300), edges=st.integers(0, 400))
@settings(max_examples=50, deadline=None)
def test_parts_are_those_of_scipy(seed: int, nodes: int, edges: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, nodes, (2, edges))
    count, part = connected(nodes, first, second)
    graph = coo_matrix((np.ones(edges), (first, second)), shape=(nodes, nodes))
    expected, labels = connected_components(graph, directed=False)
    assert count == expected
    assert (part == labels).all()
