"""Charts: all triangles, no overlap, even density, few and fat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.geometry.flatten import flatten
from trellis_assets.geometry.measure import atlas_statistics
from trellis_assets.geometry.raster import coverage, rasterise
from trellis_assets.geometry.unwrap import Unwrapped, unwrap
from trellis_assets.gltf import Mesh

from . import shapes


def check(points: shapes.Array, faces: shapes.Array, found: Unwrapped) -> dict[str, float]:
    np.testing.assert_array_equal(found.vertex[found.faces], faces)
    assert found.uvs.min() >= 0
    assert found.uvs.max() <= 1
    mesh = Mesh(points[found.vertex], found.faces.astype(np.uint32), uvs=found.uvs)
    return atlas_statistics([mesh], 1024)


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda: shapes.box(4), 6),
        (lambda: shapes.icosphere(4), 14),
        (lambda: shapes.bumpy(4, seed=5), 40),
        (lambda: shapes.grid(10), 1),
    ],
    ids=["box", "sphere", "bumpy", "sheet"],
)
def test_few_charts_of_even_density_without_overlap(make: shapes.Maker, most: int) -> None:
    points, faces = make()
    found = unwrap(points, faces, size=1024, padding=4)
    figures = check(points, faces, found)
    assert found.chart_count <= most
    assert figures["uv_overlap_share"] < 0.001
    assert figures["texel_density_spread"] < 0.5
    assert figures["thin_charts_share"] <= 0.1
    assert figures["uv_coverage"] > 0.4


def test_a_box_is_cut_along_its_edges() -> None:
    points, faces = shapes.box(3)
    found = unwrap(points, faces, size=512, padding=2)
    side = np.round(points[faces].mean(axis=1), 3)
    for chart in range(found.chart_count):
        held = side[found.chart == chart]
        assert (np.ptp(held, axis=0) < 1e-6).any(), "a chart bends around an edge"


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 9999), st.integers(4, 200))
def test_random_soups_are_unwrapped_whole(seed: int, count: int) -> None:
    """Non-manifold, self-intersecting, slivers: every triangle still gets its place."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(max(count // 3, 4), 3)).astype(np.float32)
    points[:, 2] *= rng.choice([1.0, 1e-3, 0.0])
    faces = np.array([rng.choice(len(points), 3, replace=False) for _ in range(count)])
    faces = np.unique(np.sort(faces, 1), axis=0)
    found = unwrap(points, faces, size=512, padding=2)
    check(points, faces, found)
    again = unwrap(points, faces, size=512, padding=2)
    np.testing.assert_array_equal(found.uvs, again.uvs)


def test_flattening_a_developable_surface_is_exact() -> None:
    points, faces = shapes.grid(12)
    angle = points[:, 0] * 2.0
    bent = np.stack([np.sin(angle), points[:, 1], np.cos(angle)], 1)
    found = flatten(bent, faces, np.zeros(len(faces), np.int64), 1)
    assert not found.bad.any()
    length = np.linalg.norm(bent[faces[:, 0]] - bent[faces[:, 1]], axis=1)
    flat = np.linalg.norm(found.uvs[faces[:, 0]] - found.uvs[faces[:, 1]], axis=1)
    np.testing.assert_allclose(flat, length, rtol=2e-2)


def test_a_closed_chart_is_judged_bad() -> None:
    points, faces = shapes.icosphere(2)
    assert flatten(points, faces, np.zeros(len(faces), np.int64), 1).bad.all()


def test_texels_touch_every_triangle_and_know_their_place() -> None:
    rng = np.random.default_rng(2)
    uvs = rng.random((300, 2)).astype(np.float32)
    faces = np.arange(300).reshape(-1, 3)
    uvs.reshape(-1, 3, 2)[:, 1:] = uvs.reshape(-1, 3, 2)[:, :1] + rng.normal(
        0, 0.02, (100, 2, 2)
    ).astype(np.float32)
    uvs = uvs.clip(0, 1)
    texels = rasterise(uvs, faces, 128)
    np.testing.assert_allclose(texels.weights.sum(1), 1, atol=1e-5)
    assert texels.weights.min() >= 0
    assert len(np.unique(texels.index)) == len(texels.index)
    centre = np.stack([texels.index % 128 + 0.5, texels.index // 128 + 0.5], 1) / 128
    away = np.abs(texels.interpolate(uvs, faces) - centre).max(axis=1)
    assert away.max() < 3.0 / 128  # slivers: clamped weights end near, not on, the square
    assert np.mean(away < 0.51 / 128) > 0.85
    sliver = np.array([[0.1, 0.1], [0.9, 0.1001], [0.5, 0.1]], np.float32)
    assert len(rasterise(sliver, np.array([[0, 1, 2]]), 64).index) >= 50


def test_coverage_counts_overlap() -> None:
    points, faces = shapes.grid(1)
    uvs = points[:, :2] * 0.5
    once = coverage(uvs, faces, 64)
    assert once.max() == 1
    assert once.sum() == pytest.approx(32 * 32, abs=70)
    twice = coverage(uvs, np.concatenate([faces, faces]), 64)
    np.testing.assert_array_equal(twice, 2 * once)
