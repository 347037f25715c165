"""Refresh: bring the store up to the catalog, through Dagster, and nothing that is up to date."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

from trellis_assets.pipeline.catalog_plan import CatalogPlan
from trellis_assets.pipeline.settings import PipelineSettings

from .events import RunEvent


@dataclass
class RefreshResult:
    """What a refresh did."""

    failed: dict[str, str] = field(default_factory=dict)
    """First error by asset_id."""
    made: dict[str, list[str]] = field(default_factory=dict)
    reused: dict[str, list[str]] = field(default_factory=dict)


def run_refresh(
    plan: CatalogPlan,
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
    from trellis_assets.pipeline.bill import buys
    from trellis_assets.pipeline.generator import check_ready

    from .ahead import generate_ahead, waits_for_generator
    from .leftovers import close_dead_runs
    from .pool import run_all
    from .worker import run_catalog_index, run_game_asset

    if any(buys(plan, asset_id) for asset_id in plan.due):
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
