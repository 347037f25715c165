"""A fern in a clay pot: arching fronds of thin leaflets, much air between them."""

from __future__ import annotations

import numpy as np

from ..noise import fractal, noise, random_of
from ..prop import Material, Prop, Spot, Surface
from ..sdf import at, blend, disc, join, plate, ring
from ..textures import level, moss_color, moss_relief, polar
from ..vectors import Floats, mix, paint, smoothstep, stack

_SOIL = -0.30
# Tiers of fronds: how many, the first one's angle, length, rise and fall of the arch, width.
_TIERS = (
    (8, 0.20, 1.16, 1.10, 1.02, 0.215),
    (7, 0.62, 0.94, 1.72, 1.22, 0.200),
    (6, 0.05, 0.62, 2.70, 1.60, 0.165),
)
_LEAFLETS = 13.0  # to a unit of length
_SLANT = 0.9


def _frond(p: Floats, tier: int) -> tuple[Floats, Floats, Floats, Floats]:
    """In the nearest frond's frame: the way along it as a share, aside, above it, its number."""
    count, phase, length, rise, fall, _ = _TIERS[tier]
    sector = np.float32(2 * np.pi / count)
    angle, away = polar(p)
    number = np.round((angle - np.float32(phase)) / sector)
    key = np.mod(number, count) + tier * 16
    own = np.float32(0.82) + np.float32(0.30) * random_of(key, 1)
    swing = (random_of(key, 2) - np.float32(0.5)) * np.float32(0.30)
    local = angle - np.float32(phase) - sector * number - swing
    aside = away * np.sin(local) / own
    along = away * np.cos(local) / own
    droop = np.float32(0.85) + np.float32(0.35) * random_of(key, 3)
    arch = rise * along - fall * droop * along * along
    slope = np.sqrt(1 + np.square(rise - 2 * fall * droop * along))
    above = (p[1] - np.float32(_SOIL) - arch * own) / slope
    # The leaflets hang a little on both sides of the rib.
    above = above + np.abs(aside) * np.float32(0.35)
    return along / np.float32(length), aside, above, key


def _leaf(p: Floats, tier: int) -> Floats:
    share, aside, above, _ = _frond(p, tier)
    _, _, length, _, _, width = _TIERS[tier]
    across = np.abs(aside)
    along = share * np.float32(length)
    place = (along - _SLANT * across) * np.float32(_LEAFLETS) + np.sign(aside) * np.float32(0.25)
    inside = np.abs(place - np.floor(place) - np.float32(0.5))
    reach = np.float32(width) * np.sqrt(np.clip(share * 3.2, 0, 1)) * np.clip(1.12 - share, 0, 1)
    tip = np.clip(across / np.maximum(reach, np.float32(0.02)), 0, 1)
    narrow = (inside - np.float32(0.43) * np.sqrt(1 - np.float32(0.92) * tip)) / np.float32(
        _LEAFLETS * 1.3
    )
    blade = np.maximum(narrow, across - reach)
    rib = across - np.float32(0.013)
    flat = np.maximum(np.minimum(blade, rib), np.maximum(share - 1, 0.02 - share) * length)
    thick = np.abs(above) - np.where(across < 0.013, np.float32(0.014), np.float32(0.0075))
    return np.maximum(flat, thick)


def _leaves(p: Floats) -> Floats:
    return join([_leaf(p, tier) for tier in range(len(_TIERS))])


def _pot(p: Floats) -> Floats:
    y = p[1]
    radius = np.hypot(p[0], p[2])
    wall = radius - (np.float32(0.40) + np.float32(0.16) * (y + np.float32(0.95)))
    body = np.maximum(wall * np.float32(0.98), np.abs(y + np.float32(0.65)) - np.float32(0.31))
    rim = disc(at(p, (0, -0.34, 0)), 0.555, 0.095, 0.035)
    pot = blend(body, rim, 0.03)
    well = np.maximum(radius - np.float32(0.475), np.float32(_SOIL - 0.05) - y)
    saucer = blend(disc(at(p, (0, -0.975, 0)), 0.52, 0.035, 0.02),
                   ring(at(p, (0, -0.945, 0)), 0.535, 0.030), 0.03)  # fmt: skip
    band = ring(at(p, (0, -0.60, 0)), 0.455, 0.014)
    return np.minimum(blend(np.maximum(pot, -well), band, 0.02), saucer)


def _soil(p: Floats) -> Floats:
    lumps = noise(p * np.float32(14)) * np.float32(0.02)
    return plate(
        np.hypot(p[0], p[2]) - np.float32(0.48), p[1] - np.float32(_SOIL - 0.04) - lumps, 0.04
    )


def _leaf_surface(spot: Spot) -> Surface:
    p = spot.point
    count = p.shape[1]
    nearest = np.full(count, 9, np.float32)
    share, aside, key = (np.zeros(count, np.float32) for _ in range(3))
    for tier in range(len(_TIERS)):
        along, across, _, number = _frond(p, tier)
        d = np.abs(_leaf(p, tier))
        closer = d < nearest
        nearest = np.minimum(nearest, d)
        share, aside = np.where(closer, along, share), np.where(closer, across, aside)
        key = np.where(closer, number, key)
    young = np.clip(share * 0.7 + fractal(p * np.float32(5), 3) * 0.35, 0, 1)
    color = mix(paint("#2e5a1c"), paint("#7fae35"), young)
    color = color * (np.float32(0.72) + np.float32(0.5) * random_of(key, 5))
    old = smoothstep(0.72, 1.0, share + (random_of(key, 6) - 0.6) * 0.5)
    color = mix(color, paint("#b39a3c"), old * np.float32(0.6))
    rib = smoothstep(0.018, 0.010, np.abs(aside))
    color = mix(color, paint("#a3b35a"), rib * np.float32(0.6))
    # Light that falls through a leaf from behind.
    through = color * (np.float32(0.05) + np.float32(0.10) * np.clip(-spot.normal[1], 0, 1))
    return Surface(color, level(count, 0.5), level(count, 0.0), through)


def _pot_surface(spot: Spot) -> Surface:
    p = spot.point
    angle, _ = polar(p)
    fine, broad = fractal(p * np.float32(28), 3), fractal(p * np.float32(4) + 11, 4)
    color = mix(paint("#9c4a28"), paint("#d07a46"), np.clip(broad * 0.5 + fine * 0.2 + 0.5, 0, 1))
    lime = smoothstep(0.15, 0.85, fractal(stack(p[0] * 3, p[1] * 9, p[2] * 3) + 40, 4) - p[1] * 0.3)
    color = mix(color, paint("#dccbb4"), lime * np.float32(0.40))
    # A line of chevrons pressed into the clay and painted white.
    zigzag = np.abs(np.mod(angle * np.float32(20 / (2 * np.pi)), 1) - 0.5) * np.float32(0.16)
    line = smoothstep(0.016, 0.008, np.abs(p[1] + np.float32(0.735) - zigzag))
    worn = smoothstep(-0.5, 0.1, fractal(p * np.float32(18) + 7, 3))
    color = mix(color, paint("#eadfc8"), line * worn * np.float32(0.85))
    color = mix(color, paint("#43261a"), smoothstep(0.3, 0.95, spot.cavity) * np.float32(0.7))
    green = smoothstep(0.25, 0.8, fractal(p * np.float32(6) + 71, 4) - (p[1] + 0.75) * 1.6)
    clay = mix(color, moss_color(p), green * np.float32(0.75))
    return Surface(clay, np.clip(0.78 + 0.1 * fine, 0, 1), level(fine.size, 0.0))


def _soil_surface(spot: Spot) -> Surface:
    earth = fractal(spot.point * np.float32(24), 4)
    color = mix(paint("#2a1b11"), paint("#6b4c30"), np.clip(earth * 0.5 + 0.5, 0, 1))
    return Surface(color, level(earth.size, 0.95), level(earth.size, 0.0))


POTTED_FERN = Prop(
    parts=lambda p: [_leaves(p), _pot(p), _soil(p)],
    materials=(
        Material(_leaf_surface),
        Material(_pot_surface, lambda p: fractal(p * np.float32(26), 3) * np.float32(0.0025)),
        Material(_soil_surface, moss_relief),
    ),
    elevation=12.0,
    caution=0.5,
)
