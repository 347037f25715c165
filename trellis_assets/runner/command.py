"""``trellis-assets refresh``: plan, run, and say what happened."""

from __future__ import annotations

import json
from collections.abc import Collection
from time import monotonic

from rich.console import Console
from rich.table import Table

from trellis_assets.pipeline.bill import make_bill
from trellis_assets.pipeline.catalog_plan import CatalogPlan, plan_catalog
from trellis_assets.pipeline.retire import Retirement
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import open_store

from .display import choose_display, print_error, print_warning
from .home import prepare_home
from .refresh import RefreshResult, run_refresh
from .tidy import tidy_store


def refresh_command(
    only: Collection[str],
    *,
    dry_run: bool,
    workers: int | None,
    quiet: bool,
    as_json: bool,
    buy_again: bool = False,
) -> int:
    """Returns the exit code: 0 only when everything in the catalog is as it should be."""
    started = monotonic()
    settings = PipelineSettings.from_environment()
    plan = plan_catalog(settings, only)
    errors, console = Console(stderr=True), Console()
    for problem in plan.catalog.problems:
        print_error(errors, str(problem))
    # Part of a catalog cannot tell what has left it.
    tidied = Retirement() if only else tidy_store(plan.catalog, settings, dry_run=dry_run)
    if tidied.restored and not dry_run:
        plan = plan_catalog(settings)
    result = RefreshResult()
    if plan.due and not dry_run:
        prepare_home()
        with choose_display(console, plan.due, silent=quiet or as_json) as display:
            result = run_refresh(plan, settings, display.show, workers=workers, buy_again=buy_again)
    seconds = monotonic() - started
    if as_json:
        content = _json(plan, result, seconds, dry_run=dry_run)
        content["retirement"] = tidied.as_json()
        if dry_run:
            content["bill"] = make_bill(settings, plan).as_json()
        print(json.dumps(content, indent=1))
    elif not quiet:
        for line in tidied.words(planned=dry_run):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        _print_outcome(console, settings, plan, result, seconds, dry_run=dry_run)
    errors_of = {**plan.refused, **plan.held, **result.failed}
    for asset_id, error in errors_of.items():
        print_error(errors, f"{asset_id}: {error}")
    for finding in plan.waivers:
        print_warning(errors, f"{finding.message}. Fix: {finding.fix}")
    return 1 if errors_of or plan.catalog.problems else 0


def _print_outcome(
    console: Console,
    settings: PipelineSettings,
    plan: CatalogPlan,
    result: RefreshResult,
    seconds: float,
    *,
    dry_run: bool,
) -> None:
    if not plan.due:
        console.print(
            f"Nothing to do: {plan.up_to_date} steps of {len(plan.plans)} game assets are up to "
            f"date ({seconds:.1f} s)."
        )
    elif dry_run:
        console.print(_due_table(plan))
        console.print(make_bill(settings, plan).words(), soft_wrap=True, highlight=False)
    else:
        console.print(_summary_table(settings, plan, result))
        store = open_store(settings.store)
        console.print(f"{seconds:.0f} s. Gallery: {store.location('catalog/gallery.html')}")
        console.print("Lineage and history: trellis-assets ui")


def _due_table(plan: CatalogPlan) -> Table:
    table = Table(title="Would be made", box=None, title_justify="left")
    for column in ("game asset", "step", "why"):
        table.add_column(column)
    for asset_id, asset_plan in plan.plans.items():
        for step in asset_plan.due:
            table.add_row(asset_id, step.node, step.why)
    return table


def _summary_table(settings: PipelineSettings, plan: CatalogPlan, result: RefreshResult) -> Table:
    from trellis_assets.pipeline.record import read_record

    store = open_store(settings.store)
    table = Table(box=None)
    for column in ("game asset", "steps made", "reused", "triangles LOD0-3", "delivered", "state"):
        table.add_column(column, justify="left" if column in ("game asset", "state") else "right")
    for asset_id, nodes in plan.due.items():
        rungs = [read_record(store, asset_id, f"lod{rung}") for rung in range(4)]
        triangles = [f"{rung.facts['triangles']:,}" if rung else "-" for rung in rungs]
        variants = [node for node in plan.plans[asset_id].wanted if node.startswith("variants/")]
        records = [read_record(store, asset_id, variant) for variant in variants]
        size = sum(record.bytes for record in records if record is not None)
        failed = asset_id in result.failed
        table.add_row(
            asset_id,
            f"{len(result.made.get(asset_id, []))} of {len(nodes)}",
            str(len(result.reused.get(asset_id, []))),
            " ".join(triangles),
            f"{len(variants)} variants, {size / 1e6:.1f} MB",
            "[red]failed[/red]" if failed else "[green]done[/green]",
        )
    return table


def _json(
    plan: CatalogPlan, result: RefreshResult, seconds: float, *, dry_run: bool
) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "seconds": round(seconds, 1),
        "problems": [str(problem) for problem in plan.catalog.problems],
        "waivers": [finding.as_json() for finding in plan.waivers],
        "game_assets": {
            asset_id: {
                "due": {step.node: step.why for step in asset_plan.due},
                "held": {step.node: step.why for step in asset_plan.held},
                "made": result.made.get(asset_id, []),
                "reused": result.reused.get(asset_id, []),
                "error": result.failed.get(asset_id),
            }
            for asset_id, asset_plan in plan.plans.items()
        },
    }
