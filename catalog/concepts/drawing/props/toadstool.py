"""Three toadstools on a mossy mound: spotted caps, ringed stems, pebbles."""

from __future__ import annotations

import numpy as np

from ..noise import fractal, noise, stretched
from ..prop import Material, Prop, Spot, Surface
from ..sdf import Point, at, blend, capsule, carve, ellipsoid, join, ring, roughened, within
from ..textures import level, moss_color, moss_relief
from ..vectors import Floats, dot, mix, paint, smoothstep, stack, turned, unit

# Where each stands: foot, cap's middle, cap's radius, lean in degrees (z, x).
_MUSHROOMS = (
    ((0.02, -0.72, 0.0), (0.06, 0.28, 0.0), 0.78, -4.0, 2.0),
    ((-0.46, -0.66, 0.20), (-0.66, -0.16, 0.20), 0.34, 14.0, 6.0),
    ((0.50, -0.70, 0.18), (0.64, -0.34, 0.20), 0.27, -13.0, 6.0),
)


def _spots(count: int, seed: int) -> tuple[Floats, Floats]:
    """Directions (3, count) spread evenly over a cap, and the wart's size at each."""
    random = np.random.default_rng(seed)
    turn = np.arange(count) * 2.39996 + random.uniform(-0.16, 0.16, count)
    height = 1 - (np.arange(count) + 0.35) / count * 0.93
    away = np.sqrt(1 - height**2)
    size = random.uniform(0.060, 0.135, count) * (0.75 + 0.35 * height)
    place = np.stack([away * np.sin(turn), height, away * np.cos(turn)])
    return place.astype(np.float32), size.astype(np.float32)


_WARTS = (_spots(58, 5), _spots(30, 8), _spots(24, 21))


def _seen(p: Floats, which: int) -> Floats:
    """Points in a cap's own frame, its radius one, its rim at height zero."""
    _, centre, radius, lean, tip = _MUSHROOMS[which]
    q = turned(turned(at(p, centre), "z", -lean), "x", -tip)
    return q / np.float32(radius)


def _cap(q: Floats) -> Floats:
    wide = noise(stretched(q, 1.8, 0.6, 1.8) + 4) * np.float32(0.05)
    q = stack(q[0], q[1] + wide, q[2])
    dome = ellipsoid(at(q, (0, 0.0, 0)), (1.0, 0.80, 1.0))
    dome = blend(dome, ellipsoid(at(q, (0, 0.42, 0)), (0.55, 0.46, 0.55)), 0.30)
    hollow = ellipsoid(at(q, (0, -0.42, 0)), (1.08, 0.52, 1.08))
    cut = carve(dome, hollow, 0.07)
    return np.maximum(cut, -q[1] - np.float32(0.12))


def _wart_heights(q: Floats, which: int) -> Floats:
    """How far the nearest wart covers a place on the cap, 0 at its border, about 1 inside."""
    places, sizes = _WARTS[which]
    flat = unit(q * np.array([[1.0], [1.25], [1.0]], np.float32))
    ragged = noise(q * np.float32(11)) * np.float32(0.018) + noise(q * 25) * np.float32(0.008)
    best = np.zeros(q.shape[1], np.float32)
    for i, size in enumerate(sizes):
        angle = np.sqrt(np.maximum(2 - 2 * dot(flat, places[:, i : i + 1]), 0))
        best = np.maximum(best, 1 - (angle + ragged) / size)
    lumps = noise(q * np.float32(23)) * np.float32(0.22)
    return smoothstep(0.0, 0.42, best) * (1 + lumps * smoothstep(0.2, 0.6, best) - 0.15)


def _caps(p: Floats) -> Floats:
    return join([_whole_cap(p, which) for which in range(len(_MUSHROOMS))])


def _whole_cap(p: Floats, which: int) -> Floats:
    _, centre, radius, _, _ = _MUSHROOMS[which]

    def shape(near: Floats) -> Floats:
        q = _seen(near, which)
        domed = _cap(q)
        warty = roughened(
            domed, q, 0.045, lambda at_skin: _wart_heights(at_skin, which) * np.float32(0.040)
        )
        return np.where(q[1] > -0.1, warty, domed) * np.float32(radius)

    return within(p, centre, radius * 1.12, shape)


def _gills(p: Floats) -> Floats:
    shapes = []
    for which, (_, _, radius, _, _) in enumerate(_MUSHROOMS):
        q = _seen(p, which)
        shapes.append(ellipsoid(at(q, (0, 0.02, 0)), (0.90, 0.13, 0.90)) * np.float32(radius))
    return join(shapes)


def _stems(p: Floats) -> Floats:
    return join([_whole_stem(p, which) for which in range(len(_MUSHROOMS))])


def _whole_stem(p: Floats, which: int) -> Floats:
    foot, centre, radius, _, _ = _MUSHROOMS[which]
    thick = radius * 0.22
    collar = _along(foot, centre, 0.70)

    def shape(near: Floats) -> Floats:
        stem = capsule(near, foot, centre, thick * 1.25, thick * 0.9)
        bulb = ellipsoid(at(near, (foot[0], foot[1] + thick * 0.25, foot[2])),
                         (thick * 1.75, thick * 1.5, thick * 1.75))  # fmt: skip
        stem = blend(stem, bulb, thick * 0.9)
        for share in (0.18, 0.34):
            scale = ring(
                at(near, _along(foot, centre, share)), thick * (1.45 - share), thick * 0.11
            )
            stem = blend(stem, scale, thick * 0.25)
        skirt = within(near, collar, thick * 2.3, lambda q: _skirt(at(q, collar), thick))
        return blend(stem, skirt, thick * 0.12)

    return within(p, _along(foot, centre, 0.45), 0.62 * (centre[1] - foot[1]) + thick, shape)


def _along(foot: Point, centre: Point, share: float) -> Point:
    """The place on a stem this share of the way up."""
    x, y, z = (f + (c - f) * share for f, c in zip(foot, centre, strict=True))
    return x, y, z


def _skirt(q: Floats, thick: float) -> Floats:
    """The ring under the cap: a thin cone that hangs, its hem torn."""
    angle = np.arctan2(q[0], q[2])
    hem = np.sin(angle * 9) * 0.10 + np.sin(angle * 5 + 1) * 0.10
    drop = (-q[1] / np.float32(thick)).clip(-0.3, 1.5)
    radius = np.float32(thick) * (0.95 + 0.75 * drop - 0.12 * drop * drop + hem * drop * 0.5)
    shell = np.abs(np.hypot(q[0], q[2]) - radius) * np.float32(0.75) - np.float32(thick * 0.09)
    long = np.abs(q[1] + np.float32(0.45 * thick)) - thick * (0.62 + hem * 0.5)
    return np.maximum(shell, long * np.float32(0.8))


_PEBBLES = ((-0.80, -0.90, 0.10, 0.11), (0.83, -0.90, 0.05, 0.13), (0.28, -0.84, 0.42, 0.085),
            (-0.18, -0.88, 0.46, 0.06), (0.70, -0.93, 0.25, 0.07))  # fmt: skip


def _mound(p: Floats) -> Floats:
    hill = ellipsoid(at(p, (0, -1.0, 0)), (0.98, 0.36, 0.62))
    return np.maximum(roughened(hill, p, 0.085, _tufts), -p[1] - np.float32(1.0))


def _tufts(p: Floats) -> Floats:
    broad = fractal(p * np.float32(3.2), 2) * np.float32(0.05)
    return broad + fractal(p * np.float32(19), 3, 0.6) * np.float32(0.026)


def _pebbles(p: Floats) -> Floats:
    shapes = [ellipsoid(at(p, (x, y, z)), (r * 1.25, r * 0.8, r)) for x, y, z, r in _PEBBLES]
    return roughened(
        join(shapes), p, 0.015, lambda near: noise(near * np.float32(9)) * np.float32(0.012)
    )


def _cap_surface(spot: Spot) -> Surface:
    p = spot.point
    wart, high = np.zeros(p.shape[1], np.float32), np.zeros(p.shape[1], np.float32)
    nearest = np.full(p.shape[1], 9, np.float32)
    for which in range(len(_MUSHROOMS)):
        q = _seen(p, which)
        d = np.abs(_cap(q))
        closer = d < nearest
        nearest = np.minimum(nearest, d)
        some = np.flatnonzero(closer)
        high[some] = q[1, some]
        wart[some] = np.where(q[1, some] > -0.1, _wart_heights(q[:, some], which), 0)
    fine = fractal(p * np.float32(36), 3)
    broad = fractal(p * np.float32(4), 3)
    red = mix(paint("#8e1410"), paint("#d8321a"), np.clip(high * 0.9 + 0.25 + broad * 0.3, 0, 1))
    red = mix(red, paint("#e8742a"), smoothstep(0.6, 1.0, high + broad * 0.15) * np.float32(0.45))
    streak = fractal(stretched(p, 26, 3, 26), 3)
    red = red * (1 + 0.16 * streak)
    inside = smoothstep(0.25, 0.6, wart)
    cream = paint("#efe3c6") * (1 + 0.12 * fine)
    cream = mix(cream, paint("#b99a6b"), smoothstep(0.9, 0.3, wart) * np.float32(0.55))
    color = mix(red * (1 - 0.35 * smoothstep(0.0, 0.3, wart)), cream, inside)
    color = mix(
        color,
        paint("#f0dcb4") * (1 + 0.1 * streak),
        smoothstep(-0.035, -0.065, high + 0.02 * streak),
    )
    rough = mix(level(fine.size, 0.30) + 0.06 * broad, level(fine.size, 0.8), inside)
    return Surface(color, np.clip(rough, 0.15, 1), level(fine.size, 0.0))


def _stem_surface(spot: Spot) -> Surface:
    p = spot.point
    fibre = fractal(stretched(p, 34, 4, 34), 3)
    color = mix(paint("#d9c39a"), paint("#f3e8cf"), np.clip(fibre * 0.6 + 0.5, 0, 1))
    low = smoothstep(-0.35, -0.75, p[1] + fibre * np.float32(0.05))
    color = mix(color, paint("#9a7b4c"), low * np.float32(0.6))
    color = mix(color, paint("#6e5431"), smoothstep(0.3, 0.9, spot.cavity) * np.float32(0.6))
    return Surface(color, level(fibre.size, 0.65), level(fibre.size, 0.0))


def _gill_surface(spot: Spot) -> Surface:
    angle = np.arctan2(spot.point[0], spot.point[2])
    line = np.sin(angle * 70)
    color = mix(paint("#b89a6a"), paint("#e8d8b2"), line * 0.5 + 0.5)
    return Surface(color, level(line.size, 0.8), level(line.size, 0.0))


def _mound_surface(spot: Spot) -> Surface:
    p = spot.point
    earth = fractal(p * np.float32(22), 4)
    soil = mix(paint("#3d2a1a"), paint("#7a5a38"), np.clip(earth * 0.5 + 0.5, 0, 1))
    bare = smoothstep(0.15, 0.55, fractal(p * np.float32(3.7) + 9, 3) - (p[1] + 0.92) * 3.0)
    color = mix(moss_color(p), soil, bare)
    color = color * (1 - 0.45 * smoothstep(0.4, 1.0, spot.cavity))
    return Surface(color, level(earth.size, 0.9), level(earth.size, 0.0))


def _pebble_surface(spot: Spot) -> Surface:
    fine = fractal(spot.point * np.float32(30), 4)
    color = mix(paint("#6f6a63"), paint("#aca496"), np.clip(fine * 0.6 + 0.5, 0, 1))
    green = smoothstep(0.2, 0.7, spot.cavity + fine * np.float32(0.2))
    return Surface(
        mix(color, moss_color(spot.point), green), level(fine.size, 0.8), level(fine.size, 0.0)
    )


def _parts(p: Floats) -> list[Floats]:
    return [_caps(p), _stems(p), _mound(p), _pebbles(p), _gills(p)]


def _fibres(p: Floats) -> Floats:
    return fractal(stretched(p, 34, 4, 34), 3) * np.float32(0.005)


def _gill_relief(p: Floats) -> Floats:
    return np.sin(np.arctan2(p[0], p[2]) * 70) * np.float32(0.004)


TOADSTOOL = Prop(
    parts=_parts,
    materials=(
        Material(_cap_surface, lambda p: fractal(p * np.float32(11), 2) * np.float32(0.0022)),
        Material(_stem_surface, _fibres),
        Material(_mound_surface, moss_relief),
        Material(_pebble_surface, lambda p: fractal(p * 25, 3) * np.float32(0.003)),
        Material(_gill_surface, _gill_relief),
    ),
    elevation=3.0,
    caution=0.75,
)
