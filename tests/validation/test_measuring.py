"""What the rules measure with, against what is known of simple shapes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial import Delaunay

from tests.validation.corpus import named
from tests.validation.corpus.parts import box, joined, turned
from trellis_assets.geometry.rows import same_rows
from trellis_assets.validation import Subject, judge
from trellis_assets.validation.cover import Cover
from trellis_assets.validation.surface import Surface, winding_number


@given(arrays(np.float32, (40, 3), elements=st.sampled_from([0.0, -0.0, 1.0, 2.5, -3.0])))
@settings(max_examples=50, deadline=None)
def test_equal_rows_and_no_others_share_a_group(rows: np.ndarray) -> None:
    group, first = same_rows(rows)
    for one in range(len(rows)):
        assert (group == group[one]).tolist() == (rows == rows[one]).all(axis=1).tolist()
        assert (rows[first[group[one]]] == rows[one]).all()


@given(st.integers(0, 10_000), st.integers(4, 60))
@settings(max_examples=30, deadline=None)
def test_triangles_that_tile_the_square_cover_every_cell_once(seed: int, points: int) -> None:
    uvs = np.random.default_rng(seed).random((points, 2)).astype(np.float32)
    uvs = np.concatenate([uvs, np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)])
    faces = Delaunay(uvs.astype(np.float64)).simplices.astype(np.int64)
    cover = Cover(uvs, faces, np.zeros(len(faces), np.int64), texels=64)
    inner = cover.count.reshape(64, 64)[1:-1, 1:-1]
    assert inner.max() == 1
    assert inner.mean() > 0.99  # hairline gaps where Delaunay leaves out slivers at the rim


def test_two_charts_mix_where_they_meet_in_a_coarse_texel() -> None:
    quad = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])
    charts = np.array([0, 0, 1, 1])

    def mixed(gap: float) -> float:
        left, right = quad * (0.5 - gap, 1.0), quad * (0.5 - gap, 1.0) + (0.5 + gap, 0.0)
        uvs = np.concatenate([left, right]).astype(np.float32)
        return Cover(uvs, faces, charts, texels=64).mixed(21)  # cells of 4 texels: 16 a side

    assert mixed(0.0) == 0.0  # the border lies between two cells
    assert 0.0 < mixed(-0.02) < 0.2
    assert mixed(0.06) == 0.0


def test_the_winding_number_tells_inside_from_outside() -> None:
    mesh = box()
    faces = mesh.triangles.astype(np.int64)
    assert abs(winding_number(np.array([0.1, 1.0, 0.1]), mesh.positions, faces) - 1.0) < 1e-9
    assert abs(winding_number(np.array([3.0, 1.0, 0.1]), mesh.positions, faces)) < 1e-9


def test_shells_know_volume_closure_and_what_is_inside() -> None:
    shells = Surface(
        [joined(box(), turned(box((0.5, 0.5, 0.25), at=(0, 0.5, 0))), box(at=(1e3, 0, 0)))]
    ).shells
    assert shells.closed.all()
    order = np.argsort(shells.boxes[:, 0, 0])
    assert np.allclose(shells.volume[order], [1.0, -0.0625, 1.0], atol=1e-4)
    assert shells.inside[order].tolist() == [False, True, False]


def test_the_gutter_is_told_for_every_mip() -> None:
    (finding,) = judge(Subject(named("charts_that_touch").glb))
    assert "at mip 1 (256 texels)" in finding.message
    assert "at mip 2 (128 texels)" in finding.message
