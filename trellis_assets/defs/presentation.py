"""What a person sees of a step in the Dagster UI: verdict, picture, worst findings, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg

from trellis_assets.pipeline.node import Json, asset_key
from trellis_assets.pipeline.record import Look, StepRecord
from trellis_assets.pipeline.step import Step
from trellis_assets.pipeline.waivers import blocking
from trellis_assets.store import Store

Metadata = dict[str, dg.MetadataValue[Any]]

# Dagster shows markdown in place only below 1,000 characters; longer text opens on click.
_IN_PLACE = 980
_ON_A_CHECK = 9
_ORDER = {"error": 0, "warning": 1, "info": 2, "waived": 3}


def step_metadata(step: Step, store: Store) -> Metadata:
    """Metadata of one materialization."""
    record = step.record
    metadata = _seen(record, record.findings)
    for name, value in record.facts.items():
        metadata[name] = _value(value)
    if record.look.thumbnail:
        metadata["picture"] = dg.MetadataValue.md(f"![{record.node}]({record.look.thumbnail})")
    metadata["files"] = dg.MetadataValue.md(_files_table(step, store))
    metadata["bytes"] = dg.MetadataValue.int(record.bytes)
    metadata["seconds"] = dg.MetadataValue.float(record.seconds)
    metadata["reused"] = dg.MetadataValue.bool(step.cached)
    metadata["fingerprint"] = dg.MetadataValue.text(record.fingerprint)
    metadata["settings"] = dg.MetadataValue.json(dict(record.settings))
    metadata["tools"] = dg.MetadataValue.json(dict(record.tools))
    return metadata


def check_metadata(
    record: StepRecord, findings: Sequence[Json], facts: Mapping[str, Json]
) -> Metadata:
    """Metadata of one check: its findings with their pictures, then the numbers about it."""
    metadata = findings_text(findings, record.evidence)
    if findings and record.look.glance:
        metadata["picture"] = dg.MetadataValue.md(record.look.glance)
    return metadata | {name: _value(value) for name, value in facts.items()}


def findings_text(findings: Sequence[Json], evidence: Mapping[str, Look] | None = None) -> Metadata:
    """Findings for the page of a check, where Dagster sorts by name and hides all markdown behind
    a click: text, with numbers in front of the names that keep the worst first, and each picture
    below its finding.
    """
    metadata: Metadata = {}
    for place, finding in enumerate(_worst_first(findings)[:_ON_A_CHECK], 1):
        name = f"{place} {_kind(finding)} {finding['rule']}"
        metadata[name] = dg.MetadataValue.text("\n".join(_lines(finding)))
        if look := (evidence or {}).get(finding.get("picture", "")):
            picture = f"![{finding['rule']}]({look.thumbnail})"
            metadata[f"{name} picture"] = dg.MetadataValue.md(picture)
    if len(findings) > _ON_A_CHECK:
        metadata["more"] = dg.MetadataValue.md(findings_table(findings))
    return metadata


def verdict_line(findings: Sequence[Json]) -> str:
    """The findings in one line: how many of each kind, then the worst with its fix."""
    if not findings:
        return "no findings"
    kinds = [_kind(finding) for finding in findings]
    counts = [
        f"{kinds.count(kind)} {kind}{'s' if kinds.count(kind) > 1 and kind != 'waived' else ''}"
        for kind in _ORDER
        if kind in kinds
    ]
    worst = _worst_first(findings)[0]
    said = "{rule}: {message}. Fix: {fix}".format(**worst)
    return f"{', '.join(counts)}: {said}" if _kind(worst) in ("error", "warning") else counts[0]


def findings_table(findings: Sequence[Json]) -> str:
    """All findings as a markdown table, worst first."""
    rows = [
        f"| {_kind(each)} | " + " | ".join(_cell(each[key]) for key in _COLUMNS) + " |"
        for each in _worst_first(findings)
    ]
    return "\n".join(["| | rule | where | found | fix |", "|---|---|---|---|---|", *rows])


_COLUMNS = ("rule", "where", "message", "fix")


def _seen(record: StepRecord, findings: Sequence[Json]) -> Metadata:
    """What an artist reads first."""
    stops = record.blocking and blocking(findings)
    verdict = verdict_line(findings) + (" (nothing after it is made)" if stops else "")
    metadata: Metadata = {"verdict": dg.MetadataValue.text(verdict)}
    if record.look.glance:
        metadata["look"] = dg.MetadataValue.md(record.look.glance)
    if findings:
        worst, shown = _worst_in_place(findings)
        metadata["worst"] = dg.MetadataValue.md(worst)
        if place := _worst_place(record, findings):
            metadata["place"] = dg.MetadataValue.md(place)
        if shown < len(findings):
            metadata["findings"] = dg.MetadataValue.md(findings_table(findings))
    return metadata


def _worst_place(record: StepRecord, findings: Sequence[Json]) -> str:
    """A small picture of where the worst finding lies that has one; empty if none has."""
    drawn = (record.evidence.get(each.get("picture", "")) for each in _worst_first(findings))
    return next((look.glance for look in drawn if look is not None), "")


def _worst_in_place(findings: Sequence[Json]) -> tuple[str, int]:
    """As many of the worst findings as the UI shows without a click, and how many they are."""
    text = ""
    for shown, finding in enumerate(_worst_first(findings)):
        where, *lines = map(_inline, _lines(finding))
        points = "".join(f"- {line}\n" for line in lines)
        item = f"**{_kind(finding)}** `{finding['rule']}` {where}\n{points}\n"
        if text and len(text) + len(item) > _IN_PLACE:
            return text, shown
        text += item
    return text[:_IN_PLACE], len(findings)


def _lines(finding: Json) -> list[str]:
    """Where, what, why and how to mend it, a line each."""
    lines = [finding["where"], finding["message"]]
    lines += [f"Why: {finding['why']}", f"Fix: {finding['fix']}"]
    if waived := finding.get("waived"):
        lines.append("Waived by {owner} until {expires}: {reason}".format(**waived))
    return lines


def _worst_first(findings: Sequence[Json]) -> list[Json]:
    return sorted(findings, key=lambda finding: _ORDER[_kind(finding)])


def _kind(finding: Json) -> str:
    return "waived" if finding.get("waived") else str(finding["severity"])


def _files_table(step: Step, store: Store) -> str:
    record = step.record
    rows = [
        f"| `{store.location(asset_key(record.asset_id, name))}` | {file.bytes:,} "
        f"| `{file.sha256[:12]}` |"
        for name, file in record.files.items()
    ]
    return "\n".join(["| file | bytes | sha256 |", "|---|---:|---|", *rows])


_PLAIN: Mapping[type, Callable[[Any], dg.MetadataValue[Any]]] = {
    bool: dg.MetadataValue.bool,
    int: dg.MetadataValue.int,
    float: dg.MetadataValue.float,
    str: dg.MetadataValue.text,
}


def _value(value: Json) -> dg.MetadataValue[Any]:
    if value is None:
        return dg.MetadataValue.null()
    if type(value) in _PLAIN:
        return _PLAIN[type(value)](value)
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return dg.MetadataValue.md(_rows_table(value))
    return dg.MetadataValue.json(value)


def _rows_table(rows: Sequence[Mapping[str, Json]]) -> str:
    head = [f"| {' | '.join(rows[0])} |", "|---" * len(rows[0]) + "|"]
    return "\n".join([*head, *(f"| {' | '.join(map(_cell, row.values()))} |" for row in rows)])


def _cell(value: Json) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _inline(text: str) -> str:
    """File content must not turn into markup of its own."""
    return str(text).replace("<", "&lt;").replace("`", "'")
