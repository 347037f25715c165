"""Pictures as bytes, and small enough to travel inside Dagster's metadata."""

from __future__ import annotations

import base64
import io
from bisect import bisect_left

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ._errors import PictureTooLarge
from ._layout import PANEL, printable
from .compare import ssim

Picture = NDArray[np.uint8]

QUALITIES = (86, 78, 68, 56, 44)
SHRINK = 0.8
SMALLEST_SIDE = 48

GLANCE_LIMIT = 980
"""Characters; Dagster's UI shows markdown in a table only below 1,000."""
GLANCE_SIDES = (96, 88, 80, 72, 64, 56, 48, 40, 32)
GLANCE_QUALITIES = tuple(range(1, 92, 3))
ALT_LIMIT = 60
HEAD = "data:image/webp;base64,"


def encode_png(picture: Picture) -> bytes:
    """Lossless PNG, without alpha where all is opaque; the same bytes for the same picture."""
    opaque = picture.shape[2] == 3 or picture[..., 3].min() == 255
    code = cv2.COLOR_RGBA2BGRA if not opaque else cv2.COLOR_RGB2BGR
    if opaque and picture.shape[2] == 4:
        code = cv2.COLOR_RGBA2BGR
    # Sheets of renders: level 2 is three times as fast as 6, and no larger.
    options = [cv2.IMWRITE_PNG_COMPRESSION, 2]
    options += [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT]
    return cv2.imencode(".png", cv2.cvtColor(picture, code), options)[1].tobytes()


def encode_webp(picture: Picture, *, quality: int = 86, method: int = 4) -> bytes:
    """Lossy WebP with transparency; the same bytes for the same picture."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "WEBP", quality=quality, method=method)
    return stream.getvalue()


def thumbnail_data_uri(picture: Picture, *, max_bytes: int = 20_000, max_side: int = 512) -> str:
    """The picture as a WebP ``data:`` URI of at most `max_bytes` characters.

    Loses quality first, size second: the best that fits. Raises PictureTooLarge when not even
    48 pixels fit.
    """
    image = Image.fromarray(picture)
    side = min(max_side, max(image.size))
    while True:
        small = _shrunk(image, side)
        uris: dict[int, str] = {}

        def fits(index: int, small: Picture = small, uris: dict[int, str] = uris) -> bool:
            uris[index] = _data_uri(encode_webp(small, quality=QUALITIES[index]))
            return len(uris[index]) <= max_bytes

        best = bisect_left(range(len(QUALITIES)), True, key=fits)  # lower qualities are smaller
        if best < len(QUALITIES):
            return uris[best]
        if side <= SMALLEST_SIDE:
            raise PictureTooLarge(
                f"the thumbnail takes {len(uris[max(uris)])} characters at {side} pixels, the "
                f"limit is {max_bytes}",
                fix="allow more bytes",
            )
        side = max(SMALLEST_SIDE, int(side * SHRINK))


def glance_markdown(picture: Picture, *, alt: str) -> str:
    """A tiny picture as markdown, at most 980 characters in all, for a cell of Dagster's tables.

    Empty margins are cut off and transparency is laid over the sheets' grey. Of all sizes, each at
    the best quality that fits, the one is taken that looks most like the original when both are
    shown at 96 pixels (SSIM): a smooth thing stays large, a busy one becomes small but clean.

    Args:
        picture: (H, W, 3 or 4); one view reads better than a sheet.
        alt: what it shows; brackets and line breaks are taken out, 60 characters are kept.

    Raises PictureTooLarge when not even 32 pixels fit.
    """
    label = "".join(" " if c in "[]()\\`<>!" else c for c in printable(alt))
    before = f"![{' '.join(label.split())[:ALT_LIMIT]}]("
    room = GLANCE_LIMIT - len(before) - 1
    image = Image.fromarray(_trimmed(picture))
    shown = _shrunk(image, GLANCE_SIDES[0])
    best, likeness, lowest = "", -1.0, 0
    for side in sorted({min(side, max(image.size)) for side in GLANCE_SIDES}, reverse=True):
        small = _shrunk(image, side)
        lowest, data = _largest(small, room, lowest)
        if not data:
            continue
        alike = ssim(_opaque(shown), _opaque(_enlarged(data, shown)))
        if alike > likeness:
            best, likeness = _data_uri(data), alike
    if not best:
        raise PictureTooLarge(
            f"no glance of {GLANCE_SIDES[-1]} pixels fits into {room} characters",
            fix="show one view of the model instead of a sheet",
        )
    return f"{before}{best})"


def _largest(small: Picture, room: int, lowest: int) -> tuple[int, bytes]:
    """Number of the best quality whose URI has at most `room` characters, and the file; empty if
    there is none. The search starts at `lowest`, the best of a larger picture.
    """
    made: dict[int, bytes] = {}

    def too_long(index: int) -> bool:
        made[index] = encode_webp(small, quality=GLANCE_QUALITIES[index], method=6)
        return len(_data_uri(made[index])) > room

    end = bisect_left(range(len(GLANCE_QUALITIES)), True, lo=lowest, key=too_long)
    return max(end - 1, 0), made.get(end - 1, b"")


def _trimmed(picture: Picture) -> Picture:
    """Opaque (H, W, 3), without a margin that has the colour of the upper left corner."""
    image = Image.fromarray(picture).convert("RGBA")
    flat = np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, PANEL), image))[..., :3]
    drawn = (np.abs(flat.astype(np.int16) - flat[0, 0]) > 8).any(axis=2)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if not len(rows):
        return np.ascontiguousarray(flat)
    return np.ascontiguousarray(flat[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _shrunk(image: Image.Image, side: int) -> Picture:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(small)


def _enlarged(data: bytes, shown: Picture) -> Picture:
    with Image.open(io.BytesIO(data)) as small:
        size = (shown.shape[1], shown.shape[0])
        return np.asarray(small.convert("RGB").resize(size, Image.Resampling.BICUBIC))


def _opaque(picture: Picture) -> Picture:
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def _data_uri(data: bytes) -> str:
    return HEAD + base64.b64encode(data).decode("ascii")
