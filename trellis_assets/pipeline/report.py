"""``report.json``: one game asset at a glance, beside its files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trellis_assets.store import Store

from .authorship import authorship_of
from .node import Brief, asset_key
from .record import StepRecord, read_records
from .verdict import judged
from .waivers import in_force

if TYPE_CHECKING:
    from trellis_assets.delivery import NodeRecord

REPORT = "report.json"


def write_report(brief: Brief, store: Store) -> None:
    """Write the report of a game asset from the records of all its steps."""
    from trellis_assets.delivery import asset_report

    asset_id = brief.entry.id
    records = {
        name: judged(record, brief) for name, record in read_records(store, asset_id).items()
    }
    accepted = in_force(brief.waivers, [(asset_id, name) for name in records], brief.today)
    manifests = {
        name.removeprefix("variants/"): json.loads(
            store.read(asset_key(asset_id, f"{name}/manifest.json"))
        )
        for name in records
        if name.startswith("variants/")
    }
    report = asset_report(
        asset_id=asset_id,
        nodes=[_node(record) for record in records.values()],
        findings=[finding for record in records.values() for finding in record.findings],
        waivers=[waiver.model_dump(mode="json") for waiver in accepted],
        variants=manifests,
        authorship=authorship_of(brief, store),
    )
    text = json.dumps(report, indent=1, sort_keys=True, allow_nan=False) + "\n"
    store.write(asset_key(asset_id, REPORT), text.encode())


def _node(record: StepRecord) -> NodeRecord:
    from trellis_assets.delivery import NodeRecord

    return NodeRecord(
        name=record.node,
        fingerprint=record.fingerprint,
        output_sha256=record.data_version,
        bytes=record.bytes,
        file=next(iter(record.files)),
        code_version=record.code_version,
        seconds=record.seconds,
    )
