"""What a person sees of a step in the Dagster UI: verdict, picture, worst findings, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from trellis_assets.pipeline.node import Json, asset_key
from trellis_assets.pipeline.record import StepRecord
from trellis_assets.pipeline.step import Step
from trellis_assets.pipeline.waivers import blocking
from trellis_assets.store import Store

Metadata = dict[str, dg.MetadataValue[Any]]

# Dagster shows markdown in place only below 1,000 characters; longer text opens on click.
_IN_PLACE = 980
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
    """Metadata of one check: as of the step, with its own findings and numbers alone."""
    metadata = _seen(record, findings)
    worst = _worst_first(findings)[:1]
    for name in ("measured", "limit"):
        if worst and worst[0].get(name) is not None:
            metadata[name] = dg.MetadataValue.float(float(worst[0][name]))
    return metadata | {name: _value(value) for name, value in facts.items()}


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
        worst = _worst_in_place(findings)
        metadata["worst"] = dg.MetadataValue.md(worst)
        metadata["findings"] = dg.MetadataValue.md(findings_table(findings))
    return metadata


def _worst_in_place(findings: Sequence[Json]) -> str:
    """As many of the worst findings, with why and fix, as the UI shows without a click."""
    text = ""
    for finding in _worst_first(findings):
        waived = finding.get("waived")
        note = "\n- Waived by {owner} until {expires}: {reason}".format(**waived) if waived else ""
        item = (
            f"**{_kind(finding)}** `{finding['rule']}` {_inline(finding['where'])}\n"
            f"- {_inline(finding['message'])}\n- Why: {_inline(finding['why'])}\n"
            f"- Fix: {_inline(finding['fix'])}{_inline(note)}\n\n"
        )
        if text and len(text) + len(item) > _IN_PLACE:
            break
        text += item
    return text[:_IN_PLACE]


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


def _value(value: Json) -> dg.MetadataValue[Any]:
    if isinstance(value, bool):
        return dg.MetadataValue.bool(value)
    if isinstance(value, int):
        return dg.MetadataValue.int(value)
    if isinstance(value, float):
        return dg.MetadataValue.float(value)
    if isinstance(value, str):
        return dg.MetadataValue.text(value)
    if value is None:
        return dg.MetadataValue.null()
    return dg.MetadataValue.json(value)


def _cell(value: Json) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _inline(text: str) -> str:
    """File content must not turn into markup of its own."""
    return str(text).replace("<", "&lt;").replace("`", "'")
