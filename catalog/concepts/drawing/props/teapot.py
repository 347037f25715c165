"""A stoneware teapot: celadon glaze over brown clay, painted waves, handle, spout and lid."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..noise import cells, fractal, noise
from ..outline import Outline, smooth_line
from ..prop import Material, Prop, Spot, Surface
from ..sdf import at, blend, capsule, disc, ellipsoid, join, ring, sphere
from ..textures import level, polar
from ..vectors import Floats, mix, paint, smoothstep, stack

_HANDLE = Outline(
    smooth_line([(-0.62, 0.30), (-0.86, 0.42), (-1.10, 0.32), (-1.16, 0.06), (-1.04, -0.20),
                 (-0.84, -0.36), (-0.62, -0.42)]),
    closed=False,
    margin=0.3,
)  # fmt: skip
# The spout: places along its middle and its radius there.
_SPOUT = (((0.50, -0.30, 0.0), 0.230), ((0.80, -0.10, 0.0), 0.150), ((0.95, 0.18, 0.0), 0.110),
          ((1.14, 0.42, 0.0), 0.090))  # fmt: skip
_MOUTH = (1.16, 0.445, 0.0)


def _body(p: Floats) -> Floats:
    belly = ellipsoid(at(p, (0, -0.08, 0)), (0.80, 0.60, 0.80))
    foot = disc(at(p, (0, -0.66, 0)), 0.46, 0.055, 0.02)
    neck = disc(at(p, (0, 0.47, 0)), 0.37, 0.06, 0.02)
    return blend(blend(belly, foot, 0.08), neck, 0.07)


def _spout(p: Floats) -> Floats:
    pieces = [
        capsule(p, a, b, radius, next_radius) for (a, radius), (b, next_radius) in pairwise(_SPOUT)
    ]
    tube = pieces[0]
    for piece in pieces[1:]:
        tube = blend(tube, piece, 0.06)
    lip = ring(_across(at(p, (1.135, 0.415, 0.0))), 0.092, 0.026)
    tube = np.minimum(tube, lip)
    # Cut level with the mouth's slant, and hollow.
    ahead = (p[0] - np.float32(_MOUTH[0])) * np.float32(0.62) + (
        p[1] - np.float32(_MOUTH[1])
    ) * 0.78
    hole = capsule(p, (1.05, 0.32, 0), (1.30, 0.62, 0), 0.062, 0.075)
    return np.maximum(np.maximum(tube, ahead), -hole)


def _across(q: Floats) -> Floats:
    """The points turned so that the spout's direction is up."""
    c, s = np.float32(0.78), np.float32(0.62)
    return stack(q[0] * c - q[1] * s, q[0] * s + q[1] * c, q[2])


def _handle(p: Floats) -> Floats:
    line = _HANDLE(p[0], p[1])
    thick = np.float32(0.070) + np.float32(0.020) * smoothstep(-0.95, -0.60, p[0])
    flat = np.hypot(line, p[2] * np.float32(0.72))
    return (flat - thick) * np.float32(0.85)


def _lid(p: Floats) -> Floats:
    dome = ellipsoid(at(p, (0, 0.50, 0)), (0.40, 0.17, 0.40))
    dome = np.maximum(dome, np.float32(0.515) - p[1])
    brim = disc(at(p, (0, 0.535, 0)), 0.415, 0.022, 0.018)
    stalk = capsule(p, (0, 0.62, 0), (0, 0.74, 0), 0.070, 0.045)
    knob = ellipsoid(at(p, (0, 0.80, 0)), (0.115, 0.090, 0.115))
    tip = sphere(at(p, (0, 0.892, 0)), 0.030)
    return join([blend(blend(dome, brim, 0.02), stalk, 0.05), blend(knob, tip, 0.03)])


def _pot(p: Floats) -> Floats:
    whole = blend(_body(p), _spout(p), 0.09)
    whole = blend(whole, _handle(p), 0.07)
    groove = np.abs(np.hypot(p[0], p[2]) - np.float32(0.385)) + np.abs(p[1] - np.float32(0.515))
    return np.maximum(whole, np.float32(0.012) - groove)


def _glazed(spot: Spot) -> Surface:
    p = spot.point
    broad, fine = fractal(p * np.float32(3) + 5, 4), fractal(p * np.float32(30), 3)
    color = mix(paint("#6fa08a"), paint("#b4d2b2"), np.clip(broad * 0.5 + 0.5, 0, 1))
    # Glaze pools in hollows, and breaks to the brown clay on edges and where it ran thin.
    color = mix(color, paint("#2f6a5c"), smoothstep(0.2, 0.9, spot.cavity) * np.float32(0.75))
    crackle = smoothstep(0.035, 0.010, cells(p * np.float32(8))[1])
    color = mix(color, paint("#49796a"), crackle * np.float32(0.45))
    iron = smoothstep(0.30, 0.22, cells(p * np.float32(11) + 4)[0] + fine * 0.08 - broad * 0.06)
    color = mix(color, paint("#5b4026"), iron * np.float32(0.7))
    color = _painted(p, color, fine)
    drip = np.float32(-0.50) + np.float32(0.09) * noise(stack(p[0] * 5, p[2] * 5, p[0]))
    bare = smoothstep(0.0, -0.015, p[1] - drip)
    bare = np.maximum(bare, smoothstep(0.40, 0.80, spot.edge + fine * np.float32(0.15)))
    clay = mix(paint("#6b4228"), paint("#a06a41"), np.clip(fine * 0.5 + broad * 0.3 + 0.5, 0, 1))
    rough = mix(level(fine.size, 0.18), level(fine.size, 0.75), bare)
    return Surface(mix(color, clay, bare), rough, level(fine.size, 0.0))


def _painted(p: Floats, color: Floats, fine: Floats) -> Floats:
    """Cobalt lines around the belly with a crest of waves between them."""
    angle, away = polar(p)
    belly = smoothstep(0.50, 0.60, away) * smoothstep(0.88, 0.84, away) * (np.abs(p[0]) < 0.80)
    y = p[1] - np.float32(0.06)
    lines = np.minimum(np.abs(y - 0.235), np.abs(y + 0.24))
    ink = smoothstep(0.020, 0.012, lines + fine * np.float32(0.003))
    place = angle * np.float32(13 / (2 * np.pi))
    share = place - np.floor(place)
    x = (share - np.float32(0.5)) * np.float32(0.36)
    for number, radius in enumerate((0.145, 0.100, 0.055)):
        arc = np.abs(np.hypot(x, y + np.float32(0.13)) - np.float32(radius))
        stroke = smoothstep(0.017 - 0.002 * number, 0.009, arc + fine * np.float32(0.004))
        ink = np.maximum(ink, stroke * (y > -0.19))
    dots = np.hypot(np.abs(x) - np.float32(0.18), (y - np.float32(0.13)) * np.float32(1.0))
    ink = np.maximum(ink, smoothstep(0.030, 0.022, dots))
    wash = np.float32(0.75) + np.float32(0.2) * fractal(p * np.float32(12) + 3, 2)
    return mix(color, paint("#1c3f83"), np.clip(ink * belly * wash, 0, 1))


def _thrown(p: Floats) -> Floats:
    """The relief of the potter's fingers, and orange-peel glaze."""
    rings = np.sin(p[1] * np.float32(46)) * np.float32(0.0016)
    return rings + noise(p * np.float32(24)) * np.float32(0.0012)


TEAPOT = Prop(
    parts=lambda p: [_pot(p), _lid(p)],
    materials=(Material(_glazed, _thrown), Material(_glazed, _thrown)),
    elevation=9.0,
    caution=0.8,
)
