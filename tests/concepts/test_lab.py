"""Lab colours are those of OpenCV, and sRGB comes back from them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.concepts.lab import lab_of, lightness_of, rgb_of

# OpenCV interpolates between 33 steps of each channel; the eye sees a difference of about 1.
TOLERANCE = 0.5
MEAN_TOLERANCE = 0.1


def all_colours() -> NDArray[np.uint8]:
    """Every fifth code of each channel, black, white and the greys (52, 2704 + 52, 3)."""
    codes = np.arange(0, 256, 5, dtype=np.uint8)
    cube = np.stack(np.meshgrid(codes, codes, codes, indexing="ij"), axis=-1)
    return np.ascontiguousarray(cube.reshape(len(codes), -1, 3))


def test_lab_agrees_with_opencv() -> None:
    rgb = all_colours()
    expected = cv2.cvtColor(rgb.astype(np.float32) / 255.0, cv2.COLOR_RGB2Lab)
    difference = np.abs(lab_of(rgb) - expected)
    assert difference.max() < TOLERANCE
    assert difference.mean() < MEAN_TOLERANCE
    assert np.abs(lightness_of(rgb) - expected[:, :, 0]).max() < TOLERANCE


def test_every_code_survives_the_way_there_and_back() -> None:
    rgb = all_colours()
    assert (rgb_of(lab_of(rgb)) == rgb).all()


def test_grey_has_no_hue() -> None:
    grey = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)
    lab = lab_of(grey)
    assert np.abs(lab[:, :, 1:]).max() < 1e-3
    assert abs(lab[0, 0, 0]) < 1e-3
    assert abs(lab[0, 255, 0] - 100.0) < 1e-3


def test_colours_beyond_srgb_are_clipped() -> None:
    beyond = np.array([[[120.0, 0.0, 0.0], [-5.0, 0.0, 0.0]]], np.float32)
    assert rgb_of(beyond).tolist() == [[[255, 255, 255], [0, 0, 0]]]
