"""What a person sees of a step in the Dagster UI: the picture first, then numbers with units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from trellis_assets.pipeline.node import Json, asset_key
from trellis_assets.pipeline.step import Step
from trellis_assets.store import Store


def step_metadata(step: Step, store: Store) -> dict[str, dg.MetadataValue[Any]]:
    """Metadata of one materialization."""
    record = step.record
    metadata: dict[str, dg.MetadataValue[Any]] = {}
    if record.look.glance:
        # Dagster shows markdown in place only below 1,000 characters; the picture opens on click.
        metadata["look"] = dg.MetadataValue.md(record.look.glance)
    if record.look.thumbnail:
        metadata["picture"] = dg.MetadataValue.md(f"![{record.node}]({record.look.thumbnail})")
    if record.findings:
        metadata["findings"] = dg.MetadataValue.md(findings_table(record.findings))
    for name, value in record.facts.items():
        metadata[name] = _value(value)
    metadata["files"] = dg.MetadataValue.md(_files_table(step, store))
    metadata["bytes"] = dg.MetadataValue.int(record.bytes)
    metadata["seconds"] = dg.MetadataValue.float(record.seconds)
    metadata["reused"] = dg.MetadataValue.bool(step.cached)
    metadata["fingerprint"] = dg.MetadataValue.text(record.fingerprint)
    metadata["settings"] = dg.MetadataValue.json(dict(record.settings))
    metadata["tools"] = dg.MetadataValue.json(dict(record.tools))
    return metadata


def findings_table(findings: Sequence[Mapping[str, Json]]) -> str:
    """Findings as a markdown table, errors first."""
    order = {"error": 0, "warning": 1, "info": 2}
    rows = [
        "| {} | {} | {} | {} | {} |".format(
            *(_cell(finding[key]) for key in ("severity", "rule", "where", "message", "fix"))
        )
        for finding in sorted(findings, key=lambda finding: order[finding["severity"]])
    ]
    return "\n".join(["| severity | rule | where | found | fix |", "|---|---|---|---|---|", *rows])


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
