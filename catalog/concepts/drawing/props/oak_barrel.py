"""A coopered barrel: oak staves, a sunk head, six riveted iron hoops, a bung."""

from __future__ import annotations

import numpy as np

from ..noise import fractal, noise, random_of
from ..prop import Material, Prop, Spot, Surface
from ..sdf import around, at, disc, ellipsoid, join, plate, sphere
from ..textures import grain, hammered, level, polar, worn_iron
from ..vectors import Floats, fixed, mix, paint, smoothstep, stack, turned

_STAVES = 18
_SECTOR = np.float32(2 * np.pi / _STAVES)
_TURN = 7.0  # degrees, so that no stave faces the camera squarely
_HOOPS = ((0.875, 0.075), (0.585, 0.058), (0.255, 0.052), (-0.255, 0.052), (-0.585, 0.058),
          (-0.875, 0.075))  # fmt: skip
_LAPS = (-0.45, 0.55, -0.15, 0.25, -0.60, 0.40)  # where each hoop laps, radians from the front
_BUNG = (0.0, 0.0, 0.745)


def _radius(y: Floats) -> Floats:
    return np.float32(0.755) - np.float32(0.175) * y * y


def _stave(p: Floats) -> tuple[Floats, Floats, Floats]:
    """The stave's number, the way across it from its middle, and the way from the axis."""
    angle, radius = polar(p)
    number = np.round(angle / _SECTOR)
    across = angle - number * _SECTOR
    return np.mod(number, _STAVES), across, radius


def _wood(p: Floats) -> Floats:
    number, across, radius = _stave(p)
    seam = (_SECTOR * np.float32(0.5) - np.abs(across)) * radius
    width = 0.011 + 0.006 * noise(stack(number * 3, p[1] * 2.5, number))
    groove = np.float32(0.026) * np.square(np.clip(1 - seam / width, 0, 1))
    flat_radius = radius * np.cos(across)
    own = (random_of(number) - np.float32(0.5)) * np.float32(0.014)
    slope = np.sqrt(1 + np.square(np.float32(0.35) * p[1]))
    skin = (flat_radius - _radius(p[1]) * np.float32(0.992) - own + groove) / slope
    half = np.float32(0.985) + (random_of(number, 3) - np.float32(0.5)) * np.float32(0.016)
    # The staves' ends are cut at a slant, thinner towards the rim.
    solid = plate(skin, p[1] * (np.float32(0.985) / half), 0.985, 0.02)
    inner = radius - _radius(p[1]) + np.float32(0.085)
    well = np.maximum(inner, np.float32(0.88) - p[1])
    return np.maximum(solid, -well)


def _head(p: Floats) -> Floats:
    return disc(at(p, (0, 0.80, 0)), 0.56, 0.09)


def _iron(p: Floats) -> Floats:
    angle, radius = polar(p)
    inside = radius - _radius(p[1])
    shapes = []
    for number, (y, half) in enumerate(_HOOPS):
        # Each hoop's ends lap over one another.
        lap = np.float32(0.013) * (np.abs(angle - np.float32(_LAPS[number])) < 0.20)
        band = plate(inside - np.float32(0.030) - lap, p[1] - np.float32(y), half, 0.012)
        shapes.append(np.maximum(band, -(inside + np.float32(0.01))))
        r = 0.755 - 0.175 * y * y + 0.028
        one = around(p, 10, _LAPS[number] + 0.10)
        shapes.append(ellipsoid(at(one, (0, y, r)), (0.027, 0.027, 0.022)))
    return join(shapes)


def _cork(p: Floats) -> Floats:
    across = at(p, _BUNG)
    return disc(stack(across[0], across[2], across[1]), 0.062, 0.035, 0.012)


def _parts(p: Floats) -> list[Floats]:
    q = turned(p, "y", _TURN)
    return [_wood(q), _head(q), _iron(q), _cork(p)]


def _board(p: Floats) -> Floats:
    number, across, radius = _stave(turned(p, "y", _TURN))
    shift = random_of(number, 1)
    return stack(
        across * radius + (shift - 0.5) * np.float32(0.34),
        p[1] * np.where(random_of(number, 2) > 0.5, 1, -1).astype(np.float32) + number * 3,
        (radius - 0.7) + random_of(number, 5) * np.float32(0.25),
    )


def _stave_relief(p: Floats) -> Floats:
    return grain(_board(p)) * np.float32(-0.0035) + noise(p * np.float32(9)) * np.float32(0.004)


def _stave_surface(spot: Spot) -> Surface:
    number, _, _ = _stave(turned(spot.point, "y", _TURN))
    ring = grain(_board(spot.point))
    own = random_of(number, 7)
    pale, deep = paint("#b98a55"), paint("#6d4324")
    color = mix(pale, deep, np.clip(ring * 0.45 + 0.45, 0, 1))
    color = color * (np.float32(0.62) + own * np.float32(0.62))
    color = color * mix(fixed(1.05, 0.97, 0.88), fixed(0.96, 1.0, 1.06), random_of(number, 9))
    return _weathered(spot, color)


def _weathered(spot: Spot, color: Floats) -> Surface:
    p = spot.point
    # Soot and rust run down from the hoops, damp rises from the ground.
    blotch = fractal(p * np.float32(4.0) + 50, 4)
    runs = fractal(stack(p[0] * 26, p[1] * 1.6, p[2] * 26), 3)
    under = np.zeros_like(blotch)
    for y, half in _HOOPS:
        below = np.float32(y - half) - p[1]
        under = np.maximum(under, smoothstep(0.20, 0.0, below) * (below > 0))
    stain = np.clip(under * smoothstep(-0.3, 0.8, runs + blotch * 0.3), 0, 1)
    color = mix(color, paint("#3a2113"), stain * np.float32(0.65))
    damp = smoothstep(-0.45, -1.0, p[1] + blotch * np.float32(0.2))
    color = mix(color, paint("#3b3020"), damp * np.float32(0.45))
    color = mix(color, paint("#21140b"), smoothstep(0.35, 0.9, spot.cavity) * np.float32(0.8))
    color = mix(color, paint("#d9b37c"), smoothstep(0.45, 0.9, spot.edge) * np.float32(0.6))
    rough = np.clip(np.float32(0.62) + blotch * np.float32(0.10), 0.3, 1)
    return Surface(color, rough, level(rough.size, 0.0))


def _head_board(p: Floats) -> Floats:
    number = np.floor(p[0] * 5)
    return stack(p[0] + number, p[2] * 1 + number * 2, p[1] + number)


def _head_surface(spot: Spot) -> Surface:
    ring = grain(_head_board(spot.point))
    color = mix(paint("#a87a48"), paint("#63401f"), np.clip(ring * 0.45 + 0.45, 0, 1))
    seam = np.abs(spot.point[0] * 5 - np.round(spot.point[0] * 5))
    color = mix(color, paint("#21140b"), smoothstep(0.06, 0.02, seam))
    return _weathered(spot, color)


def _cork_surface(spot: Spot) -> Surface:
    away = sphere(at(spot.point, _BUNG), 0.0)
    fine = fractal(spot.point * np.float32(50), 3)
    color = mix(paint("#caa068"), paint("#8d6536"), np.clip(fine * 0.5 + 0.5, 0, 1))
    color = mix(color, paint("#2a1a0e"), smoothstep(0.05, 0.064, away) * np.float32(0.6))
    return Surface(color, level(fine.size, 0.8), level(fine.size, 0.0))


OAK_BARREL = Prop(
    parts=_parts,
    materials=(
        Material(_stave_surface, _stave_relief),
        Material(_head_surface, lambda p: grain(_head_board(p)) * np.float32(-0.004)),
        Material(lambda spot: worn_iron(spot, 0.5), hammered),
        Material(_cork_surface),
    ),
    elevation=8.0,
    caution=0.85,
)
