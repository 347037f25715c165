"""The catalog's index: every game asset with its state, for tools and for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from trellis_assets.catalog import Entry, load_catalog, load_waivers
from trellis_assets.finding import Finding
from trellis_assets.store import Store

from .graph import build_graph
from .node import Brief, Json
from .plan import AssetPlan, plan_asset, review_catalog
from .record import StepRecord, read_record
from .waivers import blocking

INDEX_KEY = "catalog/index.json"
GALLERY_KEY = "catalog/gallery.html"
INDEX_VERSION = 1


@dataclass(frozen=True)
class CatalogIndex:
    """What was written."""

    gallery: str
    """Where a person finds the gallery."""
    summary: str
    """Markdown table of all game assets."""
    game_assets: int
    up_to_date: int
    waivers: tuple[Finding, ...]
    """What is to be said of the waivers: expired, or accepting nothing."""


State = Literal["ready", "attention", "failed", "pending"]


@dataclass(frozen=True)
class AssetRow:
    """A game asset as the store has it."""

    entry: Entry
    plan: AssetPlan
    records: Mapping[str, StepRecord]
    """Of the steps that were made."""

    @property
    def findings(self) -> list[Mapping[str, Json]]:
        """Of all its steps."""
        return [finding for found in self.plan.findings.values() for finding in found]

    @property
    def state(self) -> State:
        """The worst that is to be said of it."""
        if self.plan.held or blocking(self.findings):
            return "failed"
        if self.plan.due:
            return "pending"
        return "attention" if self._warnings else "ready"

    @property
    def _warnings(self) -> bool:
        return any(
            finding["severity"] == "warning" and not finding.get("waived")
            for finding in self.findings
        )


def index_catalog(source: Store, store: Store, generator: str) -> CatalogIndex:
    """Write ``catalog/index.json`` and ``catalog/gallery.html`` from what is in the store.

    Raises:
        CatalogError: there is no catalog to index.
    """
    from .gallery_page import gallery_page

    catalog = load_catalog(source)
    waivers = load_waivers(source)
    graph = build_graph(catalog.profiles)
    rows = []
    for entry in catalog.entries.values():
        brief = Brief(entry, catalog.profiles, source, generator, waivers=waivers)
        plan = plan_asset(graph, brief, store)
        found = {name: read_record(store, entry.id, name) for name in plan.wanted}
        records = {name: record for name, record in found.items() if record is not None}
        rows.append(AssetRow(entry, plan, records))
    today = datetime.now(UTC).date()
    review = review_catalog([row.plan for row in rows], waivers, today)
    content = {
        "version": INDEX_VERSION,
        "game_assets": [_json_row(row) for row in rows],
        "waivers": [waiver.model_dump(mode="json") for waiver in waivers],
        "findings": [finding.as_json() for finding in review],
    }
    store.write(INDEX_KEY, (json.dumps(content, indent=1, sort_keys=True) + "\n").encode())
    store.write(GALLERY_KEY, gallery_page(rows).encode())
    return CatalogIndex(
        gallery=store.location(GALLERY_KEY),
        summary=_summary(rows),
        game_assets=len(rows),
        up_to_date=sum(not row.plan.due and not row.plan.held for row in rows),
        waivers=tuple(review),
    )


def _json_row(row: AssetRow) -> Json:
    return {
        "asset_id": row.entry.id,
        "title": row.entry.name,
        "class": row.entry.asset_class,
        "state": row.state,
        "due": {due.node: due.why for due in row.plan.due},
        "held": {held.node: held.why for held in row.plan.held},
        "steps": {
            name: {
                "data_version": record.data_version,
                "made_at": record.made_at,
                "bytes": record.bytes,
                "files": sorted(record.files),
            }
            for name, record in row.records.items()
        },
        "findings": row.findings,
    }


def _summary(rows: Sequence[AssetRow]) -> str:
    lines = ["| game asset | class | state | steps | bytes |", "|---|---|---|---:|---:|"]
    lines += [
        f"| {row.entry.id} | {row.entry.asset_class} | {row.state} "
        f"| {len(row.records)} of {len(row.plan.wanted)} "
        f"| {sum(record.bytes for record in row.records.values()):,} |"
        for row in rows
    ]
    return "\n".join(lines)
