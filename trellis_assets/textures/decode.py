"""Encoded picture to pixels, with every refusal in words."""

from __future__ import annotations

import io
import zlib

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFile, UnidentifiedImageError

from trellis_assets.gltf import Image

from ._errors import (
    CorruptTexture,
    TextureTooLarge,
    UnsupportedTexture,
    WrongTextureType,
)
from ._header import Header, read_header
from ._recent import key_of, recall, remember
from ._slots import MIME, Pixels
from .ktx2 import decode_ktx2

MAX_SIDE = 8192
"""Longest side decoded, in pixels: 8192 x 8192 RGBA is 256 MiB; no engine profile asks for more."""

_PILLOW_FORMAT = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def decode(image: Image, *, slot: str, material: str = "material") -> Pixels:
    """The pixels of a texture, as glTF 2.0 (section 3.8.2) reads it.

    Colour profiles, gamma chunks and EXIF orientation are ignored, as the specification demands.
    Grey and palette pictures become RGB. Only ``base_color`` keeps an alpha channel, and only when
    one of its texels is not opaque; in the other slots alpha has no meaning and is dropped.

    Args:
        image: PNG, JPEG or WebP, or KTX2 of Basis Universal.
        slot: named in errors; decides about alpha.
        material: named in errors.

    Returns:
        (H, W, 3) or (H, W, 4) uint8, C-contiguous and read-only: the latest textures are kept.

    Raises:
        CorruptTexture: not a picture, truncated, or a broken stream.
        WrongTextureType: the bytes are another format than the MIME type says.
        UnsupportedTexture: CMYK, 16 bits per channel, animated.
        TextureTooLarge: a side above :data:`MAX_SIDE`; found in the header, nothing is decoded.
        NodeToolMissing: a KTX2 file, and its decoder is not installed.
    """
    key = key_of(image, slot)
    known = recall(key)
    return known if known is not None else remember(key, _decoded(image, slot, material))


def _decoded(image: Image, slot: str, material: str) -> Pixels:
    header = read_header(image.data)
    if header is None:
        raise CorruptTexture(
            f"{len(image.data)} bytes declared {image.mime} have no readable picture header",
            material=material,
            slot=slot,
            fix="export the texture again as PNG, JPEG or WebP",
        )
    _refuse(header, image, slot, material)
    if header.mime == MIME["ktx2"]:
        pixels = decode_ktx2(image, slot=slot, material=material, limit=MAX_SIDE)
        return _without_idle_alpha(pixels, keep_alpha=slot == "base_color")
    try:
        with Pillow.open(io.BytesIO(image.data), formats=[_PILLOW_FORMAT[header.mime]]) as picture:
            return _to_array(picture, keep_alpha=slot == "base_color")
    except (
        OSError,
        SyntaxError,  # how Pillow words a broken PNG chunk
        ValueError,
        EOFError,
        zlib.error,
        UnidentifiedImageError,
        Pillow.DecompressionBombError,
    ) as error:
        raise CorruptTexture(
            f"{header.mime} of {header.width}x{header.height} does not decode ({error})",
            material=material,
            slot=slot,
            fix="the file is damaged or truncated: export the texture again",
        ) from error


def _refuse(header: Header, image: Image, slot: str, material: str) -> None:
    if header.mime != image.mime:
        raise WrongTextureType(
            f"declared {image.mime}, but the bytes are {header.mime}",
            material=material,
            slot=slot,
            fix=f"declare mimeType {header.mime}, or store the picture as {image.mime}",
        )
    if max(header.width, header.height) > MAX_SIDE:
        raise TextureTooLarge(
            f"{header.width}x{header.height} pixels, limit {MAX_SIDE} on a side",
            material=material,
            slot=slot,
            fix=f"resize the source to {MAX_SIDE} or less",
        )
    if min(header.width, header.height) == 0:
        raise CorruptTexture(
            f"{header.width}x{header.height} pixels",
            material=material,
            slot=slot,
            fix="export the texture again",
        )
    kind = ""
    if header.mime == "image/jpeg" and header.channels == 4:
        kind, fix = "CMYK JPEG", "convert it to RGB before export"
    elif header.bits > 8:
        kind, fix = (
            f"{header.bits} bits per channel",
            "convert it to 8 bits per channel",
        )
    elif header.animated:
        kind, fix = "an animated picture", "export one frame"
    if kind:
        raise UnsupportedTexture(
            f"{kind} is not readable by engines", material=material, slot=slot, fix=fix
        )


def _to_array(picture: ImageFile.ImageFile, *, keep_alpha: bool) -> Pixels:
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    if not has_alpha:
        return np.array(picture.convert("RGB"), np.uint8)
    return _without_idle_alpha(np.array(picture.convert("RGBA"), np.uint8), keep_alpha=keep_alpha)


def _without_idle_alpha(pixels: Pixels, *, keep_alpha: bool) -> Pixels:
    if keep_alpha and pixels[..., 3].min() < 255:
        return pixels
    return np.ascontiguousarray(pixels[..., :3])
