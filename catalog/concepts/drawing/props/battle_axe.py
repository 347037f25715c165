"""A double-bitted axe on its pommel: inlaid steel, leather-wrapped haft, a garnet boss."""

from __future__ import annotations

import numpy as np

from ..noise import fractal, noise, stretched
from ..outline import Outline, smooth_line
from ..prop import Material, Prop, Spot, Surface
from ..sdf import at, blend, box, capsule, disc, ellipsoid, join, mirrored, plate, ring, sphere
from ..textures import grain, level, polar
from ..vectors import Floats, mix, paint, smoothstep, stack

_HEAD = 0.50  # height of the head's middle
_UPPER = smooth_line([(0.06, 0.13), (0.16, 0.155), (0.30, 0.235), (0.42, 0.36), (0.50, 0.53)])
_EDGE = smooth_line([(0.50, 0.53), (0.625, 0.36), (0.70, 0.16), (0.715, -0.06), (0.675, -0.28),
                     (0.575, -0.47), (0.44, -0.62)])  # fmt: skip
_LOWER = smooth_line([(0.44, -0.62), (0.405, -0.44), (0.31, -0.29), (0.18, -0.19), (0.06, -0.15)])
_BLADE = Outline(
    np.vstack([_UPPER[:-1], _EDGE[:-1], _LOWER, [(-0.05, -0.15), (-0.05, 0.13)]]),
    closed=True,
    cells=560,
    margin=0.12,
)
_CUT = Outline(_EDGE, closed=False, cells=420, margin=0.3)


def _spiral(
    x: float, y: float, start: float, turns: float, size: float
) -> list[tuple[float, float]]:
    t = np.linspace(0, 1, 14)
    angle = np.deg2rad(start) + t * turns * 2 * np.pi
    away = size * (1 - 0.86 * t)
    return [(x + r * np.cos(a), y + r * np.sin(a)) for a, r in zip(angle, away, strict=True)]


_SCROLLS = tuple(
    Outline(smooth_line(line, steps=8), closed=False, cells=360, margin=0.08)
    for line in (
        [(0.135, 0.00), (0.20, 0.075), *_spiral(0.365, 0.135, 190, -1.55, 0.10)],
        [(0.135, -0.02), (0.20, -0.10), *_spiral(0.365, -0.165, 170, 1.55, 0.10)],
        [(0.25, -0.012), (0.36, -0.022), *_spiral(0.50, -0.01, 170, 1.45, 0.055)],
        [(0.33, 0.245), (0.385, 0.262), *_spiral(0.468, 0.262, 180, -1.3, 0.050)],
        [(0.345, -0.275), (0.385, -0.30), *_spiral(0.462, -0.318, 180, 1.3, 0.05)],
    )
)


def _blade(p: Floats) -> Floats:
    q = mirrored(at(p, (0, _HEAD, 0)))
    outline = _BLADE(q[0], q[1])
    cut = _CUT(q[0], q[1])
    # Nicks that a used edge has.
    nick = np.clip(noise(stack(q[0] * 3, p[1] * 17 + np.sign(p[0]) * 5, q[0])) - 0.62, 0, 1)
    thick = np.minimum(np.float32(0.006) + cut * np.float32(0.30), 0.036)
    thick = thick + np.float32(0.04) * smoothstep(0.30, 0.05, q[0])
    # A raised frame follows the outline.
    thick = thick + np.float32(0.010) * smoothstep(-0.050, -0.042, outline) * (cut > 0.115)
    flat = np.abs(q[2]) - thick
    return np.maximum(outline + nick * np.float32(0.06), flat * np.float32(0.9))


def _fittings(p: Floats) -> Floats:
    q = at(p, (0, _HEAD, 0))
    socket = box(q, (0.105, 0.20, 0.105), 0.035)
    for y in (-0.185, 0.185):
        socket = np.minimum(socket, box(at(q, (0, y, 0)), (0.125, 0.032, 0.125), 0.016))
    boss = ring(stack(q[0], q[2] - np.float32(0.105), q[1]), 0.078, 0.022)
    spike = capsule(p, (0, 0.70, 0), (0, 0.99, 0), 0.075, 0.004)
    neck = ring(at(p, (0, 0.735, 0)), 0.072, 0.022)
    collars = [ring(at(p, (0, y, 0)), r, 0.019) for y, r in _COLLARS]
    pommel = disc(at(p, (0, -1.015, 0)), 0.115, 0.03, 0.015)
    knob = ellipsoid(at(p, (0, -0.920, 0)), (0.130, 0.090, 0.130))
    langet = box(at(p, (0, 0.14, 0.068)), (0.036, 0.19, 0.018), 0.012)
    tip = sphere(at(p, (0, -0.045, 0.058)), 0.048)
    rivets = join([ellipsoid(at(p, (0, y, 0.088)), (0.018, 0.017, 0.012)) for y in (0.24, 0.10)])
    lower = blend(blend(knob, pommel, 0.03), np.minimum(langet, tip), 0.01)
    return join([socket, boss, spike, neck, *collars, lower, rivets])


_COLLARS = ((-0.135, 0.090), (-0.175, 0.090), (-0.805, 0.090), (-0.840, 0.094))


def _haft(p: Floats) -> Floats:
    swell = noise(stack(p[1] * 2.2, p[1] * 0, p[1] * 0)) * np.float32(0.004)
    q = at(p, (0, -0.1, 0))
    return plate(np.hypot(q[0], q[2]) - np.float32(0.072) - swell, q[1], 0.80, 0.02)


def _wrap(p: Floats) -> tuple[Floats, Floats]:
    """Which turn of the strap covers a place, and where across it, 0..1."""
    angle, _ = polar(p)
    turn = p[1] * np.float32(11.0) + angle / np.float32(2 * np.pi)
    turn = turn + noise(stack(p[1] * 9, angle, p[1])) * np.float32(0.07)
    number = np.floor(turn)
    return number, turn - number


def _leather(p: Floats) -> Floats:
    _, share = _wrap(p)
    # Each turn lies on the one below: thick at its lower border, thin above.
    lap = np.float32(0.017) * (1 - share) * smoothstep(0.0, 0.10, share)
    q = at(p, (0, -0.49, 0))
    body = np.hypot(q[0], q[2]) - np.float32(0.084) - lap
    return plate(body * np.float32(0.85), q[1], 0.32, 0.012)


def _gem(p: Floats) -> Floats:
    return ellipsoid(at(p, (0, _HEAD, 0.100)), (0.066, 0.066, 0.045))


def _inlay(p: Floats) -> tuple[Floats, Floats]:
    """Distances, within the blade's plane, to the scrolls and to the line that frames them."""
    q = mirrored(at(p, (0, _HEAD, 0)))
    scroll = np.minimum.reduce([line(q[0], q[1]) for line in _SCROLLS])
    frame = np.maximum(_BLADE(q[0], q[1]) + np.float32(0.067), np.float32(0.14) - _CUT(q[0], q[1]))
    # The scrolls grow out of the frame; none crosses it.
    return np.where(frame < -0.006, scroll, np.float32(1)), np.abs(frame)


def _blade_relief(p: Floats) -> Floats:
    scroll, frame = _inlay(p)
    groove = np.clip(1 - np.minimum(scroll, frame + np.float32(0.004)) / np.float32(0.011), 0, 1)
    dents = noise(p * np.float32(8)) * np.float32(0.0028)
    return dents - np.sqrt(groove) * np.float32(0.006)


def _blade_surface(spot: Spot) -> Surface:
    p = spot.point
    q = mirrored(at(p, (0, _HEAD, 0)))
    outline, cut = _BLADE(q[0], q[1]), _CUT(q[0], q[1])
    scroll, frame = _inlay(p)
    brushed = fractal(stretched(p, 9, 130, 40), 3)
    cloud = fractal(p * np.float32(4.5), 4)
    # Folded steel: the layers show as wandering lines.
    layer = np.sin(cut * 60 + fractal(p * np.float32(5) + 7, 3) * 6.0)
    steel = mix(paint("#6f7780"), paint("#9aa2a9"), np.clip(cloud * 0.5 + 0.5 + layer * 0.12, 0, 1))
    inside = smoothstep(-0.05, -0.07, outline) * smoothstep(0.125, 0.145, cut)
    steel = mix(steel, paint("#4b545e") * (1 + 0.25 * cloud), inside * np.float32(0.75))
    steel = steel * (1 + 0.07 * brushed)
    honed = smoothstep(0.115, 0.105, cut)
    steel = mix(steel, paint("#c9ced2") * (1 + 0.06 * brushed), honed * np.float32(0.85))
    gold = smoothstep(0.0125, 0.0085, np.minimum(scroll, frame + np.float32(0.003)))
    color = mix(steel, paint("#d9a441") * (1 + 0.15 * cloud), gold)
    rim = np.clip(1 - np.abs(np.minimum(scroll, frame + 0.003) - 0.0135) / 0.005, 0, 1)
    color = color * (1 - 0.5 * rim)
    stain = smoothstep(0.35, 0.95, fractal(p * np.float32(7) + 70, 4) + spot.cavity * 0.7)
    color = mix(color, paint("#4a3a2e"), stain * (1 - honed) * np.float32(0.5))
    color = mix(color, paint("#dfe2e4"), smoothstep(0.5, 0.95, spot.edge) * np.float32(0.6))
    rough = 0.36 + 0.06 * brushed + 0.08 * cloud - 0.08 * honed + 0.25 * stain
    return Surface(color, np.clip(rough, 0.2, 1), level(cut.size, 0.9) - 0.4 * stain)


def _fitting_surface(spot: Spot) -> Surface:
    p = spot.point
    cloud, fine = fractal(p * np.float32(8), 4), fractal(p * np.float32(45), 3)
    brass = mix(paint("#8a5f27"), paint("#cf9a45"), np.clip(cloud * 0.5 + 0.55, 0, 1))
    tarnish = smoothstep(0.25, 0.9, spot.cavity + fine * 0.25 + cloud * 0.2)
    color = mix(brass, paint("#3a2a18"), tarnish * np.float32(0.8))
    color = mix(color, paint("#f0cf86"), smoothstep(0.35, 0.85, spot.edge) * np.float32(0.6))
    rough = np.clip(0.38 + 0.12 * cloud + 0.3 * tarnish, 0.2, 1)
    return Surface(color, rough, level(fine.size, 0.9) - 0.4 * tarnish)


def _leather_surface(spot: Spot) -> Surface:
    p = spot.point
    number, share = _wrap(p)
    pores, broad = fractal(p * np.float32(60), 3), fractal(p * np.float32(6), 3)
    hide = mix(
        paint("#451610"), paint("#8a3220"), np.clip(broad * 0.35 + 0.45 + pores * 0.12, 0, 1)
    )
    hide = hide * (0.88 + 0.24 * noise(stack(number * 3.7, number, number)))
    worn = smoothstep(0.45, 0.05, share) * smoothstep(0.02, 0.1, share)
    hide = mix(hide, paint("#c9774a"), worn * np.clip(0.5 + broad * 0.5, 0, 1) * np.float32(0.5))
    # A row of stitches runs along each turn's lower border.
    along = polar(p)[0] * np.float32(9.5)
    stitch = smoothstep(0.05, 0.03, np.abs(share - 0.24)) * smoothstep(-0.1, 0.3, np.sin(along * 3))
    hide = mix(hide, paint("#d8b98a"), stitch * np.float32(0.8))
    hide = mix(hide, paint("#1f0d09"), smoothstep(0.85, 1.0, share) * np.float32(0.85))
    return Surface(hide, np.clip(0.55 + 0.15 * pores, 0.3, 1), level(share.size, 0.0))


def _haft_surface(spot: Spot) -> Surface:
    ring_tone = grain(spot.point)
    color = mix(paint("#8a5a33"), paint("#4a2a14"), np.clip(ring_tone * 0.5 + 0.45, 0, 1))
    color = mix(color, paint("#1d0f07"), smoothstep(0.35, 1.0, spot.cavity) * np.float32(0.7))
    return Surface(color, level(ring_tone.size, 0.5), level(ring_tone.size, 0.0))


def _gem_surface(spot: Spot) -> Surface:
    q = at(spot.point, (0, _HEAD, 0))
    depth = np.clip((q[1] * -6 + q[0] * 4) + 0.4, 0, 1)
    color = mix(paint("#5d0713"), paint("#d0182c"), depth)
    return Surface(color, level(depth.size, 0.12), level(depth.size, 0.0), color * np.float32(0.25))


def _hide(p: Floats) -> Floats:
    return fractal(p * np.float32(75), 2) * np.float32(0.0014)


BATTLE_AXE = Prop(
    parts=lambda p: [_blade(p), _fittings(p), _haft(p), _leather(p), _gem(p)],
    materials=(
        Material(_blade_surface, _blade_relief),
        Material(_fitting_surface, lambda p: noise(p * np.float32(16)) * np.float32(0.002)),
        Material(_haft_surface, lambda p: grain(p) * np.float32(-0.0025)),
        Material(_leather_surface, _hide),
        Material(_gem_surface),
    ),
    elevation=4.0,
    caution=0.75,
)
