"""A studio in which everything was made, without making any mesh: real records, tiny files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.end_to_end.conftest import SAMPLE, Studio
from trellis_assets.catalog import load_catalog, load_waivers
from trellis_assets.defs.resources import PipelineResource
from trellis_assets.pipeline.catalog_plan import CatalogPlan, plan_catalog
from trellis_assets.pipeline.fingerprint import data_version, fingerprint, tool_versions
from trellis_assets.pipeline.graph import build_graph
from trellis_assets.pipeline.node import Brief, Node
from trellis_assets.pipeline.record import FileRecord, StepRecord, write_record
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import FolderStore, Store, content_hash

FINDING = {
    "rule": "toy.rule", "severity": "warning", "where": "here", "message": "odd", "why": "so",
    "fix": "mend it",
}  # fmt: skip
PROFILES = {"oak": ["mobile.prop", "pc.prop"], "axe": ["pc.prop", "quest.prop"]}


def made_studio(root: Path, entries: Mapping[str, list[str]] = PROFILES) -> Studio:
    """A catalog of these entries, all of whose steps were made; ``oak`` has a warning."""
    studio = empty_studio(root, entries)
    make_all(studio)
    return studio


def empty_studio(root: Path, entries: Mapping[str, list[str]] = PROFILES) -> Studio:
    """A catalog of these entries, nothing of which was made."""
    studio = Studio(root)
    (studio.catalog / "assets").mkdir(parents=True)
    (studio.catalog / "concepts").mkdir()
    shutil.copy(SAMPLE / "profiles.yaml", studio.catalog)
    for asset_id, profiles in entries.items():
        concept_of(studio, asset_id).write_bytes(f"picture of {asset_id}".encode())
        studio.add_entry(asset_id, **entry_fields(profiles))
    return studio


def entry_fields(profiles: list[str] = PROFILES["oak"]) -> dict[str, Any]:
    """What the entries say beyond the usual."""
    return {
        "profiles": profiles,
        "generation": {"seed": 7, "number_results": 2},
        "lods": {"triangles": 9000},
    }


def concept_of(studio: Studio, asset_id: str) -> Path:
    return studio.catalog / "concepts" / f"{asset_id}.png"


def settings_of(studio: Studio, generator: str = "embedded") -> PipelineSettings:
    return PipelineSettings.from_environment(
        {
            "TRELLIS_ASSETS_CATALOG": str(studio.catalog),
            "TRELLIS_ASSETS_STORE": str(studio.store),
            "TRELLIS_ASSETS_GENERATOR": generator,
        }
    )


def pipeline_of(studio: Studio) -> PipelineResource:
    return PipelineResource(
        catalog=str(studio.catalog), store=str(studio.store), generator="embedded"
    )


def plan_of(studio: Studio, generator: str = "embedded") -> CatalogPlan:
    return plan_catalog(settings_of(studio, generator))


def make_all(studio: Studio) -> None:
    """What a refresh leaves behind, in a moment: a record and small files for every step."""
    catalog, store = FolderStore(studio.catalog), FolderStore(studio.store)
    loaded = load_catalog(catalog)
    graph, waivers = build_graph(loaded.profiles), load_waivers(catalog)
    for entry in loaded.entries.values():
        brief = Brief(entry, loaded.profiles, catalog, "embedded", waivers=waivers)
        versions: dict[str, str] = {}
        for node in graph.values():
            settings = node.settings(brief)
            if settings is not None:
                versions[node.name] = make_step(store, node, brief, versions)


def make_step(store: Store, node: Node, brief: Brief, versions: Mapping[str, str]) -> str:
    """One step; returns its data version, which differs with every fingerprint."""
    settings = node.settings(brief)
    assert settings is not None
    inputs = {name: versions[name] for name in node.inputs}
    wanted = fingerprint(node, settings, inputs)
    name = f"{node.name}.glb"
    store.write(f"assets/{brief.entry.id}/{name}", wanted.encode())
    file = FileRecord(content_hash(wanted.encode()), len(wanted))
    with_finding = brief.entry.id == "oak" and node.name == "lod0"
    record = StepRecord(
        node=node.name,
        asset_id=brief.entry.id,
        fingerprint=wanted,
        data_version=data_version({name: file.sha256}),
        code_version=node.code_version,
        inputs=inputs,
        settings=dict(settings),
        tools=tool_versions(node),
        files={name: file},
        made_at="2026-01-01T00:00:00+00:00",
        seconds=1.0,
        findings=(FINDING,) if with_finding else (),
        blocking=node.blocking,
    )
    write_record(store, record)
    return record.data_version
