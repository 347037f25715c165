"""Patterns that several props share: timber, worn iron, moss, and how to lay one over another."""

from __future__ import annotations

import numpy as np

from .noise import fractal, noise, stretched
from .prop import Spot, Surface
from .vectors import Floats, mix, paint, smoothstep


def level(count: int, value: float) -> Floats:
    """The same value for every point."""
    return np.full(count, value, np.float32)


def grain(board: Floats) -> Floats:
    """Timber's growth rings, -1 (early wood) to 1 (late), for boards that run along y.

    Rings are distances to the middle of a tree that grew a little crooked beside the board.
    """
    bend = noise(stretched(board, 2.0, 1.1, 2.0)) * np.float32(0.05)
    bend += noise(stretched(board, 9.0, 2.0, 9.0) + 31) * np.float32(0.012)
    ring = np.hypot(board[0] + np.float32(0.10) * board[1] + bend, board[2] + np.float32(0.12))
    phase = (ring + bend) * np.float32(26)
    saw = phase - np.floor(phase)
    late = smoothstep(0.35, 0.85, saw) * (1 - smoothstep(0.88, 1.0, saw))
    fibre = fractal(stretched(board, 95.0, 3.5, 95.0), 2)
    return late * np.float32(1.1) - np.float32(0.5) + fibre * np.float32(0.5)


def worn_iron(spot: Spot, rust: float, tone: str = "#504d4b") -> Surface:
    """Forged iron: dark scale, bright edges, rust (share 0..1) that starts in the crevices."""
    p = spot.point
    blotch = fractal(p * np.float32(5.0) + 3, 4)
    fine = fractal(p * np.float32(34.0), 3)
    count = blotch.size
    color = mix(paint(tone) * np.float32(0.75), paint(tone) * np.float32(1.5), blotch * 0.5 + 0.5)
    worn = smoothstep(0.25, 0.75, spot.edge + fine * np.float32(0.18))
    color = mix(color, paint("#a9a7a3"), worn * np.float32(0.75))
    amount = blotch * 0.8 + spot.cavity * np.float32(0.7) + fine * np.float32(0.45)
    rusty = smoothstep(1.15 - 1.5 * rust, 1.75 - 1.5 * rust, amount) * (1 - worn * 0.6)
    reds = mix(paint("#4a2a1a"), paint("#94532e"), np.clip(fine * 0.6 + 0.5, 0, 1))
    return Surface(
        mix(color, reds, rusty),
        np.clip(mix(level(count, 0.50), level(count, 0.85), rusty) + fine * 0.08, 0.2, 1),
        level(count, 0.72) * (1 - rusty * np.float32(0.9)),
    )


def hammered(p: Floats) -> Floats:
    """The relief of forged iron: shallow dents and a fine scale."""
    dents = noise(p * np.float32(13.0)) * np.float32(0.0045)
    return dents + fractal(p * np.float32(48.0), 2) * np.float32(0.0013)


def moss_color(p: Floats) -> Floats:
    """Tufts from deep green to yellow-green."""
    broad = fractal(p * np.float32(6.0) + 17, 3)
    tip = moss_relief(p) * np.float32(90)  # about -1 in the pits, 1 on the tips
    green = mix(paint("#3a4d1f"), paint("#66792c"), np.clip(broad * 0.5 + 0.5, 0, 1))
    green = mix(green * np.float32(0.60), green * np.float32(1.25), smoothstep(-0.9, 0.7, tip))
    return mix(green, paint("#9aa64e"), smoothstep(0.25, 1.1, tip) * np.float32(0.6))


def moss_relief(p: Floats) -> Floats:
    """The relief of moss: soft tufts."""
    return fractal(p * np.float32(38.0), 3, 0.7) * np.float32(0.011)


def over(base: Surface, top: Surface, share: Floats) -> Surface:
    """One surface laid over another, 0 shows the base, 1 the top."""
    return Surface(
        mix(base.color, top.color, share),
        mix(base.roughness, top.roughness, share),
        mix(base.metallic, top.metallic, share),
        base.glow,
    )


def polar(p: Floats) -> tuple[Floats, Floats]:
    """The angle about y (0 at +z, growing to the right) and the way from the axis."""
    return np.arctan2(p[0], p[2]), np.hypot(p[0], p[2])
