"""Textures: one set for each size that a profile can ask for."""

from __future__ import annotations

from trellis_assets.pipeline.nodes.textures import SIZES, TEXTURE_SETS

from .pools import HEAVY_CPU
from .step_asset import step_asset

texture_sets = [
    step_asset(
        node,
        group="textures",
        kinds={"png"},
        pool=HEAVY_CPU,
        checks=("textures",),
        description=(
            f"Base color, ORM, normal and emissive of LOD0 at {size} pixels: colour resampled in "
            "linear light, normals as vectors. Never enlarged. Made whatever the profiles ask for."
        ),
    )
    for size, node in zip(SIZES, TEXTURE_SETS, strict=True)
]
