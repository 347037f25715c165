"""Sampling of textures, against a reference written out in double precision."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from trellis_assets.gltf import Image
from trellis_assets.previews import UndecodableTexture, _textures
from trellis_assets.previews._textures import (
    Texture,
    interpolated,
    texture_of,
    to_linear,
    to_srgb,
)


def reference(pixels: NDArray[np.uint8], uvs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Bilinear, repeating; texel centres at half integers."""
    height, width = pixels.shape[:2]
    x, y = uvs.astype(np.float64).T * [[width], [height]] - 0.5
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    across, along = (x - column)[:, None], (y - row)[:, None]

    def texel(dy: int, dx: int) -> NDArray[np.float64]:
        return np.asarray(pixels[(row + dy) % height, (column + dx) % width], np.float64)

    upper = texel(0, 0) * (1 - across) + texel(0, 1) * across
    lower = texel(1, 0) * (1 - across) + texel(1, 1) * across
    mixed: NDArray[np.float64] = upper * (1 - along) + lower * along
    return mixed / 255


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    count=st.integers(1, 300),
    seed=st.integers(0, 2**32 - 1),
)
def test_samples_are_bilinear_and_repeat(height: int, width: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    uvs = rng.uniform(-2, 3, (count, 2)).astype(np.float32)
    uvs[0] = 0  # on the seam
    found = Texture(pixels).sample(uvs, np.zeros(count, np.float32))
    # Half a code of rounding, and OpenCV's fractions of 1/32 texel.
    assert np.abs(found.T - reference(pixels, uvs)).max() < 0.06


def test_more_samples_than_a_picture_is_wide() -> None:
    pixels = np.arange(64 * 3, dtype=np.uint8).reshape(8, 8, 3)
    uvs = np.random.default_rng(1).random((40_000, 2)).astype(np.float32)
    found = Texture(pixels).sample(uvs, np.zeros(len(uvs), np.float32))
    assert np.abs(found.T - reference(pixels, uvs)).max() < 0.06


def test_a_wide_footprint_takes_the_average() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (256, 128, 3), dtype=np.uint8)
    found = Texture(pixels).sample(np.zeros((1, 2), np.float32), np.ones(1, np.float32))
    assert np.abs(found[:, 0] - pixels.reshape(-1, 3).mean(axis=0) / 255).max() < 0.03


def test_interpolation_is_finite_beyond_the_border() -> None:
    values = np.linspace(0, 1, 96 * 96, dtype=np.float32).reshape(96, 96)
    places = np.random.default_rng(4).uniform(-500, 600, (64, 64, 2)).astype(np.float32)
    places[0, 0] = (3.5, 0)
    found = interpolated(values, places)
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(3.5 / (96 * 96 - 1), abs=1e-6)
    assert found.min() >= 0
    assert found.max() <= 1


def test_the_color_curves_are_inverse() -> None:
    codes = np.linspace(0, 1, 256, dtype=np.float32)
    assert np.abs(to_srgb(to_linear(codes)) - codes).max() < 1e-5
    assert to_linear(np.array([0.5], np.float32))[0] == pytest.approx(0.2159, abs=2e-3)


def test_whoever_asks_while_a_texture_is_decoded_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded = []

    def slow(image: Image, *, alpha: bool) -> NDArray[np.uint8]:
        decoded.append(image)
        time.sleep(0.05)
        if image.name == "torn":
            raise UndecodableTexture("torn")
        return np.zeros((4, 4, 3), np.uint8)

    monkeypatch.setattr(_textures, "decode", slow)
    _textures.forget()
    whole, torn = Image(b"whole", "image/png"), Image(b"torn", "image/png", "torn")
    with ThreadPoolExecutor(4) as executor:
        found = list(executor.map(lambda _: texture_of(whole, alpha=False), range(4)))
        refused = [executor.submit(texture_of, torn, alpha=False) for _ in range(2)]
    assert decoded.count(whole) == 1
    assert all(one is found[0] for one in found)
    assert all(isinstance(each.exception(), UndecodableTexture) for each in refused)
    assert not _textures._decoding
    _textures.forget()
