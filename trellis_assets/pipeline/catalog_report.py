"""The catalog report: what needs somebody, worst first, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from trellis_assets.catalog import Waiver
from trellis_assets.store import Store

from .catalog_plan import CatalogPlan
from .node import Json
from .plan import MISSING, AssetPlan
from .requests import Requests
from .retire import Retirement

REPORT_KEY = "catalog/report.md"
REPORT_JSON_KEY = "catalog/report.json"
REPORT_VERSION = 1
_ROWS = 50  # of a section; what is more is in the JSON
_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Section:
    """One kind of thing to know."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    needs_somebody: bool

    def markdown(self) -> str:
        """A heading and a table, cut to what people read."""
        head = [f"## {self.title} ({len(self.rows):,})", ""]
        table = [_line(self.columns), _line("---" for _ in self.columns)]
        table += [_line(row) for row in self.rows[:_ROWS]]
        more = len(self.rows) - _ROWS
        tail = ["", f"… and {more:,} more in `{REPORT_JSON_KEY}`."] if more > 0 else []
        return "\n".join([*head, *table, *tail])


@dataclass(frozen=True)
class CatalogReport:
    """The report of one moment."""

    day: date
    counts: Mapping[str, int]
    """Game assets: up to date, new, stale, with missing files, held back, broken, orphaned."""
    sections: tuple[Section, ...]
    """Those that have anything, worst first."""

    @property
    def summary(self) -> str:
        """How many game assets there are of each state."""
        told = [f"{count:,} {name}" for name, count in self.counts.items() if count]
        return ", ".join(told) or "no game assets"

    @property
    def attention(self) -> list[str]:
        """A line for each section that needs somebody."""
        return [f"{each.title}: {len(each.rows)}" for each in self.sections if each.needs_somebody]

    def markdown(self) -> str:
        """All of it for people."""
        head = f"# Catalog report, {self.day.isoformat()}\n\n{self.summary}."
        good = [] if self.sections else ["Everything is as the catalog wants it."]
        return "\n\n".join([head, *good, *(each.markdown() for each in self.sections)]) + "\n"

    def as_json(self) -> dict[str, object]:
        """All of it for scripts."""
        return {
            "version": REPORT_VERSION,
            "day": self.day.isoformat(),
            "counts": dict(self.counts),
            "sections": [
                {
                    "title": each.title,
                    "needs_somebody": each.needs_somebody,
                    "rows": [dict(zip(each.columns, row, strict=True)) for row in each.rows],
                }
                for each in self.sections
            ],
        }


def catalog_report(
    plan: CatalogPlan,
    requests: Requests,
    retirement: Retirement,
    waivers: Iterable[Waiver],
    today: date,
) -> CatalogReport:
    """Put together what is known; reads nothing."""
    due = {asset_id: each for asset_id, each in plan.plans.items() if each.due}
    states = {asset_id: _state(each) for asset_id, each in due.items()}
    sections = (
        _broken(plan),
        _held(plan),
        _reasons("Failed again and again", requests.given_up),
        _reasons("Not bought again without a decision", requests.stopped),
        _reasons("Over a spending cap", requests.over_cap),
        _over_budget(plan),
        _waivers(plan, waivers, today),
        _due("Files missing from the store", due, states, "missing"),
        _due("Stale", due, states, "stale"),
        _due("New", due, states, "new"),
        _orphaned(retirement),
    )
    held = sum(1 for each in plan.plans.values() if each.held and not each.due)
    counts = {
        "up to date": len(plan.plans) - len(due) - held,
        "new": sum(state == "new" for state in states.values()),
        "stale": sum(state == "stale" for state in states.values()),
        "with missing files": sum(state == "missing" for state in states.values()),
        "held back by findings": held,
        "broken entries": len({problem.file for problem in plan.catalog.problems}),
        "orphaned": len(retirement.retired) + len(retirement.kept) + len(retirement.aside),
    }
    return CatalogReport(today, counts, tuple(each for each in sections if each.rows))


def write_catalog_report(report: CatalogReport, store: Store) -> str:
    """Store both forms; returns where a person finds it."""
    store.write(REPORT_KEY, report.markdown().encode())
    store.write(REPORT_JSON_KEY, (json.dumps(report.as_json(), indent=1) + "\n").encode())
    return store.location(REPORT_KEY)


def _state(plan: AssetPlan) -> str:
    if not plan.findings:
        return "new"
    return "missing" if any(step.why == MISSING for step in plan.due) else "stale"


def _broken(plan: CatalogPlan) -> Section:
    rows = tuple(
        (
            f"{problem.file}:{problem.line}" if problem.line else problem.file,
            f"{problem.field} is {problem.found}: {problem.rule}"
            if problem.field
            else problem.rule,
            problem.fix,
        )
        for problem in plan.catalog.problems
    )
    return Section("Broken entries", ("file", "problem", "fix"), rows, needs_somebody=True)


def _held(plan: CatalogPlan) -> Section:
    return _reasons("Held back by a finding", plan.held)


def _reasons(title: str, reasons: Mapping[str, str]) -> Section:
    rows = tuple(sorted(reasons.items()))
    return Section(title, ("game asset", "why"), rows, needs_somebody=True)


def _refuses(node: str, finding: Json) -> bool:
    """Whether this spoils a variant, whatever kind of limit it misses."""
    return node.startswith("variants/") and finding["severity"] == "error"


def _over_budget(plan: CatalogPlan) -> Section:
    rows = tuple(
        (asset_id, node, str(finding["severity"]), str(finding["message"]), str(finding["fix"]))
        for asset_id, each in sorted(plan.plans.items())
        for node, findings in each.findings.items()
        for finding in findings
        if not finding.get("waived")
        and (str(finding["rule"]).startswith("budget.") or _refuses(node, finding))
    )
    columns = ("game asset", "step", "severity", "found", "fix")
    return Section("Over the budget of a profile", columns, rows, needs_somebody=True)


def _waivers(plan: CatalogPlan, waivers: Iterable[Waiver], today: date) -> Section:
    rows = [(each.where, each.message, each.fix) for each in plan.waivers]
    soon = sorted(
        (each for each in waivers if today <= each.expires <= today + _SOON),
        key=lambda each: each.expires,
    )
    rows += [
        (
            each.scope,
            f"the waiver of {each.rule} by {each.owner} ends on {each.expires}: {each.reason}",
            "mend what it accepts, or have its owner renew it",
        )
        for each in soon
    ]
    return Section("Waivers to look at", ("where", "what", "fix"), tuple(rows), needs_somebody=True)


def _due(
    title: str, due: Mapping[str, AssetPlan], states: Mapping[str, str], state: str
) -> Section:
    rows = tuple(
        (asset_id, plan.due[0].node, plan.due[0].why, str(len(plan.due)))
        for asset_id, plan in sorted(due.items())
        if states[asset_id] == state
    )
    columns = ("game asset", "first step due", "why", "steps due")
    return Section(title, columns, rows, needs_somebody=False)


def _orphaned(retirement: Retirement) -> Section:
    rows = [(name, f"not retired: {why}") for name, why in sorted(retirement.kept.items())]
    rows += [(name, "to be retired") for name in sorted(retirement.retired)]
    rows += [(name, f"its files are in {at}") for name, at in retirement.aside.items()]
    title = "Orphaned: their entries are gone"
    return Section(title, ("game asset", "what"), tuple(rows), bool(retirement.kept))


def _line(cells: Iterable[str] | Sequence[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
