"""The sheet of one finding: what was found, and below it where."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ._canvas import Picture
from ._layout import FAINT, GAP, INK, blank, font, label, panel, paste, printable
from .marked_model import Panel

_COLORS = {
    "error": (255, 99, 88, 255),
    "warning": (255, 196, 92, 255),
    "info": (126, 190, 255, 255),
}


def finding_sheet(
    rule: str, severity: str, message: str, panels: Sequence[Panel], *, size: int
) -> Picture:
    """Panels of ``size`` pixels side by side under the words, (H, W, 4).

    The message is cut after two lines; the report has all of it.
    """
    text, small = max(13, size // 24), max(11, size // 30)
    width = len(panels) * (size + GAP) + GAP
    said = _wrapped(message, small, width - 2 * GAP - 4)
    step = small + 5
    header = GAP + text + 6 + len(said) * step
    sheet = blank(width, header + GAP // 2 + size + small + 2 * GAP)
    color = _COLORS.get(severity, INK)
    label(sheet, (GAP + 2, GAP + text), rule, size=text, width=width - 2 * GAP, color=color)
    for number, line in enumerate(said):
        place = (GAP + 2, GAP + text + 6 + (number + 1) * step - 4)
        label(sheet, place, line, size=small, width=width - 2 * GAP)
    top = header + GAP // 2
    for column, each in enumerate(panels):
        left = GAP + column * (size + GAP)
        box = (left, top, left + size, top + size)
        panel(sheet, box)
        paste(sheet, each.picture, box)
        below = (left + size / 2, top + size + small + 3)
        label(sheet, below, each.title, size=small, width=size, color=FAINT, anchor="ms")
    return np.asarray(sheet)


def _wrapped(message: str, size: int, width: float) -> list[str]:
    """The message in at most two lines; the second may still be too long."""
    words = printable(message)[:400].split(" ")
    first = ""
    for number, word in enumerate(words):
        longer = f"{first} {word}".strip()
        if first and font(size).getlength(longer) > width:
            return [first, " ".join(words[number:])]
        first = longer
    return [first]
