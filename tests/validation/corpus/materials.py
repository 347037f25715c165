"""Defects of materials and their alpha."""

from __future__ import annotations

from typing import Any

import numpy as np

from trellis_assets.gltf import Material, Model

from .case import registered
from .clean import leaf
from .parts import SIDE, box, edited, model, noise, orm, painted, picture


@registered("material.base-color-range")
def black_as_coal() -> Model:
    return model(material=painted(base_color=picture(noise(low=0, high=20))))


@registered("material.base-color-range")
def white_as_paper() -> Model:
    return model(material=painted(base_color=picture(noise(low=250, high=256))))


@registered("material.metallic")
def half_a_metal() -> Model:
    return model(material=painted(orm=orm(metallic=128)))


@registered("material.factors")
def metal_by_default() -> Model:
    return model(box(), Material("paint", base_color=picture(noise())))


@registered("material.double-sided")
def closed_and_double_sided() -> Model:
    return model(material=painted(double_sided=True))


@registered("alpha.opaque")
def alpha_nobody_shows() -> Model:
    return model(material=painted(base_color=picture(leaf())))


@registered("alpha.mask-unused")
def mask_without_alpha() -> Model:
    return model(material=painted(alpha_mode="MASK"))


@registered("alpha.mask-unused")
def mask_below_which_nothing_lies() -> Model:
    pixels = np.dstack([noise(), np.full((SIDE, SIDE), 200)])
    return model(material=painted(base_color=picture(pixels), alpha_mode="MASK"))


@registered("alpha.blend-unneeded")
def blend_though_opaque() -> Model:
    return model(material=painted(alpha_mode="BLEND"))


@registered("alpha.blend-unneeded")
def blend_where_a_mask_would_do() -> Model:
    return model(material=painted(base_color=picture(leaf()), alpha_mode="BLEND"))


@registered("alpha.cutoff")
def cutoff_without_mask() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["materials"][0]["alphaCutoff"] = 0.3

    return edited(model(), change)
