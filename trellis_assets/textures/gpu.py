"""What a texture costs in graphics memory."""

from __future__ import annotations

RGBA8 = 4
"""Bytes per texel of a PNG, JPEG or WebP once uploaded: three channels are padded to four."""


def gpu_bytes(width: int, height: int, *, bytes_per_texel: float = RGBA8) -> int:
    """Bytes of the full mip chain down to 1 x 1, as glTF-Transform's ``inspect`` counts them.

    Engines that recompress at import (BC7, ASTC 4x4: 1 byte per texel) need a quarter.
    """
    texels = 0
    while True:
        texels += width * height
        if width == height == 1:
            return round(texels * bytes_per_texel)
        width, height = max(width // 2, 1), max(height // 2, 1)
