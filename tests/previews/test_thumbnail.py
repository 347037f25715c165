"""Pictures as bytes."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from trellis_assets.previews import (
    PictureTooLarge,
    encode_png,
    encode_webp,
    thumbnail_data_uri,
)


def noise(size: int) -> NDArray[np.uint8]:
    picture = np.random.default_rng(3).integers(0, 256, (size, size, 4), dtype=np.uint8)
    picture[..., 3] = 255
    return picture


def smooth(height: int, width: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x % 256, y % 256, (x + y) % 256, 0 * x + 255], axis=-1).astype(np.uint8)


def opened(uri: str) -> Image.Image:
    head, _, body = uri.partition(",")
    assert head == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(body, validate=True)))


@pytest.mark.parametrize("limit", [2_500, 8_000, 20_000])
def test_even_noise_fits_the_limit(limit: int) -> None:
    uri = thumbnail_data_uri(noise(512), max_bytes=limit)
    assert len(uri) <= limit
    image = opened(uri)
    assert image.width == image.height >= 48


def test_a_calm_picture_keeps_its_size_and_shape() -> None:
    uri = thumbnail_data_uri(smooth(100, 400), max_side=320)
    assert opened(uri).size == (320, 80)
    assert opened(thumbnail_data_uri(smooth(60, 60))).size == (60, 60)


def test_transparency_survives() -> None:
    picture = smooth(64, 64)
    picture[:32, :, 3] = 0
    alpha = np.asarray(opened(thumbnail_data_uri(picture)).convert("RGBA"))[..., 3]
    assert alpha[:28].max() < 20
    assert alpha[36:].min() > 235


def test_an_impossible_limit_is_refused_with_numbers() -> None:
    with pytest.raises(PictureTooLarge, match=r"characters at 48 pixels, the limit is 300"):
        thumbnail_data_uri(noise(256), max_bytes=300)


def test_png_is_lossless_and_both_formats_repeat() -> None:
    picture = noise(32)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(picture)))), picture)
    assert encode_png(picture) == encode_png(picture.copy())
    assert encode_webp(picture) == encode_webp(picture.copy())
    assert Image.open(io.BytesIO(encode_webp(picture))).format == "WEBP"
