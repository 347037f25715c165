"""A sheet that shows where a rung differs from its master: for each rung its worst view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ._canvas import Picture
from ._layout import FAINT, GAP, blank, label, panel, paste
from .compare import HOTTEST, heat_colors, heat_map

_COLUMNS = ("Master", "Rung", "Difference (FLIP)")


@dataclass(frozen=True, eq=False)
class Pair:
    """One view of a rung beside the same view of its master, (S, S, 4) both."""

    title: str
    detail: str
    master: Picture
    rung: Picture


def likeness_sheet(pairs: Sequence[Pair], *, size: int = 256) -> Picture:
    """One row per pair: master, rung, heat map; the scale of the colours below.

    Pictures are shown pixel for pixel, or reduced to `size`; small ones are enlarged by whole
    pixels, because they are what the player sees.
    """
    if not pairs:
        raise ValueError("a likeness sheet needs at least one pair")
    text, small = max(12, size // 18), max(11, size // 22)
    header, caption = text + GAP, text + small + GAP + 4
    bar = small + 2 * GAP + 12
    width = 3 * (size + GAP) + GAP
    sheet = blank(width, header + len(pairs) * (size + caption + GAP) + bar + GAP)
    for column, title in enumerate(_COLUMNS):
        place = (GAP + column * (size + GAP) + 2, GAP + text)
        label(sheet, place, title, size=text, width=size, color=FAINT)
    for row, pair in enumerate(pairs):
        top = header + GAP + row * (size + caption + GAP)
        label(sheet, (GAP + 2, top + text), pair.title, size=text, width=width)
        detail = (GAP + 2, top + text + small + 4)
        label(sheet, detail, pair.detail, size=small, width=width - 2 * GAP, color=FAINT)
        top += caption
        pictures = (pair.master, pair.rung, heat_map(pair.master, pair.rung))
        for column, picture in enumerate(pictures):
            left = GAP + column * (size + GAP)
            box = (left, top, left + size, top + size)
            panel(sheet, box)
            paste(sheet, _enlarged(picture, size), box)
    _scale(sheet, (GAP, sheet.height - bar), width - 2 * GAP, small)
    return np.asarray(sheet)


def heat_portrait(pair: Pair, *, size: int = 256) -> Picture:
    """The heat map alone, (size, size, 4), for small tiles."""
    sheet = blank(size, size)
    paste(sheet, _enlarged(heat_map(pair.master, pair.rung), size), (0, 0, size, size))
    return np.asarray(sheet)


def _enlarged(picture: Picture, size: int) -> Picture:
    times = max(1, size // picture.shape[0])
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def _scale(sheet: Image.Image, place: tuple[int, int], width: int, small: int) -> None:
    """The colours of the heat map from no difference to the largest that is told apart."""
    left, top = place
    colors = heat_colors(np.linspace(0, HOTTEST, width, dtype=np.float32)[None].repeat(12, axis=0))
    sheet.paste(Image.fromarray(colors), (left, top))
    for share, anchor in ((0.0, "ls"), (0.5, "ms"), (1.0, "rs")):
        words = {0.0: "0 same", 1.0: f"{HOTTEST:g} and more"}.get(share, f"{share * HOTTEST:g}")
        at = (left + share * width, top + 12 + small + 2)
        label(sheet, at, words, size=small, width=width, color=FAINT, anchor=anchor)
