"""Who made what, with which model and at what cost: the record that travels with every variant."""

from __future__ import annotations

from collections.abc import Mapping

from trellis_assets.store import Store, content_hash

from .node import Brief, Json
from .nodes.concept import concept_bytes
from .record import read_record


def authorship_of(brief: Brief, store: Store) -> Mapping[str, Json]:
    """The authorship record of a game asset, from its entry and its generation."""
    record = read_record(store, brief.entry.id, "generated_model")
    facts = record.facts if record is not None else {}
    return {
        "generator": facts.get("generator"),
        "model": facts.get("model"),
        "seed": facts.get("seed"),
        "task_uuid": facts.get("task_uuid"),
        "cost_usd": facts.get("cost_usd"),
        "concept_sha256": content_hash(concept_bytes(brief)),
        "concept_licence": brief.entry.license,
        "owner": brief.entry.owner,
    }
