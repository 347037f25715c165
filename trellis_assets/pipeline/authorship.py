"""Who made what, with which model and at what cost: the record that travels with every variant."""

from __future__ import annotations

from collections.abc import Mapping

from trellis_assets.store import Store

from .node import Brief, Json
from .record import read_record
from .source import source_hash


def authorship_of(brief: Brief, store: Store) -> Mapping[str, Json]:
    """The authorship record of a game asset, from its entry and its generation.

    Of a given model the entry says who made it: a person, or an AI model that it names.
    """
    entry = brief.entry
    if entry.model:
        from trellis_assets.delivery.authorship import BY_HAND, ELSEWHERE

        maker = {"generator": ELSEWHERE if entry.ai_model else BY_HAND, "model": entry.ai_model}
        return {**maker, "concept_licence": entry.license, "owner": entry.owner}
    record = read_record(store, entry.id, "generated_model")
    facts = record.facts if record is not None else {}
    return {
        "generator": facts.get("generator"),
        "model": facts.get("model"),
        "seed": facts.get("seed"),
        "task_uuid": facts.get("task_uuid"),
        "cost_usd": facts.get("cost_usd"),
        "concept_sha256": source_hash(brief),
        "concept_licence": entry.license,
        "owner": entry.owner,
    }
