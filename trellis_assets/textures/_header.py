"""What the first bytes of a picture promise, read without decoding it.

Sources: PNG (ISO/IEC 15948, section 11.2.2 IHDR), JPEG (ITU-T T.81, annex B.2.2 frame header),
WebP (RFC 9649, sections 2.5 to 2.7), KTX 2.0 (section 3.1).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .gpu import RGBA8

# Colour models of the Khronos Data Format (1.3, section 5.6) and their bytes per texel once
# transcoded: UASTC becomes BC7 or ASTC 4x4 (16 bytes per block of 4 x 4 texels), opaque ETC1S
# becomes ETC1 or BC1 (8 bytes), with alpha BC3 or ETC2 RGBA (16): Khronos KTX Developer Guide.
_ETC1S, _UASTC = 163, 166
_BLOCKS, _SMALL_BLOCKS = 1.0, 0.5

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_STANDALONE = frozenset(range(0xD0, 0xD8)) | {0x01}


@dataclass(frozen=True)
class Header:
    """Format and extent as the file declares them; nothing is checked against the payload."""

    mime: str
    width: int
    height: int
    channels: int
    bits: int
    animated: bool = False
    texel_bytes: float = RGBA8
    """What a texel takes on the GPU."""


def read_header(data: bytes) -> Header | None:
    """The header of a PNG, JPEG, WebP or KTX2 file; None for anything else or a stub of one."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(data)
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data.startswith(b"\xabKTX 20\xbb\r\n\x1a\n"):
            return _ktx2(data)
    except (struct.error, IndexError):
        return None
    return None


def _ktx2(data: bytes) -> Header:
    """Alpha is told by the data format descriptor: ETC1S has a second sample, UASTC channel 3."""
    width, height = struct.unpack_from("<II", data, 20)
    (descriptor,) = struct.unpack_from("<I", data, 48)
    (size,) = struct.unpack_from("<H", data, descriptor + 10)
    two_samples = size >= 24 + 2 * 16
    alpha = two_samples or data[descriptor + 31] & 0x0F == 3
    etc1s = _BLOCKS if alpha else _SMALL_BLOCKS
    texel = {_ETC1S: etc1s, _UASTC: _BLOCKS}.get(data[descriptor + 12], RGBA8)
    return Header("image/ktx2", width, height, 4 if alpha else 3, 8, texel_bytes=texel)


def _png(data: bytes) -> Header | None:
    if data[12:16] != b"IHDR":
        return None
    width, height, bits, color = struct.unpack_from(">IIBB", data, 16)
    channels = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}.get(color)
    if channels is None:
        return None
    first_idat = data.find(b"IDAT", 16)
    animated = b"acTL" in data[16 : first_idat if first_idat > 0 else 16]
    return Header("image/png", width, height, channels, bits, animated)


def _jpeg(data: bytes) -> Header | None:
    """Walks the marker segments; each step moves on by at least two bytes, so it ends."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker in _JPEG_STANDALONE:
            at += 2
        elif marker in _JPEG_FRAMES:
            bits, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
            return Header("image/jpeg", width, height, channels, bits)
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


def _webp(data: bytes) -> Header | None:
    chunk = data[12:16]
    if chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("image/webp", width & 0x3FFF, height & 0x3FFF, 3, 8)
    if chunk == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        return Header("image/webp", width, height, 4 if packed >> 28 & 1 else 3, 8)
    if chunk == b"VP8X":
        flags = data[20]
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        channels = 4 if flags & 0x10 else 3
        return Header("image/webp", width, height, channels, 8, bool(flags & 0x02))
    return None
