"""The plan of the whole catalog, quick enough to be asked for at any time.

Whatever says what is due is built on it: refresh, status, dry runs, the schedule, the report.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import PurePath

from trellis_assets.catalog import Catalog, Entry, Waiver, load_catalog, load_waivers, source_key
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.finding import Finding
from trellis_assets.store import Sight, Store, content_hash, open_store

from .fingerprint import tool_versions
from .generator import generator_version
from .graph import build_graph
from .memory import AssetMemory, Memory, RememberedRecords, code_digest
from .node import Brief, Node, asset_key
from .plan import AssetPlan, plan_asset, review_catalog
from .settings import PipelineSettings


class UnknownAsset(TrellisAssetsError):
    """A game asset was named that the catalog does not have."""


@dataclass(frozen=True)
class CatalogPlan:
    """What the catalog wants and the store does not have."""

    catalog: Catalog
    plans: Mapping[str, AssetPlan]
    briefs: Mapping[str, Brief]
    waivers: Sequence[Finding]
    """What is to be said of the waivers: expired, or accepting nothing."""

    @property
    def due(self) -> dict[str, tuple[str, ...]]:
        """Nodes to make by asset_id; only game assets that have any."""
        return {asset_id: plan.nodes for asset_id, plan in self.plans.items() if plan.due}

    @property
    def held(self) -> dict[str, str]:
        """Why steps wait for a finding to be mended or waived, by asset_id."""
        return {
            asset_id: f"{len(plan.held)} steps are held back by {plan.held[0].why}"
            for asset_id, plan in self.plans.items()
            if plan.held
        }

    @property
    def refused(self) -> dict[str, str]:
        """Which variant has an error that nobody waived, by asset_id."""
        errors = ((asset_id, plan.refused) for asset_id, plan in self.plans.items())
        return {asset_id: error for asset_id, error in errors if error}

    @property
    def up_to_date(self) -> int:
        """The steps that need nothing."""
        plans = self.plans.values()
        return sum(len(plan.wanted) - len(plan.due) - len(plan.held) for plan in plans)


def plan_catalog(settings: PipelineSettings, only: Collection[str] = ()) -> CatalogPlan:
    """Compare the catalog with the store; makes nothing and imports no Dagster.

    Raises:
        CatalogError: there is no usable catalog.
        UnknownAsset: ``only`` names what is not in it.
    """
    with _no_collector():
        return _plan(settings, only)


def _plan(settings: PipelineSettings, only: Collection[str]) -> CatalogPlan:
    store = open_store(settings.store)
    memory = Memory(store)
    catalog = load_catalog(settings.catalog, memory)
    _refuse_unknown(only, catalog)
    waivers, today = load_waivers(settings.catalog), datetime.now(UTC).date()
    graph = build_graph(catalog.profiles)
    basis = _basis(catalog, graph, settings.generator, waivers, today)
    folders = {source_key(entry).partition("/")[0] for entry in catalog.entries.values()}
    sources = {folder: catalog.source.look(f"{folder}/") for folder in sorted(folders)}
    everything = None if only else store.look("assets/")
    plans, briefs = {}, {}
    for entry in catalog.entries.values():
        if only and entry.id not in only:
            continue
        kept = memory.of(entry.id)
        brief = Brief(
            entry, catalog.profiles, catalog.source, settings.generator, waivers=waivers,
            today=today, source_sha256=_source_sha256(entry, kept, catalog.source, sources),
        )  # fmt: skip
        sight = everything or store.look(asset_key(entry.id, ""))
        plans[entry.id] = _planned(graph, brief, store, kept, basis, sight)
        briefs[entry.id] = brief
    memory.save()
    # Part of a catalog cannot tell which waivers nobody needs.
    review = [] if only else review_catalog(plans.values(), waivers, today)
    return CatalogPlan(catalog, plans, briefs, review)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Rest for Python's collector of cycles: there are none among these millions of small values,
    and looking for them again and again took a third of the time (measured).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _planned(
    graph: Mapping[str, Node],
    brief: Brief,
    store: Store,
    kept: AssetMemory,
    basis: str,
    sight: Sight,
) -> AssetPlan:
    asset_id = brief.entry.id
    remembered = kept.plan(asset_id, basis, sight)
    if remembered is not None:
        return remembered
    plan = plan_asset(graph, brief, store, RememberedRecords(store, asset_id, kept, sight))
    kept.learn_plan(basis, plan)
    return plan


def _source_sha256(
    entry: Entry, kept: AssetMemory, catalog: Store, sources: Mapping[str, Sight]
) -> str:
    key = source_key(entry)
    stamp = sources[key.partition("/")[0]].stamp(key)
    known = kept.source(key, stamp)
    if known:
        return known
    found = content_hash(catalog.read(key))
    kept.learn_source(key, stamp, found)
    return found


def _basis(
    catalog: Catalog,
    graph: Mapping[str, Node],
    generator: str,
    waivers: Sequence[Waiver],
    today: date,
) -> str:
    """What all plans depend on, as SHA-256."""
    parts = {
        "profiles": catalog.profiles.model_dump(mode="json"),
        "waivers": [[waiver.model_dump(mode="json"), waiver.holds_on(today)] for waiver in waivers],
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
