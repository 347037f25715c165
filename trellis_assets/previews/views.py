"""The directions from which models are judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class View:
    """Where the camera stands, seen from the model; degrees."""

    azimuth: float
    """0 looks at the front (+Z), 90 at the +X side."""
    elevation: float
    """Above the horizon."""

    def __str__(self) -> str:
        return f"azimuth {self.azimuth:.0f}, elevation {self.elevation:.0f}"


def _twelve() -> tuple[View, ...]:
    golden = (1 + 5**0.5) / 2
    level, steep, side = [], [], []
    for a in (1.0, -1.0):
        for b in (golden, -golden):
            level.append((b, 0.0, a))
            steep.append((a, b, 0.0))
            side.append((0.0, a, b))
    return tuple(
        View(
            round(float(np.degrees(np.arctan2(x, z))), 2),
            round(float(np.degrees(np.arcsin(y / np.sqrt(1 + golden**2)))), 2),
        )
        for x, y, z in side + level + steep
    )


ALL_AROUND = _twelve()
"""Twelve: the corners of an icosahedron, none more than 37.4 degrees from any direction."""

SIX_SIDES = {
    "front": View(0, 0),
    "right": View(90, 0),
    "back": View(180, 0),
    "left": View(270, 0),
    "top": View(0, 90),
    "bottom": View(0, -90),
}
"""Along the axes; right is the model's +X side."""
