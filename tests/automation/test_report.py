"""The report tells everything worst first; retirement and report as Dagster runs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.end_to_end.conftest import Studio
from trellis_assets.definitions import build_definitions
from trellis_assets.pipeline.plan import MISSING

from .made import FINDING, entry_fields, make_all, plan_of, settings_of
from .staleness import PC

TODAY = datetime.now(UTC).date()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        instance.add_dynamic_partitions("game_asset", ["oak", "axe", "left"])
        yield instance


def report(studio: Studio, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """One night's report, with what it retires."""
    definitions = build_definitions(settings_of(studio))
    return definitions.resolve_job_def("report_catalog").execute_in_process(
        instance=instance, raise_on_error=False
    )


def markdown(result: dg.ExecuteInProcessResult) -> str:
    return str(metadata(result, "catalog_report")["report"].value)


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, dg.MetadataValue[Any]]:
    (found,) = result.asset_materializations_for_node(asset)
    return dict(found.metadata)


def test_a_catalog_in_order_has_a_short_report(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    result = report(studio, instance)
    assert result.success
    text = markdown(result)
    assert "2 up to date." in text
    assert "Everything is as the catalog wants it." in text


def test_the_report_tells_everything_worst_first(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    (studio.catalog / "assets" / "torn.yaml").write_text("id: torn\nclass: [")
    for asset_id in ("fresh", "lost"):
        (studio.catalog / "concepts" / f"{asset_id}.png").write_bytes(asset_id.encode())
        studio.add_entry(asset_id, **entry_fields())
        make_all(studio)
    for file in (studio.store / "assets" / "fresh" / "steps").iterdir():
        file.unlink()
    for file in (studio.store / "assets" / "fresh" / "steps", studio.store / "assets" / "fresh"):
        for each in file.rglob("*.glb"):
            each.unlink()
    (studio.store / "assets" / "lost" / "lod3.glb").unlink()
    studio.add_entry("axe", **{**entry_fields(["pc.prop"]), "height_m": 4.0})
    _over_budget(studio)
    soon = (TODAY + timedelta(days=10)).isoformat()
    waiver = {"rule": "toy.rule", "asset": "oak", "owner": "jane", "reason": "a|b", "expires": soon}
    (studio.catalog / "waivers.yaml").write_text(json.dumps({"waivers": [waiver]}))
    (studio.store / "assets" / "ghost").mkdir()
    (studio.store / "assets" / "ghost" / "lod0.glb").write_bytes(b"x")
    text = markdown(report(studio, instance))
    order = [
        "## Broken entries (1)",
        "torn.yaml",
        "## Over the budget of a profile (2)",
        "| oak | variants/pc.prop | warning | odd | mend it |",
        "| oak | variants/pc.prop | error | blurred | mend it |",
        "## Waivers to look at (1)",
        f"ends on {soon}: a\\|b",
        "## Files missing from the store (1)",
        f"| lost | lod3 | {MISSING}",
        "## Stale (2)",
        "| axe | master_model | settings changed: height_m |",
        "## New (1)",
        "| fresh | concept_image | never made |",
        "## Orphaned: their entries are gone (1)",
        "| ghost | its files are in ",
    ]
    places = [text.find(each) for each in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)
    kept = json.loads((studio.store / "catalog" / "report.json").read_text())
    assert kept["counts"]["broken entries"] == 1


def test_what_has_left_the_catalog_is_retired_with_its_partition(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    file = studio.catalog / "assets" / "oak.yaml"
    entry = file.read_text()
    before = {path.name for path in (studio.store / "assets" / "oak").rglob("*.*")}
    file.unlink()
    result = report(studio, instance)
    assert metadata(result, "retired")["retired"].value == 2, "left had no files"
    assert instance.get_dynamic_partitions("game_asset") == ["axe"]
    assert not (studio.store / "assets" / "oak").exists()
    aside = {path.name for path in (studio.store / "retired" / "oak").rglob("*.*")}
    assert aside - {"retired.json"} == before
    assert "| oak | its files are in" in markdown(result)
    file.write_text(entry)
    assert metadata(report(studio, instance), "retired")["restored"].value == 1
    assert plan_of(studio).due == {}


def test_the_command_line_retires_and_says_so_before(studio: Studio) -> None:
    (studio.catalog / "assets" / "oak.yaml").unlink()
    dry = studio.command("refresh", "--dry-run")
    assert "oak: its entry is gone, its files would go to" in dry.stdout
    assert (studio.store / "assets" / "oak").exists()
    done = studio.command("refresh")
    assert "oak: its entry is gone, its files are in" in done.stdout
    assert not (studio.store / "assets" / "oak").exists()
    assert (studio.store / "retired" / "oak").is_dir()
    assert done.returncode == 0


def _over_budget(studio: Studio) -> None:
    """A finding about a budget in the record of oak's variant for pc.prop."""
    file = studio.store / "assets" / "oak" / "steps" / f"{PC.replace('/', '.')}.json"
    record = json.loads(file.read_text())
    look = {**FINDING, "rule": "look.ssim", "severity": "error", "message": "blurred"}
    record["findings"] = [{**FINDING, "rule": "budget.triangles"}, look]
    file.write_text(json.dumps(record))
