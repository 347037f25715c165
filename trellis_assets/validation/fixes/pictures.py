"""Pictures of a draft written anew without loss, in the format they had."""

from __future__ import annotations

from io import BytesIO

from PIL import Image as Pillow

from trellis_assets.textures import Pixels

LOSSLESS = {"image/png": "PNG", "image/webp": "WEBP"}
"""Formats that can be; a JPEG would lose a second time."""


def lossless(pixels: Pixels, mime: str) -> bytes:
    """PNG or WebP bytes of (H, W, 3 or 4) pixels, colour under alpha 0 included."""
    options = {"optimize": False} if mime == "image/png" else {"lossless": True, "exact": True}
    buffer = BytesIO()
    Pillow.fromarray(pixels).save(buffer, LOSSLESS[mime], **options)
    return buffer.getvalue()
