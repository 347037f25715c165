"""A two-handled amphora: blue reactive glaze, cream bands, a painted key and waves."""

from __future__ import annotations

import numpy as np

from ..noise import cells, fractal, noise, stretched
from ..outline import Outline, smooth_line
from ..prop import Material, Prop, Spot, Surface
from ..sdf import at, blend, ellipsoid, mirrored
from ..textures import level, polar
from ..vectors import Floats, mix, paint, smoothstep, stack

_PROFILE = smooth_line(
    [(0.0, -1.0), (0.30, -1.0), (0.325, -0.97), (0.30, -0.925), (0.215, -0.88), (0.215, -0.84),
     (0.30, -0.74), (0.46, -0.47), (0.585, -0.15), (0.625, 0.10), (0.59, 0.32), (0.46, 0.49),
     (0.30, 0.575), (0.215, 0.64), (0.185, 0.73), (0.19, 0.84), (0.225, 0.905), (0.30, 0.945),
     (0.335, 0.975), (0.325, 1.01), (0.27, 1.02), (0.225, 0.99), (0.17, 0.93), (0.0, 0.90)],
    steps=12,
)  # fmt: skip
_BODY = Outline(_PROFILE, closed=True, cells=700, margin=0.1)
_HANDLE = Outline(
    smooth_line(
        [(0.20, 0.86), (0.32, 0.905), (0.46, 0.89), (0.575, 0.80), (0.615, 0.67), (0.60, 0.53),
         (0.55, 0.42), (0.50, 0.36)],
        steps=12,
    ),
    closed=False,
    cells=500,
)  # fmt: skip

# One period of the key, dark cells painted; drawn as a potter would, in squares.
_KEY = np.array([[int(c) for c in row] for row in (
    "1111111111",
    "0000000000",
    "1111111100",
    "1000000100",
    "1011110100",
    "1010010100",
    "1010000100",
    "1011111100",
    "1000000000",
    "1111111111",
)], np.float32)  # fmt: skip


def _clay(p: Floats) -> Floats:
    _, radius = polar(p)
    # Turning marks: a hand-thrown pot is never quite even.
    marks = noise(stack(p[1] * 23, p[1] * 0, p[1] * 0)) * np.float32(0.0016)
    body = _BODY(radius, p[1]) + marks
    side = mirrored(p)
    line = _HANDLE(side[0], side[1])
    # A strap with a rib along its back.
    strap = np.hypot(line, np.maximum(np.abs(p[2]) - np.float32(0.042), 0)) - np.float32(0.036)
    rib = np.hypot(line - 0.0, p[2]) - np.float32(0.056)
    handle = blend(strap, rib, 0.02)
    boss = ellipsoid(at(side, (0.50, 0.375, 0.0)), (0.075, 0.095, 0.10))
    return blend(body, blend(handle, boss, 0.05), 0.045)


def _key(u: Floats, v: Floats) -> Floats:
    """The key's paint 0..1; u in periods, v 0..1 across the band."""
    column, row = (u - np.floor(u)) * 10, np.clip(v, 0, 0.999) * 10
    x, y = column - 0.5, row - 0.5
    c, r = np.floor(x), np.floor(y)
    fx, fy = smoothstep(0.34, 0.66, x - c), smoothstep(0.34, 0.66, y - r)
    ci, ri = c.astype(int) % 10, np.clip(r.astype(int), 0, 9)
    cj, rj = (ci + 1) % 10, np.clip(r.astype(int) + 1, 0, 9)
    top = _KEY[ri, ci] * (1 - fx) + _KEY[ri, cj] * fx
    return smoothstep(0.3, 0.7, top * (1 - fy) + (_KEY[rj, ci] * (1 - fx) + _KEY[rj, cj] * fx) * fy)


def _band(y: Floats, low: float, high: float) -> Floats:
    return smoothstep(low - 0.004, low + 0.004, y) * (1 - smoothstep(high - 0.004, high + 0.004, y))


def _wave(turn: Floats, y: Floats) -> Floats:
    """A running wave: crests that curl over, in a band about y = 0.03."""
    u = turn * 13
    x = (u - np.floor(u)) - np.float32(0.5)
    v = (y - np.float32(0.035)) / np.float32(0.085)
    away, angle = np.hypot(x * 2.1 + 0.12, v - 0.05), np.arctan2(v - 0.05, x * 2.1 + 0.12)
    spiral = np.abs(np.mod(away * 2.1 - angle / (2 * np.pi), 1.0) - 0.5)
    curl = smoothstep(0.17, 0.26, spiral) * smoothstep(1.02, 0.94, away)
    return np.maximum(curl, smoothstep(-0.72, -0.80, v + 0.10 * np.cos(x * 2 * np.pi)))


def _rays(turn: Floats, y: Floats) -> Floats:
    """Tall leaves that rise from the foot."""
    u = turn * 16
    x = np.abs(u - np.floor(u) - np.float32(0.5)) * 2
    height = np.clip((y + np.float32(0.83)) / np.float32(0.36), 0, 1)
    width = np.float32(0.86) * np.sqrt(1 - height) * (1 - height * 0.25)
    leaf = smoothstep(0.06, -0.06, x - width)
    vein = smoothstep(0.05, 0.10, x) + smoothstep(0.78, 0.85, height)
    return leaf * np.clip(vein, 0, 1) * (height < 1) * (y > -0.84)


def _painted(p: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares 0..1 of cream slip, dark paint and ochre paint."""
    wobble = noise(p * np.float32(7)) * np.float32(0.006)
    turn, radius = polar(p)
    turn, y = turn / np.float32(2 * np.pi) + wobble * 0.3, p[1] + wobble
    body = (radius < np.where(y > 0.44, 0.40, 0.66)).astype(np.float32)
    cream = _band(y, 0.235, 0.425) + _band(y, -0.075, 0.145) + _band(y, 0.70, 0.80)
    dark = _band(y, 0.255, 0.405) * _key(turn * 17, (y - np.float32(0.255)) / np.float32(0.15))
    dark += _band(y, -0.06, 0.13) * _wave(turn, y)
    ochre = _band(y, 0.168, 0.212) + _band(y, -0.140, -0.098) + _band(y, 0.452, 0.478)
    ochre += _band(y, 0.735, 0.765) + _band(y, -0.455, -0.432) + _rays(turn, y)
    cream += _band(y, -0.415, -0.395) + _band(y, -0.165, -0.155) + _band(y, 0.493, 0.502)
    return np.clip(cream, 0, 1) * body, np.clip(dark, 0, 1) * body, np.clip(ochre, 0, 1) * body


def _relief(p: Floats) -> Floats:
    cream, dark, ochre = _painted(p)
    thick = (cream + ochre) * np.float32(0.0022) + dark * np.float32(0.0016)
    return thick + fractal(p * np.float32(9.0), 2) * np.float32(0.0022)


def _surface(spot: Spot) -> Surface:
    p = spot.point
    cream, dark, ochre = _painted(p)
    flow = fractal(stretched(p, 7, 1.8, 7), 4)
    fine = fractal(p * np.float32(40), 3)
    # The glaze pools deep where it is thick and breaks to turquoise where it runs thin.
    pool = np.clip(0.45 + 0.5 * flow + 0.35 * spot.cavity - 0.25 * p[1], 0, 1)
    glaze = mix(paint("#238f9c"), paint("#0d3668"), pool)
    speck = smoothstep(0.66, 0.85, fractal(p * np.float32(80), 2))
    glaze = mix(glaze, paint("#0b2036"), speck * np.float32(0.55))
    stroke = fractal(stretched(p, 8, 60, 8), 3)
    color = mix(glaze, paint("#e6d9b8") * (1 + 0.07 * fine + 0.06 * flow), cream)
    worn = smoothstep(0.95, 0.55, stroke)
    color = mix(color, paint("#16365c") * (1 + 0.25 * stroke), dark * worn * np.float32(0.95))
    color = mix(color, paint("#c8842c") * (1 + 0.2 * stroke), ochre * np.float32(0.95))
    _, border = cells(p * np.float32(15))
    crackle = smoothstep(0.035, 0.0, border) * smoothstep(-0.3, 0.5, flow)
    color = mix(color, paint("#5b4a34"), crackle * cream * np.float32(0.45))
    thin = smoothstep(0.35, 0.85, spot.edge + fine * np.float32(0.15))
    color = mix(color, paint("#b06a36"), thin * (1 - cream * 0.6) * np.float32(0.9))
    # The foot was dipped short: bare clay.
    bare = smoothstep(0.010, -0.010, p[1] + np.float32(0.895) + flow * np.float32(0.03))
    clay = paint("#a8613a") * (1 + 0.18 * fine + 0.12 * flow)
    color = mix(color, clay, bare)
    dirt = smoothstep(0.4, 0.95, spot.cavity) * np.float32(0.45)
    color = mix(color, paint("#2b2018"), dirt)
    rough = level(fine.size, 0.16) + 0.04 * flow + 0.12 * cream + 0.1 * dark + 0.55 * bare
    return Surface(color, np.clip(rough, 0.12, 1), level(fine.size, 0.0))


AMPHORA = Prop(
    parts=lambda p: [_clay(p)],
    materials=(Material(_surface, _relief),),
    elevation=7.0,
    caution=0.9,
)
