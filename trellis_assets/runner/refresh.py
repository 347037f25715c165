"""Refresh: bring the store up to the catalog, through Dagster, and nothing that is up to date."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from trellis_assets.catalog import Catalog, load_catalog, load_waivers
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.finding import Finding
from trellis_assets.pipeline.graph import build_graph
from trellis_assets.pipeline.node import Brief
from trellis_assets.pipeline.plan import AssetPlan, plan_asset, review_catalog
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import open_store

from .events import RunEvent


class UnknownAsset(TrellisAssetsError):
    """``--only`` names a game asset that the catalog does not have."""


@dataclass(frozen=True)
class RefreshPlan:
    """What a refresh would do."""

    catalog: Catalog
    plans: Mapping[str, AssetPlan]
    briefs: Mapping[str, Brief]
    waivers: Sequence[Finding]
    """What is to be said of the waivers: expired, or accepting nothing."""

    @property
    def due(self) -> dict[str, tuple[str, ...]]:
        """Nodes to make by asset_id; only game assets that have any."""
        return {
            asset_id: tuple(step.node for step in plan.due)
            for asset_id, plan in self.plans.items()
            if plan.due
        }

    @property
    def held(self) -> dict[str, str]:
        """Why steps wait for a finding to be mended or waived, by asset_id."""
        return {
            asset_id: f"{len(plan.held)} steps are held back by {plan.held[0].why}"
            for asset_id, plan in self.plans.items()
            if plan.held
        }

    @property
    def up_to_date(self) -> int:
        """The steps that need nothing."""
        plans = self.plans.values()
        return sum(len(plan.wanted) - len(plan.due) - len(plan.held) for plan in plans)


@dataclass
class RefreshResult:
    """What a refresh did."""

    failed: dict[str, str] = field(default_factory=dict)
    """First error by asset_id."""
    made: dict[str, list[str]] = field(default_factory=dict)
    reused: dict[str, list[str]] = field(default_factory=dict)


def plan_refresh(settings: PipelineSettings, only: Collection[str] = ()) -> RefreshPlan:
    """Compare the catalog with the store; changes nothing and imports no Dagster.

    Raises:
        CatalogError: there is no usable catalog.
        UnknownAsset: ``only`` names what is not in it.
    """
    catalog = load_catalog(settings.catalog)
    broken = {problem.file.stem for problem in catalog.problems}
    unknown = sorted(set(only) - set(catalog.entries) - broken)
    if unknown:
        raise UnknownAsset(
            f"the catalog has no entry {', '.join(unknown)}",
            fix=f"choose among {', '.join(sorted(catalog.entries))}",
        )
    graph = build_graph(catalog.profiles)
    store = open_store(settings.store)
    waivers = load_waivers(settings.catalog)
    plans, briefs = {}, {}
    for entry in catalog.entries.values():
        if not only or entry.id in only:
            brief = Brief(
                entry, catalog.profiles, settings.catalog, settings.generator, waivers=waivers
            )
            briefs[entry.id] = brief
            plans[entry.id] = plan_asset(graph, brief, store)
    today = datetime.now(UTC).date()
    # Part of a catalog cannot tell which waivers nobody needs.
    review = [] if only else review_catalog(plans.values(), waivers, today)
    return RefreshPlan(catalog, plans, briefs, review)


def run_refresh(
    plan: RefreshPlan,
    settings: PipelineSettings,
    report: Callable[[RunEvent], None],
    *,
    workers: int | None = None,
    buy_again: bool = False,
) -> RefreshResult:
    """Make what is due, one Dagster run per game asset, then index the catalog.

    With a generator that is waited for, all generations wait together in one event loop, and each
    game asset's run starts when its model is there.

    Args:
        report: called for everything that happens, in this process.
        workers: runs at once; by default one per core, at most four.
        buy_again: buy again what failed after it was accepted.

    Raises:
        GeneratorError: the generator is not configured.
        CatalogError: the caps cannot be read.
    """
    import dagster as dg

    from trellis_assets.defs.partitions import add_partitions
    from trellis_assets.pipeline.generator import check_ready

    from .ahead import generate_ahead, waits_for_generator
    from .leftovers import close_dead_runs
    from .pool import run_all
    from .worker import run_catalog_index, run_game_asset

    if any("generated_model" in nodes for nodes in plan.due.values()):
        check_ready(settings.generator, settings.catalog)
    with dg.DagsterInstance.get() as instance:
        close_dead_runs(instance)
        add_partitions(instance, plan.catalog.entries)
    result = RefreshResult()

    def keep(event: RunEvent) -> None:
        if event.kind == "made":
            result.made.setdefault(event.asset_id, []).append(event.node)
        elif event.kind == "reused":
            result.reused.setdefault(event.asset_id, []).append(event.node)
        elif event.kind == "finished" and event.text:
            result.failed[event.asset_id] = event.text
        report(event)

    due, refresh = plan.due, f"refresh-{uuid4()}"
    waiting = waits_for_generator(plan, settings)
    later = (
        generate_ahead(plan, settings, waiting, refresh, buy_again=buy_again) if waiting else None
    )
    count = workers or min(os.cpu_count() or 1, 4)
    run_all(
        {asset_id: nodes for asset_id, nodes in due.items() if asset_id not in waiting},
        keep,
        workers=min(count, len(due)),
        job=partial(run_game_asset, refresh=refresh, buy_again=buy_again),
        later=later,
    )
    run_catalog_index(keep)
    return result
