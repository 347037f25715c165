"""A squat stone idol on its plinth: crest, tusks, painted eyes and runes, moss in the crevices."""

from __future__ import annotations

import numpy as np

from ..noise import cells, fractal, noise, stretched
from ..outline import Outline, smooth_line
from ..prop import Material, Prop, Spot, Surface
from ..sdf import (
    at,
    blend,
    box,
    capsule,
    carve,
    disc,
    ellipsoid,
    join,
    mirrored,
    ring,
    roughened,
    sphere,
)
from ..textures import level, moss_color, moss_relief, over
from ..vectors import Floats, mix, paint, smoothstep, stack, turned

_EYE = (0.190, 0.450, 0.355)


def _coil(x: float, y: float, size: float, turns: float, start: float) -> list[tuple[float, float]]:
    t = np.linspace(0, 1, 18)
    angle = np.deg2rad(start) + t * turns * 2 * np.pi
    return [
        (x + r * np.cos(a), y + r * np.sin(a))
        for a, r in zip(angle, size * (1 - 0.85 * t), strict=True)
    ]


# Runes on the front, for x >= 0; the fold brings them to both sides.
_RUNES = tuple(
    Outline(smooth_line(line, steps=8), closed=False, cells=300, margin=0.1)
    for line in (
        _coil(0.405, -0.415, 0.105, 1.6, 100),
        [(0.0, -0.17), (0.075, -0.245), (0.0, -0.32), (-0.075, -0.245), (0.0, -0.17)],
        [(0.0, -0.375), (0.0, -0.50)],
        [(0.05, -0.345), (0.13, -0.33), (0.185, -0.40), (0.15, -0.465), (0.09, -0.44)],
    )
)


def _plinth(p: Floats) -> Floats:
    low = box(at(p, (0, -1.03, 0.02)), (0.86, 0.10, 0.56), 0.03)
    high = box(at(p, (0, -0.835, 0.02)), (0.765, 0.075, 0.49), 0.025)
    # A row of stepped notches runs round the lower block.
    u = np.abs(np.mod(p[0] + np.float32(0.11), 0.22) - np.float32(0.11))
    v = p[1] + np.float32(1.035)
    notch = np.maximum(np.maximum(u * 0.9 + v * 0.5, -v * 1.0) - 0.045, np.abs(v) - 0.05)
    front = np.maximum(notch, np.float32(0.555) - p[2])
    return np.minimum(carve(low, front, 0.012), high)


def _legs(q: Floats) -> Floats:
    thigh = ellipsoid(at(q, (0.42, -0.46, 0.14)), (0.215, 0.25, 0.32))
    foot = box(at(q, (0.43, -0.685, 0.24)), (0.20, 0.085, 0.245), 0.06)
    toes = np.abs(np.mod(q[0] - np.float32(0.43) + 0.066, 0.132) - np.float32(0.066))
    split = np.maximum(np.float32(0.050) - toes, np.float32(0.30) - q[2])
    foot = carve(foot, split, 0.03)
    return blend(thigh, foot, 0.06)


def _arms(q: Floats) -> Floats:
    shoulder = ellipsoid(at(q, (0.57, 0.02, 0.0)), (0.235, 0.235, 0.27))
    upper = capsule(q, (0.63, -0.02, 0.0), (0.72, -0.30, 0.06), 0.17, 0.155)
    fore = capsule(q, (0.72, -0.30, 0.06), (0.60, -0.34, 0.36), 0.155, 0.14)
    fist = box(turned(at(q, (0.60, -0.37, 0.37)), "z", 8), (0.145, 0.13, 0.115), 0.06)
    fingers = np.abs(np.mod(q[1] + np.float32(0.37) + 0.035, 0.07) - np.float32(0.035))
    groove = np.maximum(np.float32(0.025) - fingers, np.float32(0.40) - q[2])
    fist = carve(fist, groove, 0.025)
    return np.minimum(blend(blend(shoulder, upper, 0.08), fore, 0.05), fist)


def _torso(p: Floats) -> Floats:
    chest = box(at(p, (0, -0.14, -0.03)), (0.50, 0.37, 0.34), 0.20)
    belly = ellipsoid(at(p, (0, -0.34, 0.10)), (0.36, 0.30, 0.31))
    collar = box(at(p, (0, 0.070, 0.05)), (0.45, 0.05, 0.37), 0.045)
    seat = box(at(p, (0, -0.62, -0.06)), (0.46, 0.20, 0.30), 0.06)
    return join([blend(chest, belly, 0.10), collar, seat])


def _head(p: Floats, q: Floats) -> Floats:
    skull = box(at(p, (0, 0.42, 0.03)), (0.455, 0.33, 0.345), 0.15)
    jaw = box(at(p, (0, 0.225, 0.10)), (0.42, 0.155, 0.345), 0.10)
    head = blend(skull, jaw, 0.05)
    socket = ellipsoid(at(q, (0.195, 0.455, 0.44)), (0.145, 0.105, 0.15))
    head = carve(head, socket, 0.03)
    brow = box(turned(at(q, (0.20, 0.600, 0.375)), "z", 15), (0.225, 0.060, 0.095), 0.045)
    nose = blend(
        capsule(p, (0, 0.56, 0.38), (0, 0.395, 0.45), 0.060, 0.095),
        ellipsoid(at(q, (0.088, 0.365, 0.43)), (0.080, 0.062, 0.08)), 0.03,
    )  # fmt: skip
    head = blend(blend(head, brow, 0.02), nose, 0.02)
    mouth = box(at(p, (0, 0.185, 0.46)), (0.295, 0.085, 0.15), 0.045)
    head = carve(head, mouth, 0.03)
    cheek = ellipsoid(at(q, (0.355, 0.33, 0.32)), (0.085, 0.075, 0.08))
    return blend(head, cheek, 0.03)


def _teeth(p: Floats) -> Floats:
    q = mirrored(p)
    shapes = [
        box(at(q, (x, y, 0.37)), (0.041, 0.043, 0.045), 0.018)
        for x in (0.046, 0.139) for y in (0.235, 0.143)
    ]  # fmt: skip
    lower = capsule(q, (0.240, 0.120, 0.43), (0.262, 0.240, 0.460), 0.054, 0.046)
    tusk = blend(lower, capsule(q, (0.262, 0.24, 0.460), (0.245, 0.350, 0.475), 0.046, 0.010), 0.02)
    return roughened(join([*shapes, tusk]), p, 0.012, lambda near: -_weather(near))


def _crown(q: Floats) -> Floats:
    slabs = [disc(turned(at(q, (0.0, 0.62, -0.04)), "x", 90), 0.33, 0.10, 0.03)]
    for angle, long in _FEATHERS:
        slab = turned(at(q, (0.0, 0.60, -0.02)), "z", angle)
        middle = 0.24 + 0.5 * long
        slabs.append(box(at(slab, (0, middle, 0)), (0.098, 0.5 * long + 0.05, 0.115), 0.05))
    front = stack(q[0] - np.float32(0.515), q[2] - np.float32(0.07), q[1] - np.float32(0.375))
    ear = disc(front, 0.165, 0.085, 0.03)
    hole = disc(front - np.array([[0], [0.085], [0]], np.float32), 0.075, 0.04, 0.02)
    return join([*slabs, carve(ear, hole, 0.02)])


_FEATHERS = ((0.0, 0.36), (27.0, 0.31), (54.0, 0.26), (80.0, 0.20))


def _painted(p: Floats) -> Floats:
    """What the carvers painted: the feathers' inlays, circlet, sun, necklace, bands, ear plugs."""
    q = mirrored(p)
    circlet = box(at(p, (0, 0.705, 0.02)), (0.475, 0.060, 0.365), 0.045)
    sun = disc(stack(p[0], p[2] - np.float32(0.345), p[1] - np.float32(0.765)), 0.140, 0.070, 0.03)
    shapes = [circlet, sun]
    for angle, long in _FEATHERS:
        slab = turned(at(q, (0.0, 0.60, -0.02)), "z", angle)
        leaf = at(slab, (0, 0.27 + 0.5 * long, 0.105))
        shapes.append(ellipsoid(leaf, (0.056, 0.44 * long, 0.032)))
    for x, y, z, r in _BEADS:
        shapes.append(sphere(at(q, (x, y, z)), r))
    shapes.append(ring(turned(at(q, (0.685, -0.165, 0.03)), "z", 18), 0.168, 0.040))
    shapes.append(box(at(q, (0.43, -0.605, 0.10)), (0.215, 0.036, 0.255), 0.034))
    shapes.append(sphere(at(q, (0.515, 0.375, 0.135)), 0.048))
    return roughened(join(shapes), p, 0.012, lambda near: -_weather(near))


_BEADS = ((0.0, -0.005, 0.40, 0.066), (0.125, 0.020, 0.39, 0.054), (0.235, 0.055, 0.37, 0.054),
          (0.335, 0.090, 0.340, 0.05))  # fmt: skip


def _stone(p: Floats) -> Floats:
    q = mirrored(p)
    whole = join([_plinth(p), _legs(q), _arms(q), _torso(p), _head(p, q), _crown(q)])
    return roughened(whole, p, 0.03, lambda near: -_weather(near))


def _weather(p: Floats) -> Floats:
    """How much of the shape time has taken: it swells and shrinks, and flakes are gone."""
    swell = fractal(p * np.float32(2.6) + 5, 2) * np.float32(0.011)
    return swell + np.clip(noise(p * 7 + 40) - np.float32(0.55), 0, 1) * np.float32(0.06)


def _eyes(p: Floats) -> Floats:
    return ellipsoid(at(mirrored(p), _EYE), (0.100, 0.068, 0.05))


def _rune(p: Floats) -> Floats:
    """Distance to the nearest rune's line on the front; large elsewhere."""
    q = mirrored(p)
    wobble = noise(p * np.float32(9)) * np.float32(0.006)
    line = np.minimum.reduce([one(q[0], q[1]) for one in _RUNES])
    sun = np.hypot(p[0], p[1] - np.float32(0.765))
    front = np.where(p[2] > 0.2, 0.0, 1.0).astype(np.float32)
    return np.minimum(line, np.abs(sun - np.float32(0.055))) + wobble + front


def _crack(p: Floats) -> Floats:
    bent = p + noise(p * np.float32(5)) * np.float32(0.08)
    _, border = cells(bent * np.float32(1.5))
    some = smoothstep(0.05, 0.35, noise(p * np.float32(1.7) + 23))
    return smoothstep(0.026, 0.006, border) * some


def _pits(p: Floats) -> Floats:
    return np.clip(noise(p * np.float32(27) + 8) - np.float32(0.52), 0, 1)


def _mossy(p: Floats, up: Floats, cavity: Floats) -> Floats:
    patch = fractal(p * np.float32(3.4) + 61, 4)
    ragged = fractal(p * np.float32(26), 2)
    amount = patch * 0.75 + cavity * 0.75 + np.clip(up, 0, 1) * 0.62 + ragged * 0.2
    low = smoothstep(-0.3, -1.1, p[1]) * np.float32(0.25)
    return smoothstep(0.70, 1.0, amount + low)


def _relief(p: Floats) -> Floats:
    chisel = fractal(stretched(p, 15, 26, 15), 3, 0.6) * np.float32(0.0058)
    strata = noise(stack(p[0] * 1.5, p[1] * 20, p[2] * 1.5)) * np.float32(0.004)
    groove = smoothstep(0.020, 0.008, _rune(p)) * np.float32(0.016)
    return chisel + strata - _pits(p) * np.float32(0.016) - _crack(p) * np.float32(0.016) - groove


def _stone_surface(spot: Spot) -> Surface:
    p = spot.point
    broad, fine = fractal(p * np.float32(2.8), 4), fractal(p * np.float32(30), 3)
    strata = fractal(stretched(p, 1.6, 9, 1.6) + 12, 3)
    color = mix(paint("#65625f"), paint("#ada493"), np.clip(broad * 0.5 + strata * 0.3 + 0.5, 0, 1))
    color = color * (1 + 0.22 * fine)
    warm = smoothstep(0.1, 0.9, fractal(p * np.float32(4.2) + 90, 3))
    color = mix(color, paint("#94785a"), warm * np.float32(0.35))
    dark = np.clip(_crack(p) * 0.75 + _pits(p) * 2.0, 0, 1)
    color = mix(color, paint("#2f2c29"), dark * np.float32(0.8))
    color = mix(color, paint("#332f29"), smoothstep(0.20, 0.9, spot.cavity) * np.float32(0.75))
    color = mix(color, paint("#cfc8b8"), smoothstep(0.30, 0.80, spot.edge + fine * 0.1) * 0.7)
    lichen = smoothstep(0.55, 0.75, fractal(p * np.float32(9) + 33, 4))
    color = mix(color, paint("#b3a15a"), lichen * np.float32(0.45))
    rune = smoothstep(0.019, 0.011, _rune(p))
    worn = smoothstep(-0.55, 0.15, fractal(p * np.float32(17) + 3, 3))
    color = mix(color, paint("#2fb8ae"), rune * worn * np.float32(0.9))
    glow = paint("#23d0c0") * (rune * worn * np.float32(0.22))
    count = fine.size
    stone = Surface(color, np.clip(0.82 + 0.08 * fine, 0, 1), level(count, 0.0), glow)
    moss = Surface(moss_color(p), level(count, 0.95), level(count, 0.0))
    return over(stone, moss, _mossy(p, spot.normal[1], spot.cavity) * (1 - rune * 0.8))


def _painted_surface(spot: Spot) -> Surface:
    p = spot.point
    stone = _stone_surface(spot)
    q = mirrored(p)
    fine, broad = fractal(p * np.float32(34), 3), fractal(p * np.float32(5) + 3, 3)
    red, ochre = paint("#a33b22"), paint("#cf8f2e")
    feather = np.floor(np.rad2deg(np.arctan2(q[0], p[1] - np.float32(0.60))) / 27.0 + 0.5)
    which = np.where(p[1] > 0.80, np.mod(feather, 2), 0.0).astype(np.float32)
    sun = smoothstep(0.15, 0.145, np.hypot(p[0], p[1] - 0.765)) * (p[2] > 0.34)
    beads = smoothstep(0.22, 0.24, p[2]) * (np.abs(p[1] - 0.06) < 0.13) * (q[0] < 0.42)
    color = mix(red, ochre, np.clip(which + sun + beads, 0, 1)) * (1 + 0.16 * broad + 0.1 * fine)
    flaked = smoothstep(0.10, 0.50, spot.edge * 0.8 + fine * 0.50 + broad * 0.40)
    coat = Surface(color, level(fine.size, 0.7), level(fine.size, 0.0))
    kept = (1 - flaked) * (1 - 0.6 * smoothstep(0.5, 1, spot.cavity))
    rune = smoothstep(0.019, 0.011, _rune(p))
    return over(stone, coat, kept * (1 - _mossy(p, spot.normal[1], spot.cavity)) * (1 - rune))


def _tooth_surface(spot: Spot) -> Surface:
    fine = fractal(spot.point * np.float32(24), 3)
    color = mix(paint("#b9ab8c"), paint("#e6dcc2"), np.clip(fine * 0.5 + 0.55, 0, 1))
    color = mix(color, paint("#54452f"), smoothstep(0.25, 0.9, spot.cavity) * np.float32(0.75))
    return Surface(color, level(fine.size, 0.6), level(fine.size, 0.0))


def _eye_surface(spot: Spot) -> Surface:
    q = mirrored(spot.point)
    away = np.hypot(q[0] - np.float32(_EYE[0] - 0.008), (q[1] - np.float32(_EYE[1])))
    color = mix(paint("#c8fff2"), paint("#18a99c"), smoothstep(0.0, 0.085, away))
    pupil = smoothstep(0.030, 0.022, away)
    color = mix(color, paint("#0b3a3c"), pupil)
    color = mix(color, paint("#0f5a58"), smoothstep(0.055, 0.085, away) * np.float32(0.5))
    return Surface(color, level(away.size, 0.25), level(away.size, 0.0), color * np.float32(0.45))


def _with_moss(p: Floats) -> Floats:
    return _relief(p) + moss_relief(p) * np.float32(0.25)


STONE_GUARDIAN = Prop(
    parts=lambda p: [_stone(p), _painted(p), _teeth(p), _eyes(p)],
    materials=(
        Material(_stone_surface, _with_moss),
        Material(_painted_surface, _relief),
        Material(_tooth_surface, lambda p: fractal(p * 20, 3) * np.float32(0.003)),
        Material(_eye_surface),
    ),
    elevation=6.0,
    caution=0.8,
)
