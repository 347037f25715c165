from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh
from trellis_assets.textures import uv_coverage


def soup(uvs: NDArray[np.float32]) -> Mesh:
    """Triangles with (T, 3, 2) UVs and positions that do not matter."""
    flat = uvs.reshape(-1, 2).astype(np.float32)
    return Mesh(
        positions=np.zeros((len(flat), 3), np.float32),
        triangles=np.arange(len(flat), dtype=np.uint32).reshape(-1, 3),
        uvs=flat,
    )


def inside_by_definition(uvs: NDArray[np.float64], side: int) -> NDArray[np.bool_]:
    """Texel centres inside the triangle, one edge function at a time, in double precision."""
    y, x = (np.mgrid[:side, :side] + 0.5) / side
    signs = []
    for start, end in ((0, 1), (1, 2), (2, 0)):
        (ax, ay), (bx, by) = uvs[start], uvs[end]
        signs.append((bx - ax) * (y - ay) - (by - ay) * (x - ax))
    stacked = np.stack(signs)
    return np.asarray((stacked > 1e-4).all(axis=0) | (stacked < -1e-4).all(axis=0))


corner = st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32))


@settings(max_examples=200, deadline=None)
@given(st.tuples(corner, corner, corner))
def test_every_centre_inside_is_found_and_only_the_rim_is_touched(
    triangle: tuple[tuple[float, float], ...],
) -> None:
    side = 32
    uvs = np.array(triangle)
    found = uv_coverage([soup(uvs[None])], width=side, height=side)
    expected = inside_by_definition(uvs, side)
    assert (found[expected] == 2).all()
    lower, upper = uvs.min(axis=0) * side - 1.3, uvs.max(axis=0) * side + 1.3
    y, x = np.nonzero(found)
    assert ((x + 0.5 >= lower[0]) & (x + 0.5 <= upper[0])).all()
    assert ((y + 0.5 >= lower[1]) & (y + 0.5 <= upper[1])).all()


def test_a_square_covers_its_area() -> None:
    square = np.array(
        [[[0.25, 0.25], [0.75, 0.25], [0.75, 0.75]], [[0.25, 0.25], [0.75, 0.75], [0.25, 0.75]]]
    )
    found = uv_coverage([soup(square)], width=64, height=64)
    assert (found == 2).sum() == 32 * 32
    assert (found[16:48, 16:48] == 2).all()
    assert found[15, 20] == 1
    assert found[13, 20] == 0


def test_overlapping_triangles_are_covered_once_and_not_cancelled() -> None:
    triangle = np.array([[0.1, 0.1], [0.9, 0.1], [0.1, 0.9]])
    once = uv_coverage([soup(triangle[None])], width=64, height=64)
    twice = uv_coverage([soup(np.stack([triangle, triangle[::-1]]))], width=64, height=64)
    assert np.array_equal(once, twice)


def test_a_sliver_between_texel_centres_is_touched() -> None:
    sliver = np.array([[[0.501, 0.1], [0.502, 0.1], [0.501, 0.9]]])
    found = uv_coverage([soup(sliver)], width=64, height=64)
    assert not (found == 2).any()
    assert (found[10:54, 32] == 1).all()


def test_tiling_uvs_and_missing_uvs_use_the_whole_texture() -> None:
    tiled = soup(np.array([[[0, 0], [3, 0], [0, 3]]]))
    bare = Mesh(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]], np.uint32))
    for mesh in (tiled, bare):
        assert (uv_coverage([mesh], width=8, height=4) == 2).all()


def test_an_atlas_in_another_tile_counts_as_in_the_first() -> None:
    triangle = np.array([[[0.125, 0.125], [0.875, 0.125], [0.125, 0.875]]])
    first = uv_coverage([soup(triangle)], width=32, height=32)
    assert np.array_equal(
        uv_coverage([soup(triangle + np.array([2, 5]))], width=32, height=32), first
    )


def test_non_square_and_oversized_maps_have_the_asked_shape() -> None:
    triangle = np.array([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    found = uv_coverage([soup(triangle)], width=4096, height=16)
    assert found.shape == (16, 4096)
    assert abs((found == 2).mean() - 0.5) < 0.04
