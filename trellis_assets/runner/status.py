"""``trellis-assets status``: where every game asset stands."""

from __future__ import annotations

import json

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from trellis_assets.pipeline.catalog_plan import plan_catalog
from trellis_assets.pipeline.plan import AssetPlan
from trellis_assets.pipeline.settings import PipelineSettings

from .display import print_error


def status_command(*, as_json: bool) -> int:
    """Returns the exit code: 0 when all is up to date, nothing is held and every entry is good."""
    plan = plan_catalog(PipelineSettings.from_environment())
    problems = [str(problem) for problem in plan.catalog.problems]
    if as_json:
        content = {
            "problems": problems,
            "game_assets": {
                asset_id: {
                    "steps": len(asset_plan.wanted),
                    "due": {step.node: step.why for step in asset_plan.due},
                    "held": {step.node: step.why for step in asset_plan.held},
                }
                for asset_id, asset_plan in plan.plans.items()
            },
        }
        print(json.dumps(content, indent=1))
    else:
        console = Console()
        table = Table(box=None)
        for column in ("game asset", "class", "up to date", "next", "why"):
            table.add_column(column)
        for asset_id, asset_plan in plan.plans.items():
            asset_class = plan.catalog.entries[asset_id].asset_class
            table.add_row(asset_id, asset_class, *_cells(asset_plan))
        console.print(table)
        for problem in problems:
            print_error(console, problem)
    return 1 if plan.due or plan.held or plan.refused or problems else 0


def _cells(plan: AssetPlan) -> tuple[str, str, str]:
    done = f"{len(plan.wanted) - len(plan.due) - len(plan.held)} of {len(plan.wanted)}"
    if plan.held:
        return f"[red]{done}[/red]", f"{plan.held[0].node} is held", escape(plan.held[0].why)
    if plan.refused:
        return f"[red]{done}[/red]", "", escape(plan.refused)
    if not plan.due:
        return f"[green]{done}[/green]", "", ""
    return f"[yellow]{done}[/yellow]", plan.due[0].node, escape(plan.due[0].why)
