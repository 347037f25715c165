"""What ``trellis-assets check`` says: lines for people, JSON for scripts.

The JSON is defined by ``check.schema.json`` beside this file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib import resources
from typing import Any, Literal

from rich.console import Console
from rich.text import Text

import trellis_assets
from trellis_assets.node_tools import VALIDATOR

from .check_file import Checked, Judged

REPORT_VERSION = 2
FailOn = Literal["error", "warning"]
_COLORS = {"error": "red", "warning": "yellow", "info": "cyan"}
_RANK = {"error": 0, "warning": 1, "info": 2}
_FEW = 20  # files that are named one by one although nothing is wrong with them


def passes(outcome: Checked, fail_on: FailOn) -> bool:
    """Whether a file could be read and has no finding of this severity or worse."""
    return not outcome.problem and all(
        _RANK[each.finding.severity] > _RANK[fail_on] for each in outcome.judged
    )


def check_schema() -> dict[str, Any]:
    """The JSON Schema of the report."""
    text = resources.files(__package__).joinpath("check.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def check_json(
    outcomes: Sequence[Checked], profiles: Sequence[str], fail_on: FailOn
) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": REPORT_VERSION,
        "tools": {
            "trellis-assets": trellis_assets.__version__,
            "gltf-validator": VALIDATOR.version,
        },
        "profiles": list(profiles),
        "fail_on": fail_on,
        "passed": all(passes(outcome, fail_on) for outcome in outcomes),
        "counts": {
            "files": len(outcomes),
            "failed": sum(not passes(outcome, fail_on) for outcome in outcomes),
            **{f"{name}s": _count(outcomes, name) for name in _RANK},
        },
        "files": [_file_json(outcome, fail_on) for outcome in outcomes],
    }


def print_report(
    console: Console, outcomes: Sequence[Checked], fail_on: FailOn, seconds: float
) -> None:
    """Every file that has findings, the worst first, and the counts at the end."""
    ordered = sorted(outcomes, key=_badness)
    clean = [outcome for outcome in ordered if not outcome.judged and not outcome.problem]
    for outcome in ordered:
        if outcome.judged or outcome.problem or outcome.repair or len(clean) <= _FEW:
            _print_file(console, outcome, fail_on)
    failures = sum(not passes(outcome, fail_on) for outcome in outcomes)
    counts = ", ".join(_plural(_count(outcomes, name), name) for name in _RANK)
    verdict = Text(f"{failures} failed", "bold red") if failures else Text("passed", "bold green")
    console.print(
        Text(f"{_plural(len(outcomes), 'file')}: ").append(verdict),
        Text(f"· {counts} · {seconds:.1f} s"),
    )


def _print_file(console: Console, outcome: Checked, fail_on: FailOn) -> None:
    head = Text(outcome.name, style="bold").append(": ", "default")
    if outcome.problem:
        console.print(head.append(f"not judged: {outcome.problem}", "red"))
        return
    tally = [_plural(count, name) for name in _RANK if (count := _count([outcome], name))]
    style = "default" if passes(outcome, fail_on) else "red"
    console.print(head.append(", ".join(tally) or "no findings", style if tally else "green"))
    if outcome.repair is not None:
        _print_repair(console, outcome)
    width = max((len(each.finding.rule) for each in outcome.judged), default=0)
    for each in outcome.judged:
        _print_finding(console, each, width)
    if outcome.undrawn:
        console.print(Text(f"  pictures: {outcome.undrawn}", "yellow"))


def _print_repair(console: Console, outcome: Checked) -> None:
    repair = outcome.repair
    assert repair is not None  # noqa: S101  (the caller looked)
    if repair.refused:
        console.print(Text(f"  not repaired: {repair.refused}", "yellow"))
        return
    for change in repair.changes:
        console.print(Text("  fixed    ", "green").append(f"{change.rule}: {change.message}"))
    what = "written to" if repair.changes else "nothing to repair; copied to"
    console.print(Text(f"  {what} {repair.file}", "dim"))


def _print_finding(console: Console, each: Judged, width: int) -> None:
    # Text objects, because messages quote files and may hold brackets.
    finding = each.finding
    margin = " " * (13 + width)
    line = Text("  ").append(f"{finding.severity:<9}", _COLORS[finding.severity])
    line.append(f"{finding.rule:<{width}}  ", "bold").append(finding.message)
    console.print(line)
    place = finding.node and f"node {finding.node}"
    profiles = each.profiles and f"for {', '.join(each.profiles)}"
    where = ", ".join(part for part in (place, profiles) if part)
    rows = (("at", where), ("why", finding.why), ("fix", finding.fix), ("see", each.picture))
    for label, text in rows:
        if text:
            console.print(Text(f"{margin}{label:<5}{text}", "dim"))


def _file_json(outcome: Checked, fail_on: FailOn) -> dict[str, Any]:
    repair = outcome.repair
    return {
        "path": outcome.name,
        "bytes": outcome.bytes,
        "seconds": outcome.seconds,
        "passed": passes(outcome, fail_on),
        "problem": outcome.problem or None,
        "findings": [
            {
                **each.finding.as_json(),
                "profiles": list(each.profiles),
                "picture": each.picture,
            }
            for each in outcome.judged
        ],
        "undrawn": outcome.undrawn or None,
        "repair": None
        if repair is None
        else {
            "file": None if repair.refused else repair.file,
            "changes": [asdict(change) for change in repair.changes],
            "refused": repair.refused or None,
        },
    }


def _badness(outcome: Checked) -> tuple[bool, int, int]:
    return (
        not outcome.problem,
        -_count([outcome], "error"),
        -_count([outcome], "warning"),
    )


def _count(outcomes: Sequence[Checked], severity: str) -> int:
    return sum(each.finding.severity == severity for outcome in outcomes for each in outcome.judged)


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
