"""Generation: the paid step."""

from __future__ import annotations

from trellis_assets.pipeline.nodes.generation import GENERATED_MODEL

from .step_asset import step_asset

generated_model = step_asset(
    GENERATED_MODEL,
    group="generation",
    kinds={"glb", "trellis2"},
    description=(
        "The model as the generator returned it: never altered, never deleted, never bought "
        "twice. TRELLIS.2 over HTTP, or the embedded greybox generator behind the same protocol."
    ),
    tags={"cost": "paid"},
    pool="generation_api",
    # What was paid for is kept, whatever its faults: the next step repairs them.
    blocking=False,
)
