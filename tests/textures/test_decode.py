from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from trellis_assets.gltf import Image
from trellis_assets.textures import (
    CorruptTexture,
    TextureError,
    TextureTooLarge,
    UnsupportedTexture,
    WrongTextureType,
    decode,
)

from .pictures import MIME, noise, opened, painted, saved


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, bits: int, color: int, rows: bytes) -> Image:
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return Image(b"\x89PNG\r\n\x1a\n" + body, "image/png")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_lossless_pictures_come_back_exactly(kind: str) -> None:
    pixels = noise(13, 29)
    assert np.array_equal(decode(saved(pixels, kind, lossless=True), slot="base_color"), pixels)


def test_jpeg_is_what_the_reference_decoder_says() -> None:
    image = saved(painted(64), "JPEG", quality=90)
    assert np.array_equal(decode(image, slot="base_color"), opened(image))


def test_one_texel_is_a_texture() -> None:
    pixels = np.array([[[10, 20, 30]]], np.uint8)
    assert np.array_equal(decode(saved(pixels), slot="base_color"), pixels)


def test_grey_and_palette_become_rgb() -> None:
    grey = painted(16)[..., 0]
    assert np.array_equal(decode(saved(grey), slot="orm"), np.repeat(grey[..., None], 3, axis=2))
    palette = Pillow.fromarray(painted(16)).quantize(8)
    target = io.BytesIO()
    palette.save(target, "PNG")
    decoded = decode(Image(target.getvalue(), "image/png"), slot="orm")
    assert np.array_equal(decoded, np.asarray(palette.convert("RGB")))


def test_alpha_is_kept_for_base_color_alone_and_only_where_it_says_something() -> None:
    pixels = noise(8, 8, 4)
    assert decode(saved(pixels), slot="base_color").shape == (8, 8, 4)
    for slot in ("orm", "normal", "emissive"):
        assert decode(saved(pixels), slot=slot).shape == (8, 8, 3)
    pixels[..., 3] = 255
    assert decode(saved(pixels), slot="base_color").shape == (8, 8, 3)


def test_colour_under_alpha_zero_survives() -> None:
    pixels = noise(8, 8, 4)
    pixels[..., 3] = 0
    pixels[0, 0, 3] = 255
    webp = saved(pixels, "WEBP", lossless=True, exact=True)
    assert np.array_equal(decode(webp, slot="base_color"), pixels)


@pytest.mark.parametrize(("color", "channels"), [(0, 1), (2, 3), (6, 4)])
def test_16_bit_png_is_refused_not_truncated(color: int, channels: int) -> None:
    rows = (b"\0" + b"\x12\x34" * channels * 4) * 4
    with pytest.raises(UnsupportedTexture, match=r"16 bits per channel.*Fix: convert it to 8 bits"):
        decode(png(4, 4, 16, color, rows), slot="normal", material="steel")


def test_cmyk_jpeg_is_refused() -> None:
    target = io.BytesIO()
    Pillow.new("CMYK", (8, 8), (10, 20, 30, 40)).save(target, "JPEG")
    with pytest.raises(UnsupportedTexture, match="CMYK"):
        decode(Image(target.getvalue(), "image/jpeg"), slot="base_color")


def test_animated_webp_is_refused() -> None:
    frames = [Pillow.fromarray(noise(8, 8, seed=seed)) for seed in range(2)]
    target = io.BytesIO()
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(UnsupportedTexture, match="animated"):
        decode(Image(target.getvalue(), "image/webp"), slot="base_color")


def test_a_huge_header_is_refused_before_anything_is_decoded() -> None:
    bomb = png(60000, 60000, 8, 2, b"\0")
    with pytest.raises(TextureTooLarge, match="60000x60000 pixels, limit 8192"):
        decode(bomb, slot="base_color")


def test_a_wrong_mime_type_is_refused_by_name() -> None:
    image = Image(saved(noise(8, 8)).data, "image/jpeg")
    with pytest.raises(WrongTextureType, match="declared image/jpeg, but the bytes are image/png"):
        decode(image, slot="base_color")


def test_a_stub_of_ktx2_is_refused_by_name() -> None:
    data = b"\xabKTX 20\xbb\r\n\x1a\n" + struct.pack("<8I", 0, 1, 8, 8, 0, 0, 1, 1)
    with pytest.raises(CorruptTexture, match="image/ktx2"):
        decode(Image(data, "image/ktx2"), slot="base_color")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_truncated_picture_is_corrupt(kind: str, share: float) -> None:
    whole = saved(noise(64, 64), kind)
    cut = Image(whole.data[: int(len(whole.data) * share)], whole.mime)
    with pytest.raises(CorruptTexture):
        decode(cut, slot="base_color")


def test_the_error_names_material_slot_and_fix() -> None:
    with pytest.raises(CorruptTexture) as caught:
        decode(Image(b"", "image/png"), slot="normal", material="rusty_steel")
    assert "material 'rusty_steel', normal texture" in str(caught.value)
    assert "Fix:" in str(caught.value)
    assert (caught.value.material, caught.value.slot) == ("rusty_steel", "normal")


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP"]),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
    length=st.integers(0, 400),
)
def test_damaged_bytes_give_pixels_or_a_texture_error(
    kind: str, changes: list[tuple[int, int]], length: int
) -> None:
    data = bytearray(saved(painted(8), kind).data)
    for position, value in changes:
        data[position % len(data)] = value
    try:
        pixels = decode(Image(bytes(data[: max(length, 1)]), MIME[kind]), slot="base_color")
    except TextureError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
