"""A clockwork robot that stands and waves: enamelled plates, brass joints, one glowing eye."""

from __future__ import annotations

import numpy as np

from ..noise import fractal, noise
from ..prop import Material, Prop, Spot, Surface
from ..sdf import (
    around,
    at,
    blend,
    box,
    capsule,
    disc,
    ellipsoid,
    join,
    mirrored,
    ring,
    sphere,
    standing_ring,
)
from ..textures import hammered, level, over, worn_iron
from ..vectors import Floats, mix, paint, smoothstep, stack, turned

_TURN = -16.0
_EYE = (0.0, 0.66, 0.30)
# Arms, each from shoulder over elbow to hand: the robot's right one hangs, the left one waves.
_ARMS = (((-0.50, 0.20, 0.0), (-0.68, -0.10, 0.04), (-0.66, -0.38, 0.16)),
         ((0.50, 0.20, 0.0), (0.76, 0.06, 0.06), (0.88, 0.40, 0.14)))  # fmt: skip


def _seen(p: Floats) -> Floats:
    return turned(p, "y", _TURN)


def _plates(p: Floats) -> Floats:
    q = _seen(p)
    chest = blend(ellipsoid(at(q, (0, 0.06, 0)), (0.46, 0.38, 0.34)),
                  box(at(q, (0, 0.02, 0)), (0.34, 0.30, 0.26), 0.14), 0.08)  # fmt: skip
    chest = np.maximum(chest, np.float32(-0.27) - q[1])
    hips = box(at(q, (0, -0.40, 0)), (0.27, 0.09, 0.20), 0.07)
    head = blend(ellipsoid(at(q, (0, 0.68, 0)), (0.36, 0.29, 0.32)),
                 disc(at(q, (0, 0.58, 0)), 0.33, 0.08, 0.04), 0.06)  # fmt: skip
    seam = np.hypot(q[1] - np.float32(0.84), np.float32(0.0)) - np.float32(0.010)
    head = np.maximum(head, -np.maximum(seam, -head - np.float32(0.02)))
    m = mirrored(q)
    chest = np.maximum(chest, np.float32(0.010) - np.abs(q[1] - np.float32(0.235)))
    hatch = np.abs(np.maximum(np.abs(q[0]), np.abs(q[1] - np.float32(0.04))) - 0.19)
    chest = np.maximum(chest, -np.maximum(hatch - np.float32(0.008), np.float32(0.1) - q[2]))
    shoulder = ellipsoid(at(m, (0.50, 0.22, 0)), (0.150, 0.135, 0.150))
    toes = box(at(m, (0.21, -0.88, 0.05)), (0.125, 0.085, 0.20), 0.06)
    boot = blend(toes, capsule(m, (0.205, -0.72, 0), (0.205, -0.84, 0), 0.105, 0.125), 0.05)
    thigh = capsule(m, (0.195, -0.50, 0), (0.20, -0.56, 0), 0.125, 0.105)
    cuffs = [
        capsule(q, _between(elbow, hand, 0.25), _between(elbow, hand, 0.80), 0.085, 0.115)
        for _, elbow, hand in _ARMS
    ]
    return join([chest, hips, head, shoulder, boot, thigh, *cuffs])


def _between(
    a: tuple[float, float, float], b: tuple[float, float, float], share: float
) -> tuple[float, float, float]:
    x, y, z = (s + (e - s) * share for s, e in zip(a, b, strict=True))
    return x, y, z


def _iron(p: Floats) -> Floats:
    q = _seen(p)
    m = mirrored(q)
    waist = disc(at(q, (0, -0.29, 0)), 0.235, 0.045, 0.02)
    neck = disc(at(q, (0, 0.43, 0)), 0.16, 0.06, 0.01)
    folds = [ring(at(q, (0, y, 0)), 0.165, 0.022) for y in (0.405, 0.445, 0.485)]
    shin = capsule(m, (0.20, -0.56, 0), (0.205, -0.74, 0), 0.070, 0.070)
    bands = [ring(at(m, (0.203, y, 0)), 0.072, 0.016) for y in (-0.62, -0.655, -0.69)]
    sole = box(at(m, (0.21, -0.965, 0.05)), (0.140, 0.030, 0.215), 0.02)
    limbs = []
    for shoulder, elbow, hand in _ARMS:
        limbs += [capsule(q, shoulder, elbow, 0.055, 0.055), capsule(q, elbow, hand, 0.055, 0.055)]
        limbs.append(_claw(q, elbow, hand))
    socket = standing_ring(at(q, _EYE), 0.165, 0.045)
    rod = capsule(q, (0.10, 0.93, 0), (0.16, 1.12, 0), 0.016, 0.012)
    return join([waist, neck, *folds, shin, *bands, sole, *limbs, socket, rod])


def _claw(q: Floats, elbow: tuple[float, float, float], hand: tuple[float, float, float]) -> Floats:
    """Three fingers that go on where the forearm ends."""
    reach = _between(elbow, hand, 1.75)
    shapes = []
    for x, z in ((-0.10, 0.02), (0.10, 0.02), (0.0, -0.10)):
        knuckle = (hand[0] + x, (hand[1] + reach[1]) / 2, (hand[2] + reach[2]) / 2 + z)
        tip = (reach[0] + x * 0.35, reach[1], reach[2] + z * 0.4)
        shapes.append(blend(capsule(q, hand, knuckle, 0.045, 0.040),
                            capsule(q, knuckle, tip, 0.038, 0.022), 0.02))  # fmt: skip
    return join(shapes)


def _brass(p: Floats) -> Floats:
    q = _seen(p)
    m = mirrored(q)
    elbows = [sphere(at(q, elbow), 0.088) for _, elbow, _ in _ARMS]
    wrists = [sphere(at(q, _between(elbow, hand, 0.9)), 0.088) for _, elbow, hand in _ARMS]
    ears = disc(_sideways(at(m, (0.36, 0.66, 0))), 0.105, 0.045, 0.02)
    bolt = ellipsoid(at(m, (0.41, 0.66, 0)), (0.045, 0.045, 0.045))
    bulb = sphere(at(q, (0.165, 1.145, 0)), 0.050)
    bezel = standing_ring(at(q, (0, 0.06, 0.335)), 0.135, 0.026)
    knee = ellipsoid(at(m, (0.20, -0.565, 0.09)), (0.062, 0.062, 0.040))
    rivet = around(at(q, (0, 0.425, 0)), 10, 0.3)
    collar = ring(at(q, (0, 0.365, 0)), 0.205, 0.035)
    heads = sphere(at(rivet, (0, -0.055, 0.24)), 0.018)
    belt = sphere(at(around(q, 14, 0.2), (0, -0.29, 0.235)), 0.019)
    return join([*elbows, *wrists, ears, bolt, bulb, bezel, knee, collar, heads, belt])


def _sideways(q: Floats) -> Floats:
    return stack(q[1], q[0], q[2])


def _lens(p: Floats) -> Floats:
    return ellipsoid(at(_seen(p), (_EYE[0], _EYE[1], _EYE[2] - 0.03)), (0.155, 0.155, 0.105))


def _dial(p: Floats) -> Floats:
    return ellipsoid(at(_seen(p), (0, 0.06, 0.325)), (0.130, 0.130, 0.030))


def _enamel(spot: Spot) -> Surface:
    p = spot.point
    q = _seen(p)
    fine, broad = fractal(p * np.float32(32), 3), fractal(p * np.float32(4.5) + 6, 4)
    color = mix(paint("#1d6f74"), paint("#3aa3a0"), np.clip(broad * 0.4 + 0.5, 0, 1))
    stripe = smoothstep(0.075, 0.068, np.abs(q[0] + np.float32(0.17))) * (q[1] < 0.40)
    stripe = np.maximum(stripe * (q[1] > -0.30), smoothstep(0.034, 0.030, np.abs(q[1] - 0.775)))
    cream = paint("#e6d6ad")
    color = mix(color, cream, stripe)
    toes = smoothstep(0.13, 0.14, q[2]) * (q[1] < -0.75)
    color = mix(color, paint("#c4582a"), toes)
    color = color * (1 + 0.10 * fine)
    # Chips down to the steel, with a rim of rust.
    chip = smoothstep(0.34, 0.42, spot.edge * 0.75 + fine * 0.36 + broad * 0.34)
    rust = smoothstep(0.25, 0.36, spot.edge * 0.75 + fine * 0.36 + broad * 0.34)
    color = mix(color, paint("#7a4426"), rust * np.float32(0.8))
    color = mix(color, paint("#17191a"), smoothstep(0.30, 0.9, spot.cavity) * np.float32(0.75))
    grime = smoothstep(-0.45, -1.0, q[1] + 0.15 * broad) * np.float32(0.45)
    color = mix(color, paint("#5a4c3a"), grime)
    coat = Surface(color, np.clip(0.34 + 0.3 * rust + 0.05 * fine, 0.15, 1), level(fine.size, 0.0))
    return over(coat, worn_iron(spot, 0.35, "#6a6866"), chip)


def _brass_surface(spot: Spot) -> Surface:
    cloud, fine = fractal(spot.point * np.float32(9), 4), fractal(spot.point * np.float32(40), 3)
    color = mix(paint("#7d561f"), paint("#d2a046"), np.clip(cloud * 0.5 + 0.5, 0, 1))
    color = mix(color, paint("#2b1f12"), smoothstep(0.3, 0.9, spot.cavity) * np.float32(0.8))
    color = mix(color, paint("#f7dc97"), smoothstep(0.35, 0.85, spot.edge) * np.float32(0.5))
    return Surface(color, np.clip(0.33 + 0.1 * fine, 0.2, 1), level(fine.size, 0.9))


def _lens_surface(spot: Spot) -> Surface:
    q = at(_seen(spot.point), _EYE)
    away = np.hypot(q[0], q[1])
    blades = np.abs(np.sin(np.arctan2(q[1], q[0]) * np.float32(4))) * np.float32(0.012)
    iris = smoothstep(0.060, 0.050, away + blades)
    color = mix(paint("#8a2a08"), paint("#ff9a24"), smoothstep(0.16, 0.03, away))
    color = mix(color, paint("#fff2c0"), smoothstep(0.045, 0.015, away))
    color = mix(color, paint("#5a1604"), smoothstep(0.012, 0.0, np.abs(away - 0.095)) * 0.8)
    glow = color * (np.float32(0.35) + np.float32(0.35) * iris)
    return Surface(color * np.float32(0.5), level(away.size, 0.15), level(away.size, 0.0), glow)


def _dial_surface(spot: Spot) -> Surface:
    q = at(_seen(spot.point), (0, 0.06, 0))
    away, angle = np.hypot(q[0], q[1]), np.arctan2(q[0], q[1])
    color = mix(paint("#f0e3c0"), paint("#cbb98d"), smoothstep(0.05, 0.13, away))
    tick = np.abs(np.mod(angle * np.float32(12 / (2 * np.pi)) + 0.5, 1) - 0.5)
    ticks = smoothstep(0.14, 0.08, tick) * (away > 0.085) * (away < 0.112)
    red = (away > 0.075) * (away < 0.085) * (angle > 0.6) * (angle < 2.2)
    color = mix(mix(color, paint("#2a211a"), ticks), paint("#a82c1a"), red.astype(np.float32))
    hand = np.abs(q[0] * np.float32(0.64) - q[1] * np.float32(0.77))
    pointer = smoothstep(0.012, 0.007, hand) * (q[0] > -0.02) * (away < 0.09)
    color = mix(color, paint("#1d1611"), np.maximum(pointer, smoothstep(0.022, 0.017, away)))
    return Surface(color, level(away.size, 0.3), level(away.size, 0.0))


CLOCKWORK_ROBOT = Prop(
    parts=lambda p: [_plates(p), _iron(p), _brass(p), _lens(p), _dial(p)],
    materials=(
        Material(_enamel, lambda p: noise(p * np.float32(8)) * np.float32(0.004)),
        Material(lambda spot: worn_iron(spot, 0.40, "#5e5c5a"), hammered),
        Material(_brass_surface, lambda p: noise(p * np.float32(20)) * np.float32(0.0015)),
        Material(_lens_surface),
        Material(_dial_surface),
    ),
    elevation=5.0,
    caution=0.85,
)
