"""A hexagonal lantern: black iron with brass trim, arched amber panes, a ring on top."""

from __future__ import annotations

import numpy as np

from ..noise import fractal, noise, stretched
from ..prop import Material, Prop, Spot, Surface
from ..sdf import (
    around,
    at,
    blend,
    capsule,
    ellipsoid,
    hexagon,
    join,
    plate,
    prism,
    ring,
    sphere,
    standing_ring,
)
from ..textures import hammered, level, worn_iron
from ..vectors import Floats, fixed, mix, paint, smoothstep, stack, turned

_TURN = 11.0  # degrees, so that one face looks nearly at the camera
_LOW, _HIGH = -0.72, 0.34
_FLAME = -0.16


def _wall(y: Floats) -> Floats:
    """The apothem of the glass body, wider above."""
    return np.float32(0.395) + np.float32(0.085) * (y - np.float32(_LOW)) / np.float32(_HIGH - _LOW)


def _window(x: Floats, y: Floats) -> Floats:
    """Distance to a pane's pointed arch, negative within it."""
    straight = np.maximum(np.abs(x) - np.float32(0.170), np.float32(-0.635) - y)
    below = np.maximum(straight, y - np.float32(0.02))
    # Each flank of the arch is an arc about the other side's foot.
    arch = np.hypot(np.abs(x) + np.float32(0.10), y - np.float32(0.015)) - np.float32(0.270)
    above = np.maximum(arch, np.float32(0.015) - y)
    return np.minimum(below, above)


def _frame(p: Floats) -> Floats:
    face = around(p, 6)
    wall = face[2] - _wall(p[1])
    window = _window(face[0], p[1])
    sheet = plate(np.maximum(wall - 0.012, -wall - 0.04), p[1] + 0.19, 0.55)
    frame = np.maximum(sheet, -window)
    # A raised moulding round the arch, and leads across the pane.
    bead = np.hypot(window + 0.004, wall - 0.014) - np.float32(0.017)
    lead = np.minimum(
        np.abs(np.abs(face[0]) - (p[1] + 0.30) * 0.5), np.abs(np.abs(face[0]) + (p[1] + 0.30) * 0.5)
    ) * np.float32(0.89)
    lead = np.maximum(np.hypot(lead, wall + 0.012) - np.float32(0.0135), window)
    knot = ellipsoid(stack(face[0], p[1] + 0.30, wall), (0.034, 0.034, 0.026))
    corner = around(p, 6, np.pi / 6)
    r = float(2 / np.sqrt(3))
    post = capsule(corner, (0, _LOW - 0.04, 0.395 * r), (0, _HIGH + 0.04, 0.48 * r), 0.038, 0.038)
    return join([frame, bead, lead, knot, post])


def _base(p: Floats) -> Floats:
    corner = around(p, 6, np.pi / 6)
    feet = ellipsoid(at(corner, (0, -0.985, 0.53)), (0.085, 0.065, 0.085))
    steps = [
        prism(at(p, (0, -0.915, 0)), 0.545, 0.045, 0.018),
        prism(at(p, (0, -0.835, 0)), 0.485, 0.045, 0.03),
        prism(at(p, (0, -0.765, 0)), 0.435, 0.040, 0.012),
    ]
    return join([blend(feet, steps[0], 0.03), *steps[1:]])


def _roof_line(y: Floats) -> Floats:
    """The roof's apothem: a pagoda's sweep from the eaves to the chimney."""
    t = np.clip((y - np.float32(0.45)) / np.float32(0.36), 0, 1)
    return np.float32(0.135) + np.float32(0.44) * (1 - t) ** 1.9


def _roof(p: Floats) -> Floats:
    eaves = prism(at(p, (0, 0.385, 0)), 0.535, 0.045, 0.02)
    lip = prism(at(p, (0, 0.438, 0)), 0.600, 0.022, 0.014)
    shell = plate((hexagon(p) - _roof_line(p[1])) * np.float32(0.62), p[1] - 0.63, 0.18, 0.0)
    corner = around(p, 6, np.pi / 6)
    ridge_at = _roof_line(p[1]) * np.float32(2 / np.sqrt(3))
    ridge = np.hypot(corner[0], (corner[2] - ridge_at) * np.float32(0.6)) - np.float32(0.022)
    ridge = np.maximum(ridge, np.abs(p[1] - 0.63) - np.float32(0.18)) * np.float32(0.9)
    chimney = prism(at(p, (0, 0.86, 0)), 0.125, 0.075, 0.01)
    hat = blend(
        prism(at(p, (0, 0.945, 0)), 0.185, 0.018, 0.01),
        capsule(p, (0, 0.95, 0), (0, 1.03, 0), 0.12, 0.045), 0.05,
    )  # fmt: skip
    return join([eaves, lip, shell, ridge, chimney, hat])


def _ring(p: Floats) -> Floats:
    eye = standing_ring(at(p, (0, 1.08, 0)), 0.045, 0.022)
    hoop = standing_ring(turned(at(p, (0, 1.235, 0)), "y", 8), 0.155, 0.029)
    return np.minimum(eye, hoop)


def _brass(p: Floats) -> Floats:
    corner = around(p, 6, np.pi / 6)
    knobs = sphere(at(corner, (0, 0.470, 0.685)), 0.042)
    bosses = sphere(at(corner, (0, -0.835, 0.555)), 0.034)
    bands = prism(at(p, (0, -0.700, 0)), 0.425, 0.018, 0.01)
    upper = prism(at(p, (0, 0.325, 0)), 0.505, 0.018, 0.01)
    collar = prism(at(p, (0, 0.800, 0)), 0.165, 0.022, 0.012)
    neck = ring(at(p, (0, 1.02, 0)), 0.050, 0.018)
    return join([knobs, bosses, bands, upper, collar, neck])


def _glass(p: Floats) -> Floats:
    inner = hexagon(p) - _wall(p[1]) + np.float32(0.022)
    return plate(inner * np.float32(0.95), p[1] + 0.19, 0.54)


def _glass_surface(spot: Spot) -> Surface:
    p = turned(spot.point, "y", _TURN)
    face = around(p, 6)
    frost = fractal(p * np.float32(16), 4)
    seeds = smoothstep(0.62, 0.85, noise(p * np.float32(40)))
    away = np.hypot(
        face[0] * 1.25, (p[1] - np.float32(_FLAME)) * np.where(p[1] > _FLAME, 0.62, 1.0)
    )
    warm = np.clip(np.exp(-np.square(away / 0.20)) + frost * 0.06, 0, 1)
    wide = np.clip(np.exp(-np.square(away / 0.48)) + frost * 0.08, 0, 1)
    amber = mix(paint("#a03f08"), paint("#ee8a18"), wide)
    amber = mix(amber, paint("#ffc24a"), warm * np.float32(0.85))
    amber = (
        amber * (1 - 0.5 * smoothstep(0.3, 1.0, spot.cavity)) * (1 + 0.10 * frost + 0.15 * seeds)
    )
    glow = amber * (np.float32(0.20) + 0.42 * wide + 0.22 * warm)
    # The flame and its candle, blurred by the frost.
    up = (p[1] - np.float32(_FLAME)) + frost * np.float32(0.012)
    width = np.float32(0.034) * np.clip(1 - up * 5.5, 0.15, 1)
    flame = np.exp(-np.square(face[0] / width) - np.square(up / np.float32(0.095)))
    candle = smoothstep(0.085, 0.045, np.abs(face[0])) * smoothstep(-0.09, -0.14, up)
    glow = glow * (1 - 0.22 * candle) + paint("#fff0b8") * (flame * np.float32(0.8))
    count = frost.size
    return Surface(amber * np.float32(0.5), level(count, 0.28), level(count, 0.0), glow)


def _frost(p: Floats) -> Floats:
    return noise(p * np.float32(21)) * np.float32(0.0035) + noise(p * 60) * np.float32(0.0008)


def _iron_surface(spot: Spot) -> Surface:
    iron = worn_iron(spot, 0.40, "#4c4948")
    p = turned(spot.point, "y", _TURN)
    face = around(p, 6)
    # Light that leaks from the pane warms the iron that frames it.
    near = smoothstep(0.035, -0.02, _window(face[0], p[1])) * (np.abs(p[1] + 0.2) < 0.56)
    inner = near * smoothstep(0.02, -0.02, hexagon(p) - _wall(p[1]))
    spill = fixed(1.0, 0.42, 0.08) * (inner * np.float32(0.14))
    return Surface(iron.color, iron.roughness, iron.metallic, spill)


def _brass_surface(spot: Spot) -> Surface:
    p = spot.point
    cloud, fine = fractal(p * np.float32(9), 4), fractal(p * np.float32(45), 3)
    color = mix(paint("#8b642c"), paint("#d0a04c"), np.clip(cloud * 0.5 + 0.5, 0, 1))
    green = smoothstep(0.45, 1.0, spot.cavity + fine * 0.3 + cloud * 0.25)
    color = mix(color, paint("#4d7a66"), green * np.float32(0.75))
    color = mix(color, paint("#f3d692"), smoothstep(0.35, 0.85, spot.edge) * np.float32(0.5))
    rough = np.clip(0.36 + 0.1 * cloud + 0.4 * green, 0.2, 1)
    return Surface(color, rough, level(fine.size, 0.9) - 0.7 * green)


def _parts(p: Floats) -> list[Floats]:
    q = turned(p, "y", _TURN)
    iron = join([_frame(q), _base(q), _roof(q), _ring(q)])
    return [iron, _brass(q), _glass(q)]


def _streaks(p: Floats) -> Floats:
    return hammered(p) + fractal(stretched(p, 20, 3, 20), 2) * np.float32(0.0008)


IRON_LANTERN = Prop(
    parts=_parts,
    materials=(
        Material(_iron_surface, _streaks),
        Material(_brass_surface, lambda p: noise(p * np.float32(18)) * np.float32(0.002)),
        Material(_glass_surface, _frost),
    ),
    elevation=5.0,
    caution=0.8,
)
