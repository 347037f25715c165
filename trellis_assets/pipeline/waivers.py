"""Waivers applied: which findings are accepted today, and which waivers are no longer needed.

Findings are plain values here, as the records of the steps hold them. A waived finding keeps its
severity and gains ``waived`` (owner, reason, expires); it blocks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from trellis_assets.catalog import Waiver
from trellis_assets.finding import Finding

EXPIRED = "waiver.expired"
UNUSED = "waiver.unused"

FindingJson = Mapping[str, Any]
StepId = tuple[str, str]
"""asset_id and name of the step."""


def apply_waivers(
    findings: Iterable[FindingJson],
    waivers: Iterable[Waiver],
    today: date,
    *,
    asset_id: str,
    step: str,
) -> tuple[FindingJson, ...]:
    """The findings of one step as they count today.

    Marks of an earlier day are dropped first, so that applying twice is applying once. Where an
    expired waiver would have accepted a finding, a finding ``waiver.expired`` follows.
    """
    known = [waiver for waiver in waivers if waiver.concerns(asset_id, step)]
    judged: list[FindingJson] = []
    expired: list[Waiver] = []
    for finding in map(_unmarked, _of_rules(findings)):
        matching = [waiver for waiver in known if _accepts(waiver, finding)]
        in_force = [waiver for waiver in matching if waiver.holds_on(today)]
        if in_force:
            judged.append({**finding, "waived": _mark(max(in_force, key=lambda w: w.expires))})
        else:
            judged.append(finding)
            expired += [waiver for waiver in matching if waiver not in expired]
    about = ({**_expired(waiver).as_json(), "about": waiver.rule} for waiver in expired)
    return (*judged, *about)


def blocking(findings: Iterable[FindingJson]) -> list[FindingJson]:
    """Those that stop what is downstream: errors that nobody waived."""
    return [each for each in findings if each["severity"] == "error" and not each.get("waived")]


def review_waivers(
    waivers: Iterable[Waiver],
    steps: Mapping[StepId, Sequence[FindingJson] | None],
    today: date,
) -> list[Finding]:
    """What is to be said of the waivers of a whole catalog: expired, or accepting nothing.

    Args:
        steps: the findings of every step that the catalog wants; None for one that was never
            made, which may yet need its waiver.
    """
    said = []
    for waiver in waivers:
        in_scope = [found for step, found in steps.items() if waiver.concerns(*step)]
        made = [found for found in in_scope if found is not None]
        used = any(_accepts(waiver, finding) for found in made for finding in found)
        if not waiver.holds_on(today):
            said.append(_expired(waiver, used=used))
        elif not used and len(made) == len(in_scope):
            said.append(_unused(waiver, in_scope=bool(in_scope)))
    return said


def in_force(waivers: Iterable[Waiver], steps: Iterable[StepId], today: date) -> list[Waiver]:
    """The waivers that hold today for any of ``steps``."""
    steps = list(steps)
    return [
        waiver
        for waiver in waivers
        if waiver.holds_on(today) and any(waiver.concerns(*step) for step in steps)
    ]


def _accepts(waiver: Waiver, finding: FindingJson) -> bool:
    return waiver.accepts(finding["rule"], finding.get("node", ""))


def _of_rules(findings: Iterable[FindingJson]) -> Iterator[FindingJson]:
    return (finding for finding in findings if finding["rule"] != EXPIRED)


def _unmarked(finding: FindingJson) -> FindingJson:
    return {key: value for key, value in finding.items() if key != "waived"}


def _mark(waiver: Waiver) -> dict[str, str]:
    return waiver.model_dump(mode="json", include={"owner", "reason", "expires"})


def _expired(waiver: Waiver, *, used: bool = True) -> Finding:
    what = "its finding counts again" if used else "there is no such finding any more"
    fix = (
        "mend what it accepted, or have its owner renew it in catalog/waivers.yaml"
        if used
        else "remove it from catalog/waivers.yaml"
    )
    return Finding(
        rule=EXPIRED,
        severity="warning",
        where=waiver.scope,
        message=(
            f"the waiver of {waiver.rule} by {waiver.owner} expired on {waiver.expires}: {what}"
        ),
        why="a waiver is a decision for a while, not for ever",
        fix=fix,
    )


def _unused(waiver: Waiver, *, in_scope: bool) -> Finding:
    what = "it accepts nothing" if in_scope else "the catalog has nothing of this name"
    return Finding(
        rule=UNUSED,
        severity="warning",
        where=waiver.scope,
        message=f"the waiver of {waiver.rule} by {waiver.owner} is not needed: {what}",
        why="it would let through the next finding of its kind unseen",
        fix="remove it from catalog/waivers.yaml, or correct its rule and scope",
    )
