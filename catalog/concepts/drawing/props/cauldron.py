"""A witch's cauldron seen from above: cast iron on three feet, a glowing brew with bubbles."""

from __future__ import annotations

import numpy as np

from ..noise import fractal, noise
from ..prop import Material, Prop, Spot, Surface
from ..sdf import around, at, blend, capsule, ellipsoid, join, mirrored, ring, standing_ring
from ..textures import hammered, level, polar, worn_iron
from ..vectors import Floats, mix, paint, smoothstep, stack, turned

_RIM, _MOUTH = 0.47, 0.66  # height and radius of the opening
_BREW = 0.34
_TURN = 18.0
# Bubbles: angle in degrees, way from the middle, radius.
_BUBBLES = ((20, 0.30, 0.085), (-60, 0.40, 0.060), (75, 0.46, 0.050), (150, 0.26, 0.070),
            (-10, 0.52, 0.045), (-25, 0.12, 0.050), (200, 0.47, 0.055), (-110, 0.22, 0.04),
            (45, 0.52, 0.035), (-40, 0.50, 0.03))  # fmt: skip


def _pot(p: Floats) -> Floats:
    belly = ellipsoid(at(p, (0, -0.08, 0)), (0.86, 0.72, 0.86))
    neck = np.maximum(np.hypot(p[0], p[2]) - np.float32(0.62), np.abs(p[1] - 0.38) - 0.09)
    outer = blend(belly, neck, 0.10)
    inner = blend(
        ellipsoid(at(p, (0, -0.08, 0)), (0.79, 0.65, 0.79)),
        np.hypot(p[0], p[2]) - np.float32(0.56) + np.abs(p[1] - np.float32(0.4)) * 0.1,
        0.08,
    )
    inner = np.maximum(inner, -p[1])
    pot = np.maximum(np.maximum(outer, -inner), p[1] - np.float32(_RIM))
    return blend(pot, ring(at(p, (0, _RIM, 0)), _MOUTH, 0.062), 0.05)


def _fittings(p: Floats) -> Floats:
    girdle = ring(at(p, (0, -0.06, 0)), 0.862, 0.026)
    foot = around(p, 3, 0.85)
    leg = capsule(foot, (0, -0.52, 0.42), (0, -0.96, 0.62), 0.115, 0.065)
    leg = blend(leg, ellipsoid(at(foot, (0, -0.97, 0.64)), (0.095, 0.05, 0.105)), 0.05)
    one = mirrored(turned(p, "y", _TURN))
    ear = capsule(one, (0.70, 0.30, 0), (0.88, 0.34, 0), 0.075, 0.055)
    hang = turned(at(one, (0.90, 0.20, 0)), "z", -12)
    loop = standing_ring(stack(hang[2], hang[1], hang[0]), 0.155, 0.036)
    stud = around(p, 12, 0.13)
    studs = ellipsoid(at(stud, (0, -0.06, 0.885)), (0.034, 0.034, 0.026))
    return join([girdle, leg, ear, loop, studs])


def _spilt(p: Floats) -> Floats:
    """How much of the brew has run over the rim and down at a place, 0..1."""
    angle, _ = polar(p)
    run = noise(stack(angle * 3.1, angle * 0 + 4, angle * 0)) + noise(
        stack(angle * 9, angle * 0 + 9, angle * 0)
    ) * np.float32(0.4)
    length = smoothstep(0.25, 0.9, run) * np.float32(0.75)
    return smoothstep(0.02, -0.03, np.float32(0.53) - length - p[1]) * (length > 0.05)


def _brew(p: Floats) -> Floats:
    surface = p[1] - np.float32(_BREW) - noise(p * np.float32(4)) * np.float32(0.02)
    liquid = np.maximum(surface, np.hypot(p[0], p[2]) - np.float32(0.64))
    liquid = np.maximum(liquid, np.float32(0.1) - p[1])
    for degrees, away, radius in _BUBBLES:
        x, z = away * np.sin(np.deg2rad(degrees)), away * np.cos(np.deg2rad(degrees))
        bubble = ellipsoid(at(p, (float(x), _BREW + radius * 0.2, float(z))),
                           (radius, radius * 0.9, radius))  # fmt: skip
        liquid = blend(liquid, bubble, 0.025)
    return liquid


def _iron_surface(spot: Spot) -> Surface:
    iron = worn_iron(spot, 0.42, "#4a4848")
    p = spot.point
    # The brew lights the inside of the rim; what ran over has dried to a crust.
    inside = smoothstep(0.70, 0.56, np.hypot(p[0], p[2])) * smoothstep(0.25, 0.40, p[1])
    crust = _spilt(p) * smoothstep(-0.2, 0.5, fractal(p * np.float32(16), 3) + 0.35)
    color = mix(iron.color, paint("#5f8f2c"), crust * np.float32(0.85))
    soot = smoothstep(-0.2, -0.75, p[1] + 0.1 * fractal(p * np.float32(5), 3))
    color = mix(color, paint("#161412"), soot * np.float32(0.7))
    glow = paint("#6fe02a") * (inside * np.float32(0.30))
    rough = np.clip(iron.roughness - crust * 0.15, 0.2, 1)
    return Surface(color, rough, iron.metallic * (1 - crust), glow)


def _brew_surface(spot: Spot) -> Surface:
    p = spot.point
    away = np.hypot(p[0], p[2])
    angle = np.arctan2(p[0], p[2]) + away * np.float32(5)
    flow = fractal(stack(away * np.sin(angle) * 5, p[1] * 5, away * np.cos(angle) * 5), 4)
    color = mix(paint("#2f7d12"), paint("#a4f03c"), np.clip(flow * 0.6 + 0.45, 0, 1))
    high = smoothstep(_BREW + 0.02, _BREW + 0.075, p[1])
    color = mix(color, paint("#e4ff9a"), high * np.float32(0.55))
    color = mix(color, paint("#174d10"), smoothstep(0.4, 1.0, spot.cavity) * np.float32(0.5))
    glow = color * (np.float32(0.22) + 0.25 * np.clip(flow + 0.2, 0, 1))
    return Surface(color * np.float32(0.8), level(away.size, 0.16), level(away.size, 0.0), glow)


def _crusted(p: Floats) -> Floats:
    return hammered(p) + _spilt(p) * np.float32(0.010)


CAULDRON = Prop(
    parts=lambda p: [np.minimum(_pot(p), _fittings(p)), _brew(p)],
    materials=(
        Material(_iron_surface, _crusted),
        Material(_brew_surface, lambda p: noise(p * np.float32(13)) * np.float32(0.002)),
    ),
    elevation=26.0,
    caution=0.8,
)
