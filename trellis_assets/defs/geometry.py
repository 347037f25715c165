"""Geometry: the master model and its ladder of levels of detail."""

from __future__ import annotations

from trellis_assets.pipeline.nodes.appearance import APPEARANCE
from trellis_assets.pipeline.nodes.geometry import LADDER, MASTER_MODEL

from .pools import HEAVY_CPU
from .step_asset import step_asset

_RUNGS = (
    (
        "Game-ready: cut to the triangles of its class or entry, whatever the profiles, with an "
        "atlas of its own baked from the master where the generated one would not survive."
    ),
    "Half the triangles of LOD0, sharing its textures.",
    "A quarter of the triangles of LOD0.",
    "An eighth of the triangles of LOD0: what is seen across the level.",
)

master_model = step_asset(
    MASTER_MODEL,
    group="geometry",
    kinds={"glb"},
    checks=("spec", "geometry", "uv", "textures", "scale"),
    description=(
        "The generated model repaired and put into the world: real height in metres, pivot and "
        "axes of the entry. Full detail, original textures."
    ),
    pool=HEAVY_CPU,
)

ladder = [
    step_asset(
        node,
        group="geometry",
        kinds={"glb", "meshoptimizer"},
        checks=("spec", "geometry", "uv", "textures", "scale"),
        description=description,
        pool=HEAVY_CPU,
    )
    for node, description in zip(LADDER, _RUNGS, strict=True)
]

appearance = step_asset(
    APPEARANCE,
    group="geometry",
    kinds={"png"},
    checks=("appearance",),
    description=(
        "Every rung beside the master, as large as the game shows it, from twelve directions; the "
        "worst view of each with a heat map of the difference. Nothing is delivered of a ladder "
        "that fails."
    ),
    pool=HEAVY_CPU,
)
