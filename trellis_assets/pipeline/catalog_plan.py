"""The plan of the whole catalog, quick enough to be asked for at any time.

Everything that says what is due is built on it: refresh, status, dry runs, the schedule, the report.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePath

from trellis_assets.catalog import Catalog, Entry, concept_key, load_catalog
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import Look, Store, content_hash, open_store

from .fingerprint import tool_versions
from .generator import generator_version
from .graph import build_graph
from .memory import AssetMemory, Memory, RememberedRecords, code_digest
from .node import Brief, Node, asset_key
from .plan import AssetPlan, plan_asset
from .settings import PipelineSettings


class UnknownAsset(TrellisAssetsError):
    """A game asset was named that the catalog does not have."""


@dataclass(frozen=True)
class CatalogPlan:
    """What the catalog wants and the store does not have."""

    catalog: Catalog
    plans: Mapping[str, AssetPlan]
    objections: Mapping[str, tuple[tuple[str, str], ...]]
    """Severity and rule of the findings of each game asset, of those that have any."""

    @property
    def due(self) -> dict[str, tuple[str, ...]]:
        """Nodes to make by asset_id; only game assets that have any."""
        return {asset_id: plan.nodes for asset_id, plan in self.plans.items() if plan.due}

    @property
    def steps(self) -> int:
        """All steps that the catalog asks for, up to date or not."""
        return sum(len(plan.wanted) for plan in self.plans.values())


def plan_catalog(settings: PipelineSettings, only: Collection[str] = ()) -> CatalogPlan:
    """Compare the catalog with the store; makes nothing and imports no Dagster.

    Raises:
        CatalogError: there is no usable catalog.
        UnknownAsset: ``only`` names what is not in it.
    """
    store = open_store(settings.store)
    memory = Memory(store)
    catalog = load_catalog(settings.catalog, memory)
    _refuse_unknown(only, catalog)
    graph = build_graph(catalog.profiles)
    basis = _basis(catalog, graph, settings.generator)
    concepts = catalog.source.looking("concepts/")
    everything = None if only else store.looking("assets/")
    plans, objections = {}, {}
    for entry in catalog.entries.values():
        if only and entry.id not in only:
            continue
        look = everything or store.looking(asset_key(entry.id, ""))
        brief = Brief(entry, catalog.profiles, catalog.source, settings.generator)
        plan = _planned(graph, brief, store, memory, basis, look, concepts)
        plans[entry.id] = plan
        kept = memory.of(entry.id)
        found = tuple(each for node in plan.wanted for each in kept.objections(node))
        if found:
            objections[entry.id] = found
    memory.save()
    return CatalogPlan(catalog, plans, objections)


def _planned(
    graph: Mapping[str, Node],
    brief: Brief,
    store: Store,
    memory: Memory,
    basis: str,
    look: Look,
    concepts: Look,
) -> AssetPlan:
    asset_id, kept = brief.entry.id, memory.of(brief.entry.id)
    concept = _concept_sha256(brief.entry, kept, brief.catalog, concepts)
    remembered = kept.plan(asset_id, basis, look)
    if remembered is not None:
        return remembered
    known = RememberedRecords(store, asset_id, kept, look)
    plan = plan_asset(graph, replace(brief, concept_sha256=concept), store, known)
    kept.learn_plan(basis, plan)
    return plan


def _concept_sha256(entry: Entry, kept: AssetMemory, catalog: Store, look: Look) -> str:
    key = concept_key(entry.concept)
    stamp = look(key)
    known = kept.concept(entry.concept, stamp)
    if known:
        return known
    found = content_hash(catalog.read(key))
    kept.learn_concept(entry.concept, stamp, found)
    return found


def _basis(catalog: Catalog, graph: Mapping[str, Node], generator: str) -> str:
    """What all plans depend on, as SHA-256: profiles and the like, code, tools, generator."""
    source = catalog.source
    shared = {
        key: content_hash(source.read(key)) for key in source.files("") if key.endswith(".yaml")
    }
    parts = {
        "catalog": shared,
        "code": code_digest(),
        "tools": {name: tool_versions(node) for name, node in graph.items()},
        "versions": {name: node.code_version for name, node in graph.items()},
        "generator": [generator, generator_version(generator)],
    }
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _refuse_unknown(only: Collection[str], catalog: Catalog) -> None:
    broken = {PurePath(problem.file).stem for problem in catalog.problems}
    unknown = sorted(set(only) - set(catalog.entries) - broken)
    if unknown:
        raise UnknownAsset(
            f"the catalog has no entry {', '.join(unknown)}",
            fix=f"choose among {', '.join(sorted(catalog.entries))}",
        )
