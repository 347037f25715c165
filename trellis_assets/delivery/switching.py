"""At which size on screen a rung may take over: where it cannot be told from the master."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import numpy as np

from trellis_assets.gltf import Image, Model

SCREEN_HEIGHT = 1080
"""Pixels of the screen that the sizes are worked out for."""
PIXEL_ERROR = 0.4
"""A rung takes over where its RMS distance from LOD0 is this many pixels at most. Godot's mesh LOD
allows one pixel (godot-docs, tutorials/3d/mesh_lod.rst); the mean is less than the largest."""
STEP = 0.75
"""A rung is shown from at most this share of the size at which the one before took over."""
CULLED = 0.01
"""Below this share of the screen's height nothing is drawn; the last level of MSFT_lod's README."""
_SAMPLES = 3_000
_TEXELS_PER_PIXEL = 3.0
_SMALLEST_ATLAS = 256
_ASPECT = 16 / 9
_KEPT = 8  # ladders whose sizes are remembered: variants of one asset ask for the same again

DecidedBy = Literal["first", "error", "order", "likeness", "smallest"]


@dataclass(frozen=True)
class Level:
    """When a rung is shown.

    Sizes are the diameter of the model's bounding sphere (the diagonal of its box) over the height
    of the screen.
    """

    level: int
    error: float
    """RMS distance from LOD0, over the diagonal; in the worst of some poses where it moves."""
    shown_below: float
    """1 for LOD0."""
    hidden_below: float
    """Where the next rung takes over, or nothing is drawn any more."""
    decided_by: DecidedBy
    """What keeps the rung from being shown any larger: its error, the rung before it (``order``),
    or that it looks unlike the master; ``smallest`` where it does at any size, so that it is kept
    for less than 16 pixels; ``first`` for LOD0."""
    ssim: float | None
    """To the master where it takes over, from the worst direction; LOD0 is not measured."""


def texels_for(share: float) -> int:
    """Side of the atlas that a model needs where it takes ``share`` of the screen's height.

    A power of two. At most half of an atlas is covered and less than half of that is in sight: at
    three texels a pixel along a side, each pixel has about two of its own. Never below 256: charts
    of a smaller atlas have no room for a gutter.
    """
    texels = max(_TEXELS_PER_PIXEL * share * SCREEN_HEIGHT, _SMALLEST_ATLAS)
    return int(2 ** math.ceil(math.log2(texels)))


_known: OrderedDict[bytes, list[Level]] = OrderedDict()


def switch_levels(
    models: Sequence[Model], master: Model | None = None, *, impostor: bool = False
) -> list[Level]:
    """The range of sizes in which each rung is shown.

    Rung k takes over where ``error * size * 1080`` falls to 0.4 pixels: meshoptimizer's rule
    (README, "Level of detail"), with the error measured instead of estimated; and no sooner than
    its pictures look like the master's (:class:`.alike.Original`), which sees what geometry
    does not tell: colour, shading, reflections.

    Args:
        models: the rungs, finest first.
        master: what they should look like; None: LOD0.
        impostor: the last is one: its pictures cross inside the surface that they show, so that
            only likeness tells where it may take over.
    """
    original = master or models[0]
    if any(model.moves for model in models):  # the key is of what is seen at rest
        return _levels(_takeovers(models, original, impostor=impostor))
    key = sha256(b"".join(map(_digest, (*models, original))) + bytes([impostor])).digest()
    levels = _known.get(key)
    if levels is None:
        levels = _known[key] = _levels(_takeovers(models, original, impostor=impostor))
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return list(levels)


@dataclass(frozen=True)
class _Takeover:
    error: float
    size: float
    decided_by: DecidedBy
    ssim: float | None = None


def _takeovers(models: Sequence[Model], master: Model, *, impostor: bool) -> list[_Takeover]:
    """Where each rung takes over, finest first."""
    from trellis_assets.geometry import pose_deviation

    from .alike import ALIKE, Original

    found = [_Takeover(0.0, 1.0, "first")]
    if len(models) == 1:
        return found
    original = Original(master, models[0])
    for model in models[1:]:
        error = pose_deviation(models[0], model, samples=_SAMPLES).rms
        flat = impostor and model is models[-1]
        seen = 1.0 if flat or error == 0.0 else PIXEL_ERROR / (SCREEN_HEIGHT * error)
        limit = min(seen, STEP * found[-1].size)
        alike = original.largest_alike(model, at_most=limit)
        decided: DecidedBy = "likeness"
        if alike.ssim < ALIKE:
            decided = "smallest"
        elif alike.size == limit:
            decided = "error" if limit == seen else "order"
        found.append(_Takeover(error, alike.size, decided, round(alike.ssim, 4)))
    return found


def _levels(takeovers: Sequence[_Takeover]) -> list[Level]:
    sizes = [one.size for one in takeovers]
    ends = [*sizes[1:], min(CULLED, STEP * sizes[-1])]
    return [
        Level(
            index, round(one.error, 6), round(one.size, 4), round(end, 4), one.decided_by, one.ssim
        )
        for index, (one, end) in enumerate(zip(takeovers, ends, strict=True))
    ]


def _digest(model: Model) -> bytes:
    """Of all that decides how a model looks."""
    found = sha256()
    for part in model.parts:
        mesh, material = part.mesh, part.material
        for array in (mesh.positions, mesh.triangles, mesh.normals, mesh.uvs, mesh.colors):
            found.update(b"" if array is None else np.ascontiguousarray(array).data)
        values = {
            key: sha256(value.data).hexdigest() if isinstance(value, Image) else value
            for key, value in vars(material).items()
        }
        found.update(repr(values).encode())
    return found.digest()


def diagonal(model: Model) -> float:
    """Diameter of the sphere around the model's bounding box, in metres."""
    return float(np.linalg.norm(np.diff(model.bounds().astype(np.float64), axis=0)))


def distance_at(size: float, diameter: float, *, field_of_view: float) -> float:
    """How far away a sphere covers ``size`` of the screen's height.

    Args:
        size: share of the height.
        diameter: of the sphere, in metres.
        field_of_view: vertical, in degrees.
    """
    return diameter / (2.0 * size * math.tan(math.radians(field_of_view) / 2.0))


def screen_coverage(size: float) -> float:
    """Share of the area of a 16:9 screen that a sphere of ``size`` of its height covers.

    MSFT_lod's README gives no formula; area is how Babylon.js reads it (``Mesh.getLOD`` with
    ``useLODScreenCoverage``).
    """
    return min(1.0, math.pi / 4.0 * size**2 / _ASPECT)
