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
    glance_markdown,
    thumbnail_data_uri,
)


def noise(size: int) -> NDArray[np.uint8]:
    picture = np.random.default_rng(3).integers(0, 256, (size, size, 4), dtype=np.uint8)
    picture[..., 3] = 255
    return picture


def smooth(height: int, width: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x % 256, y % 256, (x + y) % 256, 0 * x + 255], axis=-1).astype(np.uint8)


def read_png(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(encode_png(picture))))


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
    assert np.array_equal(read_png(picture), picture[..., :3])  # opaque: alpha says nothing
    assert np.array_equal(read_png(picture[..., :3]), picture[..., :3])
    picture[0, 0, 3] = 254
    assert np.array_equal(read_png(picture), picture)
    assert encode_png(picture) == encode_png(picture.copy())
    assert encode_webp(picture) == encode_webp(picture.copy())
    assert Image.open(io.BytesIO(encode_webp(picture))).format == "WEBP"


def test_the_best_quality_that_fits_is_taken() -> None:
    picture = noise(200)
    sizes = [len(thumbnail_data_uri(picture, max_bytes=limit)) for limit in (20_000, 24_000)]
    assert sizes[0] < sizes[1] <= 24_000
    direct = base64.b64encode(encode_webp(smooth(60, 60), quality=86)).decode()
    assert thumbnail_data_uri(smooth(60, 60)).endswith(direct)


def disc(size: int = 256, *, busy: bool = False) -> NDArray[np.uint8]:
    """A round thing in the middle of a transparent picture."""
    y, x = np.mgrid[0:size, 0:size]
    picture = np.zeros((size, size, 4), np.uint8)
    inside = (x - size / 2) ** 2 + (y - size / 2) ** 2 < (size / 4) ** 2
    shade = np.random.default_rng(5).integers(0, 256, (size, size)) if busy else x
    picture[inside] = np.stack([shade % 256, y, 0 * x + 60, 0 * x + 255], axis=-1)[inside]
    return picture


def glance(markdown: str) -> Image.Image:
    assert len(markdown) <= 980
    assert markdown.endswith(")")
    return opened(markdown[markdown.index("](") + 2 : -1]).convert("RGB")


def test_a_glance_is_short_large_and_without_its_margin() -> None:
    markdown = glance_markdown(disc(), alt="oak barrel, LOD 0")
    assert markdown.startswith("![oak barrel, LOD 0](data:image/webp;base64,")
    image = glance(markdown)
    assert image.width == image.height == 96
    color = np.asarray(image).astype(int)
    assert abs(color[48, 90, 0] - 186) < 40  # the disc reaches the rim of the picture
    assert color[48, 90, 0] > color[48, 10, 0] + 60
    assert color[2, 2].max() < 70  # transparency lies on the sheets' grey
    assert markdown == glance_markdown(disc(), alt="oak barrel, LOD 0")


def test_a_busy_glance_is_smaller_but_fits() -> None:
    assert 32 <= glance(glance_markdown(disc(busy=True), alt="x")).width < 96
    assert glance(glance_markdown(noise(512), alt="noise")).width >= 32
    assert glance(glance_markdown(noise(20), alt="small")).width == 20
    assert glance(glance_markdown(np.zeros((64, 64, 4), np.uint8), alt="nothing")).width == 64


def test_the_text_of_a_glance_cannot_break_out() -> None:
    markdown = glance_markdown(disc(), alt="a](http://x)\n# [b] <i>" + "long " * 400)
    head = markdown[: markdown.index("](data:")]
    assert not set(head[2:]) & set("[]()<>\n")
    assert len(head) <= 62
    glance(markdown)
