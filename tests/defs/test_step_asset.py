"""A node as a Dagster asset: cached, checked, skipped, refused, per partition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import numpy as np
import pytest

from tests.pipeline.studio import CATALOG, Toys, with_finding
from trellis_assets.defs.partitions import add_partitions
from trellis_assets.defs.resources import PipelineResource
from trellis_assets.defs.step_asset import step_asset
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.node import Evidence, Node


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        add_partitions(instance, ["oak_barrel", "toadstool"])
        yield instance


def run(
    nodes: list[Node],
    instance: dg.DagsterInstance,
    store: Path,
    partition: str | None = "oak_barrel",
    selection: dg.AssetSelection | None = None,
) -> dg.ExecuteInProcessResult:
    assets = [
        step_asset(node, group="g", kinds={"txt"}, checks=("spec", "uv"), description="d")
        for node in nodes
    ]
    resource = PipelineResource(catalog=CATALOG.uri, store=str(store), generator="embedded")
    return dg.materialize(
        assets,
        instance=instance,
        partition_key=partition,
        selection=selection,
        resources={"pipeline": resource},
        raise_on_error=False,
    )


def made(result: dg.ExecuteInProcessResult) -> list[str]:
    return [
        event.step_key or ""
        for event in result.all_events
        if event.event_type_value == "ASSET_MATERIALIZATION"
    ]


def test_steps_materialize_with_data_versions_and_are_reused(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    toys = Toys()
    nodes = list(toys.graph().values())
    first = run(nodes, instance, tmp_path / "store")
    again = run(nodes, instance, tmp_path / "store")
    assert first.success
    assert again.success
    assert toys.made == ["first", "second", "third"]
    assert made(again) == ["first", "second", "third"]
    versions = [
        [
            (event.step_materialization_data.materialization.tags or {})["dagster/data_version"]
            for event in result.all_events
            if event.event_type_value == "ASSET_MATERIALIZATION"
        ]
        for result in (first, again)
    ]
    assert versions[0] == versions[1]


def test_an_error_finding_stops_what_is_downstream_in_its_partition_only(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    good, bad = Toys().graph(), Toys().graph()
    bad["second"] = with_finding(bad["second"], "error")
    failed = run(list(bad.values()), instance, tmp_path / "store", "oak_barrel")
    fine = run(list(good.values()), instance, tmp_path / "store", "toadstool")
    assert not failed.success
    assert made(failed) == ["first", "second"]
    (verdict,) = [check for check in failed.get_asset_check_evaluations() if not check.passed]
    assert verdict.asset_key == dg.AssetKey("second")
    assert verdict.partition == "oak_barrel"
    assert "too | big" in str(verdict.description)
    assert fine.success
    assert made(fine) == ["first", "second", "third"]


def test_a_warning_is_shown_and_stops_nothing(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    graph = Toys().graph()
    graph["first"] = with_finding(graph["first"], "warning")
    result = run(list(graph.values()), instance, tmp_path / "store")
    assert result.success
    (event,) = [
        event
        for event in result.all_events
        if event.event_type_value == "ASSET_MATERIALIZATION" and event.step_key == "first"
    ]
    shown = event.step_materialization_data.materialization.metadata
    assert list(shown)[:2] == ["verdict", "worst"], "what matters comes first"
    assert shown["verdict"].value == "1 warning: toy.rule: too | big. Fix: smaller"
    assert "Why: so" in str(shown["worst"].value)
    (check,) = [
        each
        for each in result.get_asset_check_evaluations()
        if each.asset_key == dg.AssetKey("first") and each.check_name == "spec"
    ]
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN


def test_a_finding_shows_where_it_lies_until_it_is_mended(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    sheet = np.random.default_rng(1).integers(0, 255, (300, 500, 3), np.uint8)
    evidence = Evidence(sheet, sheet[:, :300])
    graph = Toys().graph()
    graph["first"] = with_finding(graph["first"], "warning", "uv.overlap", evidence=evidence)
    result = run(list(graph.values()), instance, tmp_path / "store")
    file = tmp_path / "store/assets/oak_barrel/previews/findings/first/uv.overlap.png"
    assert file.read_bytes().startswith(b"\x89PNG")
    (check,) = [each for each in result.get_asset_check_evaluations() if not each.passed]
    assert list(check.metadata) == [
        "1 warning uv.overlap",
        "2 warning uv.overlap",
        "2 warning uv.overlap picture",
    ], "the picture follows its own finding"
    shown = str(check.metadata["2 warning uv.overlap picture"].value)
    assert shown.startswith("![uv.overlap](data:image/webp;base64,")
    assert len(shown) < 17_000
    (event,) = [
        event
        for event in result.all_events
        if event.event_type_value == "ASSET_MATERIALIZATION" and event.step_key == "first"
    ]
    place = event.step_materialization_data.materialization.metadata["place"]
    assert len(str(place.value)) < 1000, "shown without a click"

    again = run(list(Toys().graph(code="2").values()), instance, tmp_path / "store")
    assert again.success
    assert not file.exists(), "what is mended is no longer shown"


def test_an_asset_that_the_entry_does_not_want_is_left_out(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    nodes = list(Toys().graph(with_last=False).values())
    result = run(nodes, instance, tmp_path / "store")
    assert result.success
    assert made(result) == ["first", "second"]


def test_a_refusal_is_one_readable_line_and_is_not_retried(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    toys = Toys()
    toys.refuse["first"] = TrellisAssetsError("the picture is torn", fix="upload it again")
    result = run(list(toys.graph().values()), instance, tmp_path / "store")
    (failure,) = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    data = failure.step_failure_data.user_failure_data
    assert data is not None
    assert data.description == "the picture is torn. Fix: upload it again"
    assert made(result) == []


def test_a_partition_without_an_entry_says_so(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    add_partitions(instance, ["unicorn"])
    result = run(list(Toys().graph().values()), instance, tmp_path / "store", "unicorn")
    (failure,) = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    data = failure.step_failure_data.user_failure_data
    assert data is not None
    assert "'unicorn': the catalog has no such entry" in str(data.description)


def test_checks_alone_judge_every_game_asset_again_and_make_nothing(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """As "Execute all" on a page of checks does."""
    toys = Toys()
    graph = toys.graph()
    graph["second"] = with_finding(graph["second"], "error", "uv.overlap")
    run(list(graph.values()), instance, tmp_path / "store")
    assert toys.made == ["first", "second"]
    again = run(
        [graph["second"]],
        instance,
        tmp_path / "store",
        partition=None,
        selection=dg.AssetSelection.checks_for_assets("second"),
    )
    assert again.success
    assert toys.made == ["first", "second"]
    assert [
        (each.partition, each.check_name, each.passed)
        for each in again.get_asset_check_evaluations()
    ] == [("oak_barrel", "spec", True), ("oak_barrel", "uv", False)]
