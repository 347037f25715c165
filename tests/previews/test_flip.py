"""FLIP against values of its authors' own implementation (flip-evaluator 1.7, ppd 67.02)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from trellis_assets.previews import Reference, flip, heat_map, likeness, ssim
from trellis_assets.previews._textures import SRGB_TO_LINEAR
from trellis_assets.previews.compare import PSNR_CEILING
from trellis_assets.previews.flip import flip_map


def clouds(seed: int, blur: float) -> NDArray[np.float32]:
    """(96, 128, 3) smooth random colours, 0 to 1."""
    noise = np.random.default_rng(seed).random((96, 128, 3)).astype(np.float32)
    return np.asarray(np.clip(cv2.GaussianBlur(noise, (0, 0), blur) * 2.5 - 0.75, 0, 1))


def linear(colors: NDArray[np.float32]) -> NDArray[np.float32]:
    return SRGB_TO_LINEAR[np.rint(colors * 255).astype(np.uint8)]


def test_means_are_those_of_the_authors() -> None:
    assert flip_map(linear(clouds(1, 2)), linear(clouds(2, 2))).mean() == pytest.approx(
        0.5459546, abs=2e-4
    )
    brighter = np.clip(clouds(1, 5) + np.float32(0.05), 0, 1)
    error = flip_map(linear(clouds(1, 5)), linear(brighter))
    assert error.mean() == pytest.approx(0.2026033, abs=2e-4)
    inverted = clouds(4, 3)
    inverted[20:40, 30:60] = 1 - inverted[20:40, 30:60]
    error = flip_map(linear(clouds(4, 3)), linear(inverted))
    assert error.mean() == pytest.approx(0.0333060, abs=2e-4)
    assert error[30, 45] > 10 * error[80, 110]


def test_the_ends_of_the_scale() -> None:
    green, blue = (np.full((48, 48, 3), color, np.float32) for color in ([0, 1, 0], [0, 0, 1]))
    assert flip_map(green, blue) == pytest.approx(1.0, abs=1e-5)
    assert flip_map(green, green).max() == 0


def test_likeness_is_the_four_measures_and_no_margin_changes_it() -> None:
    small = np.zeros((64, 64, 4), np.uint8)
    small[20:44, 24:40] = (180, 90, 40, 255)
    other = small.copy()
    other[30:34, 24:40, :3] = (60, 120, 40)
    alike = likeness(small, other)
    assert alike.silhouette_iou == 1
    assert alike.flip == pytest.approx(flip(small, other), abs=1e-6)
    wide = [np.pad(each, ((40, 60), (70, 30), (0, 0))) for each in (small, other)]
    for name, value in vars(likeness(wide[0], wide[1])).items():
        assert value == pytest.approx(getattr(alike, name), abs=1e-5), name
    equal = likeness(small, small)
    assert (equal.flip, equal.psnr_db) == (0, PSNR_CEILING)
    assert heat_map(small, other)[32, 32, 0] > heat_map(small, other)[24, 32, 0] + 100


def test_one_reference_serves_several_pictures_wherever_they_lie() -> None:
    small = np.zeros((160, 160, 4), np.uint8)
    small[60:100, 60:100] = (180, 90, 40, 255)
    reference = Reference(small)
    for step in (0, 1, -40, 45):
        moved = np.roll(small, step, axis=(0, 1))
        found, one_by_one = reference.likeness(moved), likeness(small, moved)
        assert vars(found) == pytest.approx(vars(one_by_one), abs=1e-6)
        assert found.ssim == pytest.approx(ssim(small, moved), abs=1e-6)
        assert found.flip == pytest.approx(flip(small, moved), abs=1e-6)
