"""What the findings of a step come to today, under the waivers of the catalog.

Waivers belong to the verdict, not to the work: a new one, or a day that ends one, changes what a
record says and what may go on, and makes no file again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from .node import Brief, Json
from .record import StepRecord, StepState
from .waivers import apply_waivers, blocking

Findings = tuple[Json, ...]
_Step = TypeVar("_Step", StepRecord, StepState)


def judge(findings: Iterable[Json], brief: Brief, step: str) -> Findings:
    """The findings of a step as they count today; waived ones are marked."""
    return apply_waivers(findings, brief.waivers, brief.today, asset_id=brief.entry.id, step=step)


def judged(record: _Step, brief: Brief) -> _Step:
    """The step with its findings as they count today; equal to ``record`` if nothing changed."""
    return replace(record, findings=judge(record.findings, brief, record.node))


def obstacle(record: StepRecord | StepState) -> str:
    """Why nothing may be made of this step's files, in words; empty if all may go on."""
    return objection(record.findings) if record.blocking else ""


def objection(findings: Iterable[Json]) -> str:
    """The first error that nobody waived, in words; empty if there is none."""
    stops = blocking(findings)
    if not stops:
        return ""
    more = f" (and {len(stops) - 1} more)" if len(stops) > 1 else ""
    return "{rule}: {message}{more}. Fix: {fix}, or waive it".format(**stops[0], more=more)
