"""At which size on screen a rung may take over: where its error is too small to be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trellis_assets.gltf import Model

SCREEN_HEIGHT = 1080
"""Pixels of the screen that the sizes are worked out for."""
PIXEL_ERROR = 0.4
"""A rung takes over where its RMS distance from LOD0 is this many pixels. Godot's mesh LOD allows
one pixel at most (godot-docs, tutorials/3d/mesh_lod.rst); 0.4 in the mean is what keeps renders of
a rung beside the master at an SSIM of 0.95 (`tests/readers`)."""
STEP = 0.75
"""A rung is shown from at most this share of the size at which the one before took over."""
CULLED = 0.01
"""Below this share of the screen's height nothing is drawn; the last level of MSFT_lod's README."""
_SAMPLES = 3_000
_ASPECT = 16 / 9


@dataclass(frozen=True)
class Level:
    """When a rung is shown.

    Sizes are the diameter of the model's bounding sphere (the diagonal of its box) over the height
    of the screen.
    """

    level: int
    error: float
    """RMS distance from LOD0, over the diagonal."""
    shown_below: float
    """1 for LOD0."""
    hidden_below: float
    """Where the next rung takes over, or nothing is drawn any more."""


def switch_levels(models: Sequence[Model]) -> list[Level]:
    """The range of sizes in which each rung is shown.

    Rung k takes over where ``error * size * 1080`` falls to 0.4 pixels: meshoptimizer's rule
    (README, "Level of detail"), with the error measured instead of estimated.

    Args:
        models: the rungs, finest first.
    """
    from trellis_assets.geometry import deviation

    errors = [0.0]
    errors += [deviation(models[0], model, samples=_SAMPLES).rms for model in models[1:]]
    sizes = [1.0]
    for error in errors[1:]:
        seen = PIXEL_ERROR / (SCREEN_HEIGHT * error) if error > 0.0 else 1.0
        sizes.append(min(seen, STEP * sizes[-1]))
    sizes.append(min(CULLED, STEP * sizes[-1]))
    return [
        Level(index, round(error, 6), round(sizes[index], 4), round(sizes[index + 1], 4))
        for index, error in enumerate(errors)
    ]


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
