"""``trellis-assets costs``: what generation has cost, from the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table

from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import open_store
from trellis_assets.trellis2 import Spending, spending

By = Literal["asset", "day", "tag"]
_NONE = "(none)"
_KEYS: Mapping[By, Callable[[Spending], Iterable[str]]] = {
    "asset": lambda line: (line.asset or _NONE,),
    "day": lambda line: (line.day,),
    "tag": lambda line: line.tags or (_NONE,),
}


@dataclass
class Cost:
    """The tasks of one asset, day or tag."""

    tasks: int = 0
    failed: int = 0
    reused: int = 0
    """How often a model was had without paying."""
    usd: float = 0.0
    """As the service reported it."""
    unreported_usd: float = 0.0
    """Estimate of tasks that may have been charged and whose cost was never told."""

    def add(self, line: Spending) -> None:
        """Count one attempt."""
        self.tasks += 1
        self.failed += line.state == "failed"
        self.reused += line.reused
        self.usd += line.usd or 0.0
        if line.usd is None and line.billed is not False:
            self.unreported_usd += line.estimate_usd


def costs_by(lines: Iterable[Spending], by: By) -> dict[str, Cost]:
    """Sums by asset, day or tag, sorted; a task with two tags counts under both."""
    sums: dict[str, Cost] = {}
    for line in lines:
        for key in _KEYS[by](line):
            sums.setdefault(key, Cost()).add(line)
    return dict(sorted(sums.items()))


def costs_command(*, by: By, as_json: bool) -> int:
    """Returns the exit code, 0."""
    lines = list(spending(open_store(PipelineSettings.from_environment().store)))
    sums, total = costs_by(lines, by), Cost()
    for line in lines:
        total.add(line)
    if as_json:
        rows = {key: _rounded(cost) for key, cost in sums.items()}
        print(
            json.dumps({"version": 1, "by": by, "costs": rows, "total": _rounded(total)}, indent=1)
        )
        return 0
    console = Console()
    if not lines:
        console.print("Nothing was generated yet.")
        return 0
    table = Table(box=None)
    for column in (by, "tasks", "failed", "reused", "USD", "unreported, about USD"):
        table.add_column(column, justify="left" if column == by else "right")
    for key, cost in sums.items():
        table.add_row(key, *_cells(cost))
    table.add_section()
    table.add_row("total", *_cells(total), style="bold")
    console.print(table)
    if by == "tag":
        console.print("A task with several tags counts under each; the total counts it once.")
    return 0


def _rounded(cost: Cost) -> dict[str, float]:
    return {name: round(value, 6) for name, value in asdict(cost).items()}


def _cells(cost: Cost) -> tuple[str, ...]:
    unreported = f"{cost.unreported_usd:.4f}" if cost.unreported_usd else "-"
    return str(cost.tasks), str(cost.failed), str(cost.reused), f"{cost.usd:.4f}", unreported
