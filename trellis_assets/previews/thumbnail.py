"""Pictures as bytes, and small enough to travel inside Dagster's metadata."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ._errors import PictureTooLarge

Picture = NDArray[np.uint8]

QUALITIES = (86, 78, 68, 56, 44)
SHRINK = 0.8
SMALLEST_SIDE = 48


def encode_png(picture: Picture) -> bytes:
    """Lossless PNG; the same bytes for the same picture."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG", compress_level=6)
    return stream.getvalue()


def encode_webp(picture: Picture, *, quality: int = 86) -> bytes:
    """Lossy WebP with transparency; the same bytes for the same picture."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "WEBP", quality=quality, method=4)
    return stream.getvalue()


def thumbnail_data_uri(picture: Picture, *, max_bytes: int = 20_000, max_side: int = 512) -> str:
    """The picture as a WebP ``data:`` URI of at most `max_bytes` characters.

    Loses quality first, size second: the best that fits. Raises PictureTooLarge when not even
    48 pixels fit.
    """
    image = Image.fromarray(picture)
    side = min(max_side, max(image.size))
    while True:
        small = image.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in QUALITIES:
            data = encode_webp(np.asarray(small), quality=quality)
            uri = "data:image/webp;base64," + base64.b64encode(data).decode("ascii")
            if len(uri) <= max_bytes:
                return uri
        if side <= SMALLEST_SIDE:
            raise PictureTooLarge(
                f"the thumbnail takes {len(uri)} characters at {side} pixels, the limit is "
                f"{max_bytes}",
                fix="allow more bytes",
            )
        side = max(SMALLEST_SIDE, int(side * SHRINK))
