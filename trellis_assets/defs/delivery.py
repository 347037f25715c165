"""Delivery: one variant for each target profile."""

from __future__ import annotations

import dagster as dg

from trellis_assets.catalog import Profiles
from trellis_assets.pipeline.nodes.delivery import variant_node

from .pools import HEAVY_CPU
from .step_asset import step_asset


def variants(profiles: Profiles) -> list[dg.AssetsDefinition]:
    """The variant assets of a catalog's profiles."""
    return [
        step_asset(
            variant_node(name, profile),
            group="delivery",
            kinds={"glb", profile.texture_format},
            pool=HEAVY_CPU,
            checks=("spec", "budget", "geometry", "uv", "textures", "scale", "appearance"),
            description=(
                f"{profile.title}: at most {profile.lod0_limit.limit:,} triangles at LOD0, "
                f"textures of at most {profile.texture_size.limit} pixels, with a manifest of "
                "hashes, budgets and sources."
            ),
            tags={"platform": name.partition(".")[0], "class": name.partition(".")[2]},
        )
        for name, profile in profiles.profiles.items()
    ]
