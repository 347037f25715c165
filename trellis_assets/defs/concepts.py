"""Concepts: what the artist uploaded."""

from __future__ import annotations

from trellis_assets.pipeline.nodes.concept import CONCEPT_IMAGE

from .step_asset import step_asset

concept_image = step_asset(
    CONCEPT_IMAGE,
    group="concepts",
    kinds={"png"},
    checks=("picture",),
    description=(
        "The concept image of the catalog entry, cut out of its background and cropped: what the "
        "artist sees here is what the generator sees. Findings name what would make a poor model. "
        "Where the entry names a model instead, its front."
    ),
    batch=16,
)
