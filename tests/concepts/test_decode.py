"""Formats, orientation, limits and damage."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from trellis_assets.concepts import (
    ConceptError,
    ImageTooLarge,
    ImageTooSmall,
    ImageUndecodable,
    prepare,
)
from trellis_assets.concepts.decode import decode


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises ``width`` x ``height`` pixels and holds hardly any."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF", "GIF"])
def test_every_format_with_alpha_gives_the_same_cut_out(
    vase: np.ndarray, encode: Callable[..., bytes], file_format: str
) -> None:
    options = {"lossless": True} if file_format == "WEBP" else {}
    prepared = prepare(encode(vase, file_format, **options))
    assert prepared.source_format == file_format
    assert prepared.matte == "alpha"
    reference = np.asarray(Image.open(io.BytesIO(prepare(encode(vase)).png)))[:, :, 3] > 127
    found = np.asarray(Image.open(io.BytesIO(prepared.png)))[:, :, 3] > 127
    if found.shape == reference.shape:
        assert (found == reference).mean() > 0.995


def test_exif_rotation_is_applied(encode: Callable[..., bytes]) -> None:
    pixels = np.zeros((200, 300, 3), np.uint8)
    pixels[:, :50] = (255, 0, 0)
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate 90 degrees clockwise to display
    decoded = decode(encode(pixels, "JPEG", exif=exif, quality=95), max_side=512)
    assert decoded.pixels.shape[:2] == (300, 200)
    assert decoded.pixels[10, 100, 0] > 200  # the red edge is on top now


def test_sixteen_bit_grey_is_scaled_not_clipped(encode: Callable[..., bytes]) -> None:
    ramp = np.linspace(0, 65535, 300).astype(np.uint16)[None, :].repeat(300, axis=0)
    pixels = decode(encode(ramp), max_side=512).pixels
    assert pixels[0, 150, 0] == pytest.approx(128, abs=2)


def test_cmyk_jpeg_decodes(encode: Callable[..., bytes]) -> None:
    buffer = io.BytesIO()
    Image.new("CMYK", (300, 300), (0, 255, 255, 0)).save(buffer, "JPEG")
    red = decode(buffer.getvalue(), max_side=512).pixels[150, 150]
    assert red[0] > 180
    assert red[1] < 80


def test_only_the_first_frame_counts_and_says_so() -> None:
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    decoded = decode(buffer.getvalue(), max_side=512)
    assert decoded.pixels[0, 0, 0] > 200
    assert [finding.code for finding in decoded.findings] == ["animation_first_frame"]


def test_broken_colour_profile_is_a_finding(vase: np.ndarray, encode: Callable[..., bytes]) -> None:
    decoded = decode(encode(vase, icc_profile=b"not a profile"), max_side=512)
    assert "colour_profile_ignored" in [finding.code for finding in decoded.findings]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", ImageUndecodable),
        (b"hello, I am a text file" * 50, ImageUndecodable),
        (png_header(1000, 1000), ImageUndecodable),
        (png_header(10_000, 10_000), ImageTooLarge),
        (png_header(60_000, 60_000), ImageTooLarge),
        (png_header(9, 1), ImageTooSmall),
        (b"\0" * (64 * 1024 * 1024 + 1), ImageTooLarge),
    ],
    ids=["empty", "text", "truncated", "100-megapixels", "bomb", "tiny", "huge-file"],
)
def test_bad_files_are_refused_with_code_and_fix(data: bytes, error: type[ConceptError]) -> None:
    with pytest.raises(error) as caught:
        prepare(data)
    assert caught.value.fix
    assert caught.value.code == error.code


def test_truncated_jpeg_is_refused(vase: np.ndarray, encode: Callable[..., bytes]) -> None:
    whole = encode(vase[:, :, :3].copy(), "JPEG")
    with pytest.raises(ImageUndecodable):
        prepare(whole[: len(whole) // 2])
