"""Drawing on sheets: the palette, labels, fitting a picture into a box."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ._errors import PreviewError

Picture = NDArray[np.uint8]
Color = tuple[int, int, int, int]

PAPER: Color = (30, 32, 37, 255)
"""A neutral, slightly cool dark grey: calm beside a white page as beside a black one."""
PANEL: Color = (41, 44, 50, 255)
INK: Color = (232, 234, 238, 255)
FAINT: Color = (150, 156, 167, 255)
CHECK_LIGHT, CHECK_DARK = (92, 95, 102, 255), (74, 77, 84, 255)
GAP = 10


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The scalable font that Pillow brings along: the same on every machine."""
    loaded = ImageFont.load_default(size)
    if not isinstance(loaded, ImageFont.FreeTypeFont):
        raise PreviewError("Pillow was built without FreeType", fix="install a binary wheel of it")
    return loaded


def printable(text: str) -> str:
    """One line that the font can draw: control characters and line breaks become spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def shortened(text: str, size: int, width: float) -> str:
    """The text, or as much of it as is at most `width` pixels wide, with an ellipsis."""
    text = printable(text)[:400]
    if font(size).getlength(text) <= width:
        return text
    while text and font(size).getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def blank(width: int, height: int, color: Color = PAPER) -> Image.Image:
    """An empty sheet."""
    return Image.new("RGBA", (width, height), color)


def panel(sheet: Image.Image, box: tuple[int, int, int, int]) -> None:
    """A rounded tile to stand a picture on."""
    ImageDraw.Draw(sheet).rounded_rectangle(
        (box[0], box[1], box[2] - 1, box[3] - 1), radius=6, fill=PANEL
    )


def label(
    sheet: Image.Image,
    position: tuple[float, float],
    text: str,
    *,
    size: int,
    width: float,
    color: Color = INK,
    anchor: str = "ls",
) -> None:
    """One line of text at a baseline position, cut to `width` pixels."""
    ImageDraw.Draw(sheet).text(
        position, shortened(text, size, width), font=font(size), fill=color, anchor=anchor
    )


def paste(
    sheet: Image.Image, picture: Picture, box: tuple[int, int, int, int], *, enlarge: bool = False
) -> None:
    """Lay a picture into a box, as large as fits, centred, transparency respected."""
    left, top, right, bottom = box
    image = Image.fromarray(picture)
    if image.mode != "RGBA":
        image = image.convert("RGBA")
    scale = min((right - left) / image.width, (bottom - top) / image.height)
    if scale < 1 or (enlarge and scale > 1):
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        how = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.NEAREST
        image = image.resize(size, how)
    x = left + (right - left - image.width) // 2
    y = top + (bottom - top - image.height) // 2
    sheet.alpha_composite(image, (x, y))


def reduced(picture: Picture, size: int) -> Picture:
    """A square picture (H, H, 4) at `size` pixels, by exact area; colour is weighted by alpha."""
    image = Image.fromarray(picture).convert("RGBa")
    small = image.resize((size, size), Image.Resampling.BOX)
    return np.asarray(small.convert("RGBA"), np.uint8)


def checkerboard(sheet: Image.Image, box: tuple[int, int, int, int], cell: int = 8) -> None:
    """What transparent texels of a texture stand on."""
    left, top, right, bottom = box
    y, x = np.mgrid[0 : bottom - top, 0 : right - left] // cell
    tiles = np.where(((x + y) % 2)[..., None] == 0, CHECK_LIGHT, CHECK_DARK).astype(np.uint8)
    sheet.paste(Image.fromarray(tiles), (left, top))
