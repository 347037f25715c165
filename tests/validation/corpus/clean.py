"""Clean twins: what no rule objects to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.geometry.shading import with_tangents
from trellis_assets.gltf import Model
from trellis_assets.validation import Expectation, Sibling

from .case import registered
from .parts import (
    SIDE,
    SIZE,
    bare,
    box,
    joined,
    limits,
    model,
    noise,
    painted,
    picture,
    plain,
    turned,
)


@registered(None)
def clean_textured() -> Any:
    expected = Expectation(dimensions_m=SIZE, pivot="bottom_center", name_prefix="box")
    return model(), {"profile": limits(), "expectation": expected}


@registered(None)
def clean_bare() -> Model:
    return bare(box())


@registered(None)
def clean_normal_mapped() -> Model:
    flat = noise(low=126, high=130)
    flat[..., 2] = 255
    material = painted(normal=picture(flat))
    return model(with_tangents(box()), material)


@registered(None)
def clean_masked() -> Model:
    return model(material=painted(base_color=picture(leaf()), alpha_mode="MASK"))


@registered(None)
def clean_blended() -> Model:
    glass = np.dstack([noise(), np.full((SIDE, SIDE), 120)])
    return model(material=painted(base_color=picture(glass), alpha_mode="BLEND"))


@registered(None)
def clean_rung() -> Any:
    lower, upper = (-0.5, 0.0, -0.25), (0.5, 2.0, 0.25)
    finer = Sibling(0, 24, 0.0, (lower, upper))
    return model(), {"expectation": Expectation(level=1, error=0.01, siblings=(finer,))}


@registered(None)
def clean_cavity() -> Model:
    """A hollow solid: the inner surface faces inwards, and is seen through glass."""
    material = replace(plain(), alpha_mode="BLEND", base_color_factor=(1.0, 1.0, 1.0, 0.5))
    hollow = joined(box(), turned(box((0.2, 0.2, 0.2), at=(0, 0.9, 0))))
    return model(replace(hollow, uvs=None), material)


@registered(None)
def clean_thick_slab() -> Model:
    """Two pieces side by side."""
    return bare(joined(box(), box(at=(1.5, 0, 0))))


def leaf() -> NDArray[Any]:
    alpha = np.full((SIDE, SIDE), 255)
    alpha[::4] = 0
    return np.dstack([noise(), alpha])
