"""A prop to a picture: framing, sampling and the cut-out's alpha."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .prop import Prop, Spot, Surface
from .sdf import join
from .shade import KEY, filmic, lit
from .trace import Camera, Field, approach, gradient, hits, openness, shadow
from .vectors import Floats, dot, unit

_TILE = 8
_CHUNK = 32768
_FILL = 0.88  # share of the frame that the longer side of the object takes
_SURVEY = 192  # side of the picture that finds the frame; fixed, so that every size frames alike


def draw(prop: Prop, size: int) -> NDArray[np.uint8]:
    """The prop as an RGBA cut-out (size, size, 4), straight alpha, transparent around it."""
    camera = _framed(prop)
    first = _grid(size, 1, 0)
    light, cover = _sampled(prop, camera, first, size)
    rich = _busy(light.reshape(3, size, size), cover.reshape(size, size))
    rim = _rim(cover.reshape(size, size))
    # Small pictures pay little for full sampling, and lose most without it.
    rich = (np.ones_like(rim) if size < 512 else rich) & ~rim
    for where, side in ((rich, 2), (rim, 4)):
        pixels = np.flatnonzero(where)
        spots = [_grid(size, side, number)[:, pixels] for number in range(side * side)]
        part, hit = _sampled(prop, camera, np.hstack(spots), size)
        total = (part * hit).reshape(3, side * side, -1).sum(1)
        seen = hit.reshape(side * side, -1).sum(0)
        light[:, pixels] = total / np.maximum(seen, 1)
        cover[pixels] = seen / (side * side)
    rgba = np.vstack([light * (cover > 0), cover[None]])
    return np.rint(rgba * 255).astype(np.uint8).T.reshape(size, size, 4)


def _framed(prop: Prop) -> Camera:
    wide = Camera(prop.elevation)
    _, cover = _traced(prop, wide, _grid(_SURVEY, 1, 0), _SURVEY)
    rows, columns = np.nonzero(cover.reshape(_SURVEY, _SURVEY))
    to_scene = 2 * wide.half / _SURVEY
    left, right = columns.min() * to_scene, (columns.max() + 1) * to_scene
    top, bottom = rows.min() * to_scene, (rows.max() + 1) * to_scene
    centre = ((left + right) / 2 - wide.half, wide.half - (top + bottom) / 2)
    half = max(right - left, bottom - top) / 2 / _FILL
    return Camera(prop.elevation, (float(centre[0]), float(centre[1])), float(half))


def _grid(size: int, side: int, number: int) -> Floats:
    """Sample positions (2, size * size) in -1..1: one of side x side in every pixel."""
    row, column = divmod(number, side)
    x = (np.arange(size) + (column + 0.5) / side) * 2 / size - 1
    y = 1 - (np.arange(size) + (row + 0.5) / side) * 2 / size
    v, u = np.meshgrid(y, x, indexing="ij")
    return np.stack([u.ravel(), v.ravel()]).astype(np.float32)


def _traced(prop: Prop, camera: Camera, spots: Floats, size: int) -> tuple[Floats, Floats]:
    """Points hit (3, N) and whether (N,) as 0 or 1; tiles that see nothing cost one coarse ray."""
    field = _field(prop)
    pixel = 2 * camera.half / size
    tile = np.floor((spots + 1) * np.float32(size / 2 / _TILE)).astype(np.int64)
    names, member = np.unique(tile[1] * 65536 + tile[0], return_inverse=True)
    centre = (np.stack([names % 65536, names // 65536]) + 0.5) * (2 * _TILE / size) - 1
    origin, coarse = camera.rays(*centre.astype(np.float32))
    reach = pixel * _TILE * 0.75
    start, possible = approach(field, origin, coarse, reach, prop.caution)
    points = np.zeros((3, spots.shape[1]), np.float32)
    cover = np.zeros(spots.shape[1], np.float32)
    order = np.argsort(member, kind="stable")
    order = order[possible[member[order]]]
    for i in range(0, order.size, _CHUNK):
        some = order[i : i + _CHUNK]
        origin, direction = camera.rays(*spots[:, some])
        way = start[member[some]] - np.float32(reach)
        way, found = hits(field, origin, direction, way, pixel, prop.caution)
        points[:, some] = origin + direction * way
        cover[some] = found
    return points, cover


def _sampled(prop: Prop, camera: Camera, spots: Floats, size: int) -> tuple[Floats, Floats]:
    """Colours (3, N) in sRGB 0..1 and coverage (N,) for sample positions."""
    points, cover = _traced(prop, camera, spots, size)
    light = np.zeros_like(points)
    seen = np.flatnonzero(cover)
    # One pixel of the committed size, whatever the size drawn: every size shows the same relief.
    reach = 2 * camera.half / 1024
    origin, _ = camera.rays(spots[:, :1][0], spots[:, :1][1])
    for i in range(0, seen.size, _CHUNK):
        some = seen[i : i + _CHUNK]
        p = points[:, some]
        light[:, some] = filmic(_shaded(prop, p, unit(origin - p), reach))
    return light, cover


def _shaded(prop: Prop, p: Floats, view: Floats, reach: float) -> Floats:
    field = _field(prop)
    smooth = unit(gradient(field, p, reach * 0.7))
    material = np.argmin(np.stack(prop.parts(p)), axis=0)
    height, normal = _relief(prop, material, p, smooth, reach)
    edge = np.clip(1 + field(p - smooth * np.float32(0.02)) / np.float32(0.02), 0, 1)
    hollow = np.clip(1 - field(p + smooth * np.float32(0.03)) / np.float32(0.03), 0, 1)
    spot = Spot(p, normal, edge, hollow, height)
    surface = _surface(prop, material, spot)
    start = p + smooth * np.float32(3 * reach)
    ray = normal * (2 * dot(normal, view)) - view
    return lit(
        surface,
        normal,
        view,
        openness(field, p, smooth, 0.34, 5),
        shadow(field, start, KEY),
        openness(field, start, ray, 0.3, 3),
    )


def _relief(
    prop: Prop, material: NDArray[np.intp], p: Floats, normal: Floats, reach: float
) -> tuple[Floats, Floats]:
    """The relief's height, and the normals bent by its slope."""
    height = np.zeros(p.shape[1], np.float32)
    bent = normal.copy()
    for number, kind in enumerate(prop.materials):
        some = np.flatnonzero(material == number)
        if kind.relief is None or some.size == 0:
            continue
        n, here = normal[:, some], p[:, some]
        slope = gradient(kind.relief, here, reach)
        bent[:, some] = unit(n - (slope - n * dot(slope, n)))
        height[some] = kind.relief(here)
    return height, bent


def _surface(prop: Prop, material: NDArray[np.intp], spot: Spot) -> Surface:
    count = material.size
    color, glow = np.zeros((3, count), np.float32), np.zeros((3, count), np.float32)
    roughness, metallic = np.zeros(count, np.float32), np.zeros(count, np.float32)
    for number, kind in enumerate(prop.materials):
        some = np.flatnonzero(material == number)
        if some.size == 0:
            continue
        one = kind.surface(
            Spot(
                spot.point[:, some], spot.normal[:, some], spot.edge[some], spot.cavity[some],
                spot.height[some],
            )
        )  # fmt: skip
        color[:, some], roughness[some], metallic[some] = one.color, one.roughness, one.metallic
        if one.glow is not None:
            glow[:, some] = one.glow
    return Surface(color, roughness, metallic, glow)


def _field(prop: Prop) -> Field:
    return lambda p: join(prop.parts(p))


def _busy(light: Floats, cover: Floats) -> NDArray[np.bool_]:
    """Pixels whose neighbours differ enough that one sample would show steps."""
    grey = (light * np.array([0.3, 0.6, 0.1], np.float32)[:, None, None]).sum(0)
    span = _over_neighbours(grey, np.maximum) - _over_neighbours(grey, np.minimum)
    return ((span > 0.10) & (cover > 0)).ravel()


def _rim(cover: Floats) -> NDArray[np.bool_]:
    return (_over_neighbours(cover, np.maximum) != _over_neighbours(cover, np.minimum)).ravel()


def _over_neighbours(a: Floats, pick: np.ufunc) -> Floats:
    padded = np.pad(a, 1, mode="edge")
    rows = pick.reduce([padded[i : i + a.shape[0]] for i in range(3)])
    result: Floats = pick.reduce([rows[:, i : i + a.shape[1]] for i in range(3)])
    return result
