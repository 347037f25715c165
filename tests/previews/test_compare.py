"""Measures of how much two pictures differ."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.gltf import Material
from trellis_assets.previews import (
    Picture,
    PicturesDiffer,
    heat_map,
    psnr,
    render,
    silhouette_iou,
    ssim,
)

from .scenes import MATT, model_of, sphere


def plate(
    rows: slice, columns: slice, color: tuple[int, ...] = (120, 120, 120), size: int = 40
) -> Picture:
    picture = np.zeros((size, size, 4), np.uint8)
    picture[rows, columns] = (*color, 255)
    return picture


WHOLE = plate(slice(0, 40), slice(0, 40))


def test_silhouettes_overlap_by_area() -> None:
    left, right = plate(slice(0, 40), slice(0, 20)), plate(slice(0, 40), slice(10, 30))
    assert silhouette_iou(left, left) == 1
    assert silhouette_iou(left, right) == pytest.approx(10 / 30)
    assert silhouette_iou(left, plate(slice(0, 40), slice(20, 40))) == 0
    nothing = np.zeros((40, 40, 4), np.uint8)
    assert silhouette_iou(nothing, nothing) == 1


def test_a_floor_shadow_is_no_silhouette() -> None:
    model = model_of((sphere(), Material(**MATT)))
    shaded, bare = render(model, size=96), render(model, size=96, mode="base_color")
    assert (shaded[..., 3] > 0).sum() > (bare[..., 3] > 0).sum() + 100
    assert silhouette_iou(shaded, bare) > 0.995


def test_psnr_of_a_known_error() -> None:
    brighter = plate(slice(0, 40), slice(0, 40), (130, 130, 130))
    assert psnr(WHOLE, brighter) == pytest.approx(20 * np.log10(255 / 10))
    assert psnr(WHOLE, WHOLE) == np.inf


def test_psnr_does_not_depend_on_the_empty_surroundings() -> None:
    small = [plate(slice(0, 10), slice(0, 10), color) for color in ((100,) * 3, (110,) * 3)]
    large = [plate(slice(0, 10), slice(0, 10), color, 200) for color in ((100,) * 3, (110,) * 3)]
    assert psnr(*small) == pytest.approx(psnr(*large))


def test_colors_under_transparency_do_not_count() -> None:
    hidden = np.zeros((40, 40, 4), np.uint8)
    hidden[..., :3] = 255
    empty = np.zeros((40, 40, 4), np.uint8)
    assert psnr(hidden, empty) == np.inf
    assert ssim(hidden, empty) == 1
    assert heat_map(hidden, empty)[..., 3].max() == 0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), noise=st.integers(1, 60))
def test_measures_are_symmetric_and_worsen_with_noise(seed: int, noise: int) -> None:
    rng = np.random.default_rng(seed)
    base = WHOLE.copy()
    base[..., :3] = rng.integers(60, 190, (40, 40, 1))
    grain = rng.integers(-1, 2, (40, 40, 3))
    little, much = base.copy(), base.copy()
    little[..., :3] = np.clip(base[..., :3].astype(int) + noise * grain // 4, 0, 255)
    much[..., :3] = np.clip(base[..., :3].astype(int) + noise * grain, 0, 255)
    for measure in (psnr, ssim):
        assert measure(base, much) == pytest.approx(measure(much, base))
        assert measure(base, much) <= measure(base, little)
    assert ssim(base, base) == pytest.approx(1)
    assert -1 <= ssim(base, much) <= 1


def test_structure_matters_more_to_ssim_than_brightness() -> None:
    rng = np.random.default_rng(0)
    base = WHOLE.copy()
    base[..., :3] = rng.integers(60, 190, (40, 40, 1))
    brighter, shuffled = base.copy(), base.copy()
    brighter[..., :3] += 12
    shuffled[..., :3] = rng.permutation(base[..., :3].reshape(-1, 3)).reshape(40, 40, 3)
    assert ssim(base, brighter) > 0.95
    assert ssim(base, shuffled) < 0.3


def test_ssim_of_the_whole_picture_counts_what_is_empty() -> None:
    rng = np.random.default_rng(0)
    grain = rng.integers(60, 190, (40, 40, 1))
    small, large = np.zeros((2, 80, 80, 4), np.uint8)
    small[20:60, 20:60] = (120, 120, 120, 255)
    large[20:60, 20:60, :3], large[20:60, 20:60, 3] = grain, 255
    assert ssim(small, large) < 0.1
    assert ssim(small, large, whole=True) == pytest.approx(0.75, abs=0.1)


def test_the_heat_map_is_brightest_where_they_differ_most() -> None:
    other = WHOLE.copy()
    other[10:20, 10:20, :3] = 200
    heat = heat_map(WHOLE, other)
    assert heat.shape == WHOLE.shape
    assert heat.dtype == np.uint8
    assert heat[15, 15, :3].sum() > 600
    assert heat[30, 30, :3].sum() < 60


def test_sizes_must_agree() -> None:
    for measure in (silhouette_iou, psnr, ssim, heat_map):
        with pytest.raises(PicturesDiffer, match="cannot be compared"):
            measure(WHOLE, WHOLE[:20])
        with pytest.raises(PicturesDiffer):
            measure(WHOLE[..., :3], WHOLE[..., :3])
