"""Texture pixels: decode, sample at UVs, encode. RGB order, rows from the top, as UVs count."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Image
from trellis_assets.textures import encode
from trellis_assets.textures._header import read_header
from trellis_assets.textures._recent import key_of, recall, remember

from ._errors import GeometryError

_MAX_SIDE = 8192  # what trellis_assets.textures decodes too
_ROW = 8192  # points per row handed to cv2.remap, whose sides must stay below 32768
_LUT_SIZE = 8192
UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]


class UnreadableTexture(GeometryError):
    """A texture that is no PNG, JPEG or WebP picture."""


def decode(image: Image) -> UInt8:
    """(H, W, 3) or (H, W, 4) uint8 in RGB(A) order, read-only; grey pictures are widened.

    The latest are kept: every rung and every variant reads LOD0's textures again.

    Raises:
        UnreadableTexture: KTX2, a damaged file, or a side above 8192.
    """
    key = sha256(image.data).digest(), image.mime, "as stored"
    known = recall(key)
    return remember(key, _decoded(image)) if known is None else known


def _decoded(image: Image) -> UInt8:
    if image.mime == "image/ktx2":
        raise UnreadableTexture(
            f"texture {image.name!r} is KTX2, which cannot be baked from",
            fix="give the model with PNG, JPEG or WebP textures",
        )
    header = read_header(image.data)
    fits = header is not None and max(header.width, header.height) <= _MAX_SIDE
    raw = np.frombuffer(image.data, np.uint8)
    pixels = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED) if fits else None
    if pixels is None:
        raise UnreadableTexture(
            f"texture {image.name!r} ({len(image.data)} bytes, {image.mime}) cannot be decoded",
            fix="export the model again with PNG, JPEG or WebP textures",
        )
    if pixels.dtype == np.uint16:
        pixels = np.right_shift(pixels.astype(np.uint16), 8).astype(np.uint8)
    if pixels.ndim == 2:
        return np.ascontiguousarray(np.repeat(pixels[:, :, None], 3, axis=2))
    if pixels.shape[2] == 4:
        return np.ascontiguousarray(pixels[:, :, (2, 1, 0, 3)])
    return np.ascontiguousarray(pixels[:, :, ::-1])


def encode_png(pixels: UInt8, slot: str) -> Image:
    """A PNG of (H, W, 3) or (H, W, 4) pixels, as texture sets write it, named after its slot.

    The pixels are kept for whoever decodes the picture next, and read-only.
    """
    image = encode(pixels, slot=slot, format="png", name=slot)
    if pixels.shape[2] == 3:  # lossless, so this is what a texture set will decode
        remember(key_of(image, slot), pixels)
    return image


def sample(pixels: NDArray[Any], uvs: Float32) -> NDArray[Any]:
    """(N, C) bilinear samples at (N, 2) UVs; the texture repeats. Keeps the type of the pixels."""
    height, width = pixels.shape[:2]
    count = len(uvs)
    padded = -(-max(count, 1) // _ROW) * _ROW
    columns, rows = np.zeros(padded, np.float32), np.zeros(padded, np.float32)
    columns[:count] = (uvs[:, 0] - np.floor(uvs[:, 0])) * width - 0.5
    rows[:count] = (uvs[:, 1] - np.floor(uvs[:, 1])) * height - 0.5
    found = cv2.remap(
        pixels,
        columns.reshape(-1, _ROW),
        rows.reshape(-1, _ROW),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    return found.reshape(padded, -1)[:count]


def linear(pixels: UInt8) -> Float32:
    """SRGB bytes to linear light 0..1 (IEC 61966-2-1)."""
    found = cv2.LUT(np.ascontiguousarray(pixels), _decoding_table())
    return np.asarray(found, np.float32).reshape(pixels.shape)


def srgb(light: Float32) -> UInt8:
    """Linear light 0..1 to sRGB bytes."""
    index = np.clip(light * (_LUT_SIZE - 1) + 0.5, 0, _LUT_SIZE - 1).astype(np.uint16)
    code: UInt8 = _encoding_table()[index]
    return code


@cache
def _decoding_table() -> Float32:
    code = np.arange(256) / 255.0
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


@cache
def _encoding_table() -> UInt8:
    light = np.arange(_LUT_SIZE) / (_LUT_SIZE - 1)
    code = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(code * 255.0).astype(np.uint8)
