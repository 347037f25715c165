"""Generation: the paid step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.node import Brief
from trellis_assets.pipeline.nodes.concept import CONCEPT_IMAGE
from trellis_assets.pipeline.nodes.generation import GENERATED_MODEL
from trellis_assets.pipeline.plan import plan_asset
from trellis_assets.store import Store

from .pools import GENERATION_API
from .step_asset import step_asset

_NODES = {node.name: node for node in (CONCEPT_IMAGE, GENERATED_MODEL)}


def _generate_ahead(
    briefs: Sequence[Brief], store: Store, in_flight: int, log: Callable[[str, str], None]
) -> Mapping[str, TrellisAssetsError]:
    """All that waits for the hosted service waits together, in one event loop."""
    from trellis_assets.pipeline.fan_out import generate_many

    if briefs[0].generator == "embedded":
        return {}  # it computes and never waits: one after the other is as fast
    bought = [brief for brief in briefs if brief.entry.model is None]
    due = [brief for brief in bought if plan_asset(_NODES, brief, store).due]
    said: dict[str, str] = {}

    def told(asset_id: str, stage: str, _share: float) -> None:
        if said.get(asset_id) != stage:
            said[asset_id] = stage
            log(asset_id, stage)

    def settled(asset_id: str, error: TrellisAssetsError | None) -> None:
        log(asset_id, "generated" if error is None else f"failed: {error}")

    return generate_many(due, store, in_flight=in_flight, told=told, settled=settled)


generated_model = step_asset(
    GENERATED_MODEL,
    group="generation",
    kinds={"glb", "trellis2"},
    checks=("spec", "geometry", "uv", "textures"),
    description=(
        "The model as the generator returned it: never altered, never deleted, never bought "
        "twice. TRELLIS.2 over HTTP, or the embedded greybox generator behind the same protocol; "
        "where the entry names a model, that file."
    ),
    tags={"cost": "paid"},
    pool=GENERATION_API,
    batch=16,
    ahead=_generate_ahead,
)
