"""A knight's shield: painted boards in four fields, an iron rim with rivets, a brass boss."""

from __future__ import annotations

import numpy as np

from ..noise import fractal, noise, stretched
from ..outline import Outline, smooth_line
from ..prop import Material, Prop, Spot, Surface
from ..sdf import around, at, blend, ellipsoid, join, ring
from ..textures import hammered, level, polar, worn_iron
from ..vectors import Floats, mix, paint, smoothstep, stack, turned

_TURN = -14.0
_SIDE = smooth_line([(0.0, 0.86), (0.22, 0.89), (0.46, 0.99), (0.715, 0.94), (0.735, 0.60),
                     (0.715, 0.18), (0.60, -0.30), (0.36, -0.72), (0.0, -1.08)])  # fmt: skip
_EDGE = Outline(
    np.vstack([_SIDE[:-1], _SIDE[:0:-1] * (-1, 1)]), closed=True, cells=520, margin=0.15
)
_BOSS = (0.0, 0.30)
_RIM = 0.105


def _bent(p: Floats) -> Floats:
    """The points with the shield's bow taken out: its middle stands forward."""
    q = turned(p, "y", _TURN)
    return stack(q[0], q[1], q[2] + np.float32(0.30) * q[0] * q[0] + 0.05 * q[1] * q[1])


def _slab(q: Floats, outline: Floats, half: float, forward: float = 0.0) -> Floats:
    flat = np.abs(q[2] - np.float32(forward)) - np.float32(half)
    return np.maximum(outline, flat * np.float32(0.88))


def _boards(p: Floats) -> Floats:
    q = _bent(p)
    seam = np.abs(q[0] / 0.24 - np.round(q[0] / 0.24)) * np.float32(0.24)
    groove = np.float32(0.010) * np.square(np.clip(1 - seam / np.float32(0.010), 0, 1))
    return _slab(q, _EDGE(q[0], q[1]) + np.float32(0.02), 0.045) + groove


def _iron(p: Floats) -> Floats:
    q = _bent(p)
    edge = _EDGE(q[0], q[1])
    nick = np.clip(noise(q * np.float32(9)) - 0.55, 0, 1) * np.float32(0.035)
    rim = _slab(q, np.maximum(edge + nick, -edge - np.float32(_RIM)), 0.072)
    bead = np.hypot(edge + np.float32(_RIM), q[2] - np.float32(0.060)) - np.float32(0.022)
    # A cross of flat iron holds the boards together.
    bar = np.minimum(np.abs(q[0]), np.abs(q[1] - np.float32(_BOSS[1]))) - np.float32(0.052)
    cross = _slab(q, np.maximum(bar, edge), 0.062)
    return join([rim, bead, cross, _rivets(q, edge)])


def _rivets(q: Floats, edge: Floats) -> Floats:
    """Heads along the middle of the rim, evenly by height, and along the cross."""
    step = np.float32(0.175)
    y = q[1] - np.float32(0.05)
    along = y - step * np.round(y / step)
    side = np.abs(q[0]) > 0.1
    rim = stack(edge + np.float32(_RIM / 2), along, q[2] - np.float32(0.070))
    heads = np.where(side, ellipsoid(rim, (0.024, 0.024, 0.020)), np.float32(0.05))
    x = q[0] - np.float32(0.155) * np.clip(np.round(q[0] / np.float32(0.155)), -3, 3)
    bar = stack(x, q[1] - np.float32(_BOSS[1]), q[2] - np.float32(0.060))
    up = q[1] - np.float32(0.155) * np.round(q[1] / np.float32(0.155))
    pole = stack(q[0], up, q[2] - np.float32(0.060))
    inside = edge < -_RIM - 0.06
    crossed = np.minimum(
        ellipsoid(bar, (0.022, 0.022, 0.020)), ellipsoid(pole, (0.022, 0.022, 0.020))
    )
    return np.minimum(heads, np.where(inside, crossed, np.float32(0.05)))


def _brass(p: Floats) -> Floats:
    q = at(_bent(p), (*_BOSS, 0.055))
    dome = ellipsoid(q, (0.205, 0.205, 0.165))
    lying = stack(q[0], q[2], q[1])
    collar = ring(lying, 0.225, 0.035)
    spike = ellipsoid(at(q, (0, 0, 0.165)), (0.060, 0.060, 0.090))
    petal = around(lying, 8)
    ribs = ellipsoid(at(petal, (0, 0.075, 0.135)), (0.020, 0.075, 0.095))
    return blend(join([collar, blend(dome, spike, 0.05)]), ribs, 0.02)


def _paint_surface(spot: Spot) -> Surface:
    p = spot.point
    q = _bent(p)
    fine, broad = fractal(p * np.float32(30), 3), fractal(p * np.float32(4) + 8, 4)
    quarter = (q[0] > 0) ^ (q[1] > _BOSS[1])
    red, cream = paint("#8f1d1c"), paint("#d9c9a3")
    color = mix(red, cream, quarter.astype(np.float32))
    # Each quarter bears a lozenge of the other colour, with a thin gold line.
    centre = np.where(q[1] > _BOSS[1], np.float32(0.62), np.float32(-0.08))
    off = np.abs(np.abs(q[0]) - 0.34) * np.float32(1.55) + np.abs(q[1] - centre)
    charge = smoothstep(0.205, 0.195, off)
    color = mix(color, mix(cream, red, quarter.astype(np.float32)), charge)
    color = mix(color, paint("#c08a2e"), smoothstep(0.022, 0.014, np.abs(off - 0.225)))
    color = color * (1 + 0.10 * fine + 0.14 * broad)
    timber = fractal(stretched(q, 28, 3, 10), 3)
    wood = mix(paint("#8a6238"), paint("#4c3119"), np.clip(timber * 0.5 + 0.5, 0, 1))
    scratch = noise(stretched(turned(q, "z", 32), 40, 2.2, 3) + 5)
    scratch = np.maximum(scratch, noise(stretched(turned(q, "z", -50), 34, 2.0, 3) + 31))
    bare = smoothstep(0.62, 0.78, scratch + 0.15 * fine)
    bare = np.maximum(bare, smoothstep(0.42, 0.62, broad + fine * 0.3 - 0.1))
    color = mix(color, wood, bare * np.float32(0.9))
    color = mix(color, paint("#1e1510"), smoothstep(0.25, 0.9, spot.cavity) * np.float32(0.8))
    return Surface(color, np.clip(0.55 + 0.25 * bare, 0, 1), level(fine.size, 0.0))


def _brass_surface(spot: Spot) -> Surface:
    cloud, fine = fractal(spot.point * np.float32(9), 4), fractal(spot.point * np.float32(44), 3)
    color = mix(paint("#7f5720"), paint("#d3a247"), np.clip(cloud * 0.5 + 0.5, 0, 1))
    color = mix(color, paint("#2c2011"), smoothstep(0.25, 0.9, spot.cavity) * np.float32(0.85))
    color = mix(color, paint("#fae2a0"), smoothstep(0.35, 0.85, spot.edge) * np.float32(0.5))
    return Surface(color, np.clip(0.32 + 0.1 * fine, 0.2, 1), level(fine.size, 0.9))


def _boards_relief(p: Floats) -> Floats:
    return fractal(stretched(_bent(p), 26, 3, 10), 3) * np.float32(0.003)


def _dents(p: Floats) -> Floats:
    _, away = polar(p)
    return hammered(p) + noise(p * np.float32(6)) * np.float32(0.004) * np.clip(away, 0, 1)


KITE_SHIELD = Prop(
    parts=lambda p: [_boards(p), _iron(p), _brass(p)],
    materials=(
        Material(_paint_surface, _boards_relief),
        Material(lambda spot: worn_iron(spot, 0.35, "#6c6b6b"), _dents),
        Material(_brass_surface, lambda p: noise(p * np.float32(16)) * np.float32(0.003)),
    ),
    elevation=4.0,
    caution=0.7,
)
