"""A sea chest at an angle: oak planks, iron straps and corners, a domed lid, a brass lock."""

from __future__ import annotations

import numpy as np

from ..noise import fractal, noise, random_of, stretched
from ..prop import Material, Prop, Spot, Surface
from ..sdf import at, blend, box, disc, ellipsoid, join, mirrored, plate, standing_ring
from ..textures import grain, hammered, level, worn_iron
from ..vectors import Floats, mix, paint, smoothstep, stack, turned

_TURN = 37.0  # degrees: three faces are seen
_X, _Z = 0.86, 0.54  # half sides
_LOW, _SEAM, _TOP = -0.62, 0.14, 0.47  # floor, where the lid begins, the lid's ridge
_PLANK = 0.19
_STRAPS = (0.0, 0.60)
_THICK = 0.030


def _chest(p: Floats) -> Floats:
    """The body without its iron: a box below, a lid with a rounded back above."""
    half = (_SEAM - _LOW) / 2
    low = box(at(p, (0, _LOW + half, 0)), (_X, half - 0.006, _Z), 0.02)
    return np.minimum(low, _lid(p))


def _lid(p: Floats) -> Floats:
    across = np.hypot(p[2], p[1] - np.float32(_TOP - 0.72)) - np.float32(0.72)
    slab = plate(np.maximum(across, np.abs(p[2]) - np.float32(_Z)), p[0], _X, 0.02)
    return np.maximum(slab, np.float32(_SEAM + 0.010) - p[1])


def _on_end(p: Floats) -> Floats:
    return (np.abs(p[0]) > _X - 0.035).astype(np.float32)


def _plank(p: Floats) -> tuple[Floats, Floats]:
    """The plank's number, and the way to its nearest long edge."""
    up = (p[1] - np.float32(_LOW)) / np.float32(_PLANK)
    over = p[2] / np.float32(_PLANK) + np.float32(40.5)
    place = np.where((p[1] > _SEAM + 0.03) & (_on_end(p) < 0.5), over, up)
    number = np.floor(place)
    share = place - number
    return number, np.minimum(share, 1 - share) * np.float32(_PLANK)


def _wood(p: Floats) -> Floats:
    q = turned(p, "y", _TURN)
    body = _chest(q)
    number, edge = _plank(q)
    own = (random_of(number, 4) - np.float32(0.5)) * np.float32(0.012)
    groove = np.float32(0.022) * np.square(np.clip(1 - edge / np.float32(0.014), 0, 1))
    return body + groove - own


def _iron(p: Floats) -> Floats:
    q = mirrored(turned(p, "y", _TURN))
    shell = _chest(q) - np.float32(_THICK)
    z = np.abs(q[2])
    straps = [np.abs(q[0] - np.float32(x)) - np.float32(0.062) for x in _STRAPS]
    far_x, far_z = np.float32(_X - 0.085) - q[0], np.float32(_Z - 0.085) - z
    low, high = q[1] - np.float32(_LOW + 0.085), np.abs(q[1] - np.float32(_SEAM)) - 0.055
    rims = [np.maximum(far_x, far_z), np.maximum(low, np.minimum(far_x, far_z)), high]
    # The straps end where the lid meets the body, so that it can open.
    gap = np.float32(0.010) - np.abs(q[1] - np.float32(_SEAM + 0.005))
    band = np.maximum(np.maximum(shell, join([*straps, *rims])), gap)
    return np.minimum(band, _rivets(q))


def _rivets(q: Floats) -> Floats:
    """Heads along the straps and corners of the front and the end."""
    step = np.float32(0.155)
    y = q[1] - np.float32(_LOW + 0.055)
    folded = y - step * np.clip(np.round(y / step), 0, 5)
    front = np.float32(_Z + _THICK)
    shapes = [
        ellipsoid(stack(q[0] - x, folded, q[2] - front), (0.024, 0.024, 0.018))
        for x in (*_STRAPS, np.float32(_X - 0.040))
    ]
    side = stack(q[0] - np.float32(_X + _THICK), folded, np.abs(q[2]) - np.float32(_Z - 0.04))
    shapes.append(ellipsoid(side, (0.018, 0.024, 0.024)))
    return join(shapes)


def _brass(p: Floats) -> Floats:
    q = turned(p, "y", _TURN)
    front = _Z + _THICK
    escutcheon = box(at(q, (0, _SEAM - 0.075, front)), (0.135, 0.165, 0.030), 0.02)
    corner = np.abs(at(q, (0, _SEAM - 0.075, 0)))
    escutcheon = np.maximum(escutcheon, (corner[0] + corner[1] - np.float32(0.235)) * 0.7)
    hasp = box(at(q, (0, _SEAM + 0.06, front + 0.012)), (0.060, 0.13, 0.034), 0.02)
    shell = blend(escutcheon, hasp, 0.02)
    hole = disc(stack(q[0], q[2] - np.float32(front), q[1] - np.float32(_SEAM - 0.115)), 0.026, 0.1)
    slot = box(at(q, (0, _SEAM - 0.165, front)), (0.012, 0.045, 0.1), 0.004)
    lock = np.maximum(shell, -np.minimum(hole, slot))
    # A ring on each end to carry it by.
    r = stack(q[2], q[1] + np.float32(0.30), np.abs(q[0]) - np.float32(_X + 0.075))
    carry = np.maximum(standing_ring(r, 0.165, 0.027), r[1] - np.float32(0.02))
    ears = stack(np.abs(r[0]) - np.float32(0.165), r[1] - np.float32(0.01), r[2] + 0.03)
    return join([lock, carry, ellipsoid(ears, (0.045, 0.045, 0.075))])


def _board(p: Floats) -> Floats:
    q = turned(p, "y", _TURN)
    number, _ = _plank(q)
    end = _on_end(q)
    along = q[0] + (q[2] - q[0]) * end
    shift = random_of(number, 2) - np.float32(0.5)
    across = q[1] + np.where((q[1] > _SEAM + 0.03) & (end < 0.5), q[2], 0) + shift * 0.5
    return stack(across * np.float32(0.8), along * np.float32(0.8) + number * 3, shift * 0.3)


def _wood_surface(spot: Spot) -> Surface:
    q = turned(spot.point, "y", _TURN)
    number, edge = _plank(q)
    ring = grain(_board(spot.point))
    color = mix(paint("#a8703c"), paint("#5b3419"), np.clip(ring * 0.45 + 0.45, 0, 1))
    color = color * (np.float32(0.70) + random_of(number, 7) * np.float32(0.5))
    stain = fractal(spot.point * np.float32(4) + 20, 4)
    damp = smoothstep(-0.25, -0.60, q[1] + stain * np.float32(0.15))
    color = mix(color, paint("#3a2a1c"), damp * np.float32(0.55))
    salt = smoothstep(0.30, 0.75, stain) * np.float32(0.22)
    color = mix(color, paint("#b9a68c"), salt)
    color = mix(color, paint("#1d120a"), smoothstep(0.018, 0.004, edge) * np.float32(0.8))
    color = mix(color, paint("#24160c"), smoothstep(0.35, 0.95, spot.cavity) * np.float32(0.75))
    color = mix(color, paint("#d1a46c"), smoothstep(0.40, 0.85, spot.edge) * np.float32(0.55))
    return Surface(color, np.clip(0.6 + 0.1 * stain, 0.3, 1), level(edge.size, 0.0))


def _wood_relief(p: Floats) -> Floats:
    scratch = noise(stretched(turned(p, "y", _TURN), 3, 30, 30)) * np.float32(0.002)
    return grain(_board(p)) * np.float32(-0.0035) + scratch


def _brass_surface(spot: Spot) -> Surface:
    cloud, fine = fractal(spot.point * np.float32(8), 4), fractal(spot.point * np.float32(40), 3)
    color = mix(paint("#80571f"), paint("#cf9c3e"), np.clip(cloud * 0.5 + 0.5, 0, 1))
    color = mix(color, paint("#2b1e10"), smoothstep(0.35, 0.95, spot.cavity) * np.float32(0.8))
    color = mix(color, paint("#f6d88e"), smoothstep(0.35, 0.80, spot.edge + fine * 0.1) * 0.6)
    return Surface(color, np.clip(0.34 + 0.1 * fine, 0.2, 1), level(fine.size, 0.88))


TREASURE_CHEST = Prop(
    parts=lambda p: [_wood(p), _iron(p), _brass(p)],
    materials=(
        Material(_wood_surface, _wood_relief),
        Material(lambda spot: worn_iron(spot, 0.55), hammered),
        Material(_brass_surface, lambda p: noise(p * np.float32(20)) * np.float32(0.002)),
    ),
    elevation=24.0,
    caution=0.75,
)
