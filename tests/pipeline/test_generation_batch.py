"""Many partitions in one Dagster run: one event loop, a bounded number in flight, each its own."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from tests.end_to_end.conftest import SAMPLE, Studio, small_concept
from trellis_assets import concepts
from trellis_assets.catalog import load_catalog
from trellis_assets.definitions import build_definitions
from trellis_assets.pipeline.fan_out import generate_many
from trellis_assets.pipeline.node import Brief
from trellis_assets.pipeline.nodes.concept import CONCEPT_IMAGE
from trellis_assets.pipeline.notices import NoticesError, listening, result_ttl
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.pipeline.step import run_step
from trellis_assets.store import FolderStore
from trellis_assets.trellis2 import Budget, Caps, PollPolicy, RetryPolicy, ledgers

from .quick_service import Service, quick_service

KEY = "rw-batch-key-0123456789"
GENERATED = dg.AssetKey("generated_model")


@pytest.fixture
def service() -> Iterator[Service]:
    with quick_service(KEY) as running:
        yield running


@pytest.fixture
def studio(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = Studio(tmp_path)
    (studio.catalog / "assets").mkdir(parents=True)
    (studio.catalog / "concepts").mkdir()
    shutil.copy(SAMPLE / "profiles.yaml", studio.catalog)
    for number in range(4):
        asset_id = f"asset_{number}"
        (studio.catalog / "concepts" / f"{asset_id}.png").write_bytes(small_concept("toadstool"))
        studio.add_entry(asset_id, generation={"seed": 10 + number})
    monkeypatch.setenv("RUNWARE_BASE_URL", service.url)
    monkeypatch.setenv("RUNWARE_API_KEY", KEY)
    monkeypatch.setattr("trellis_assets.trellis2.client.PollPolicy", PollPolicy.local)
    return studio


def run(
    studio: Studio, instance: dg.DagsterInstance, first: int, last: int, *, in_flight: str = "4"
) -> dg.ExecuteInProcessResult:
    settings = PipelineSettings.from_environment(
        {
            "TRELLIS_ASSETS_CATALOG": str(studio.catalog),
            "TRELLIS_ASSETS_STORE": str(studio.store),
            "TRELLIS_ASSETS_GENERATOR": "runware",
            "TRELLIS_ASSETS_IN_FLIGHT": in_flight,
        }
    )
    instance.add_dynamic_partitions("game_asset", [f"asset_{number}" for number in range(4)])
    defs = build_definitions(settings)
    return defs.resolve_job_def("make_game_asset").execute_in_process(
        instance=instance,
        asset_selection=[dg.AssetKey("concept_image"), GENERATED],
        tags={
            "dagster/asset_partition_range_start": f"asset_{first}",
            "dagster/asset_partition_range_end": f"asset_{last}",
        },
        raise_on_error=False,
    )


def versions(instance: dg.DagsterInstance) -> dict[str, str]:
    """The newest data version of the generated model by partition."""
    records = instance.fetch_materializations(GENERATED, limit=100, ascending=True).records
    found = {}
    for record in records:
        event = record.asset_materialization
        assert event is not None
        found[str(event.partition)] = (event.tags or {})["dagster/data_version"]
    return found


@pytest.mark.slow
def test_a_range_is_made_in_one_run_and_a_failure_is_its_own(
    studio: Studio, service: Service, tmp_path: Path
) -> None:
    service.pause_s = 1.0  # for a slow machine to have two under way
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(studio, instance, 0, 3, in_flight="2")
        assert not result.success
        (failure,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
        told = failure.step_failure_data.user_failure_data
        assert told is not None
        assert str(told.description).startswith("1 of 4 failed: asset_3: ")
        assert service.most == 2, "bounded, and really at once"
        made = versions(instance)
        assert sorted(made) == [f"asset_{n}" for n in (0, 1, 2)]
        store = FolderStore(studio.store)
        for asset_id, version in made.items():
            record = json.loads(store.read(f"assets/{asset_id}/steps/generated_model.json"))
            assert record["data_version"] == version
        judged = set()
        kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
        for entry in instance.all_logs(result.run_id, of_type=kind):
            assert entry.dagster_event is not None
            check = entry.dagster_event.asset_check_evaluation_data
            judged.add((check.asset_key.to_user_string(), check.partition))
        assert {("generated_model", asset_id) for asset_id in made} <= judged

        bought = len(service.seeds)
        studio.add_entry("asset_3", generation={"seed": 99})
        assert run(studio, instance, 0, 3).success
        assert service.seeds[bought:] == [99], "the retry asks for what is missing, nothing else"
        assert sorted(versions(instance)) == [f"asset_{n}" for n in range(4)]
    assert len(list(ledgers(store))) == 5


def test_a_concept_image_that_is_unfit_stops_its_own_partition_only(
    studio: Studio, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfit = small_concept("oak_barrel")
    (studio.catalog / "concepts" / "asset_1.png").write_bytes(unfit)
    prepare = concepts.prepare

    def judging(data: bytes) -> concepts.PreparedConcept:
        found = concepts.ConceptFinding("text", "error", "it is full of text", "draw it without")  # type: ignore[arg-type]
        prepared = prepare(data)
        return replace(prepared, findings=(found,)) if data == unfit else prepared

    monkeypatch.setattr(concepts, "prepare", judging)
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(studio, instance, 0, 2)
        (failure,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
        told = failure.step_failure_data.user_failure_data
        assert told is not None
        assert told.description == (
            "1 of 3 failed: asset_1: generated_model of asset_1 is not made, because of "
            "concept_image: concept.text: it is full of text. Fix: draw it without, or waive it"
        )
        assert sorted(versions(instance)) == ["asset_0", "asset_2"]
    assert sorted(service.seeds) == [10, 12]
    assert len(list(ledgers(FolderStore(studio.store)))) == 2, "no intent for the unfit one"


@pytest.mark.slow
def test_the_caps_of_the_catalog_hold_for_the_whole_run(
    studio: Studio, service: Service, tmp_path: Path
) -> None:
    (studio.catalog / "caps.yaml").write_text("run_usd: 0.06\n")  # two of 0.0256
    for number in range(4):
        studio.add_entry(f"asset_{number}", generation={"seed": 20 + number})
    with dg.DagsterInstance.ephemeral() as instance:
        result = run(studio, instance, 0, 3)
        assert not result.success
        assert len(service.seeds) == 2
        (failure,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
        told = failure.step_failure_data.user_failure_data
        assert told is not None
        for words in ("2 of 4 failed", "the cap of this run is USD 0.06", "Nothing was charged"):
            assert words in str(told.description)
        assert f"raise run_usd in {studio.catalog / 'caps.yaml'}" in str(told.description)
        budget = Budget(FolderStore(studio.store), Caps())
        assert budget.spent(budget.scopes(run="", asset="")[0].path) == pytest.approx(0.0512)
        second = run(studio, instance, 0, 3)
        assert second.success, "another run has a budget of its own"
        assert len(service.seeds) == 4


def test_a_webhook_ends_the_waiting_of_a_batch_and_ttl_is_sent(
    studio: Studio, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pauses of 8 s, two generations would need them; the notices make it quick."""
    monkeypatch.setattr(
        "trellis_assets.trellis2.client.PollPolicy",
        lambda: PollPolicy(first_s=8.0, longest_s=8.0),
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("TRELLIS_ASSETS_WEBHOOK", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("TRELLIS_ASSETS_WEBHOOK_LISTEN", f"127.0.0.1:{port}")
    monkeypatch.setenv("TRELLIS_ASSETS_RESULT_TTL", "600")
    catalog = load_catalog(FolderStore(studio.catalog))
    briefs = [
        Brief(catalog.entries[name], catalog.profiles, FolderStore(studio.catalog), "runware")
        for name in ("asset_0", "asset_1")
    ]
    ended: dict[str, object] = {}
    store = FolderStore(studio.store)
    for brief in briefs:  # the concept images are not what is measured
        run_step(CONCEPT_IMAGE, brief, store, progress=lambda *_: None)
    started = time.monotonic()
    errors = generate_many(
        briefs, store, in_flight=2, told=lambda *_: None, settled=ended.__setitem__
    )
    assert time.monotonic() - started < 6
    assert (errors, ended) == ({}, {"asset_0": None, "asset_1": None})
    bodies = [job.body for job in service.jobs()]
    assert [body["ttl"] for body in bodies] == [600, 600]
    token = bodies[0]["webhookURL"].rpartition("/")[2]
    assert len(token) >= 32
    for file in studio.store.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes(), file


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TRELLIS_ASSETS_WEBHOOK", "hooks.studio.example", "complete address"),
        ("TRELLIS_ASSETS_WEBHOOK_LISTEN", "127.0.0.1:port", "cannot listen for webhooks"),
    ],
)
def test_a_webhook_that_cannot_work_is_refused(name: str, value: str, expected: str) -> None:
    settings = {"TRELLIS_ASSETS_WEBHOOK": "https://hooks.studio.example", name: value}
    with pytest.raises(NoticesError, match=expected), listening(settings):
        pass


@pytest.mark.parametrize("value", ["59", "soon", "-60"])
def test_a_ttl_that_the_service_refuses_is_refused_here(value: str) -> None:
    with pytest.raises(NoticesError, match="at least 60"):
        result_ttl({"TRELLIS_ASSETS_RESULT_TTL": value})
    assert result_ttl({}) is None


def test_a_server_that_is_down_ends_the_others_before_they_start(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNWARE_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setattr(
        "trellis_assets.trellis2.client.RetryPolicy", lambda: RetryPolicy(retries=0)
    )
    catalog = load_catalog(FolderStore(studio.catalog))
    briefs = [
        Brief(entry, catalog.profiles, FolderStore(studio.catalog), "runware")
        for entry in list(catalog.entries.values())[:3]
    ]
    store = FolderStore(studio.store)
    errors = generate_many(
        briefs, store, in_flight=1, told=lambda *_: None, settled=lambda *_: None
    )
    assert sorted(errors) == ["asset_0", "asset_1", "asset_2"]
    assert "not tried" not in str(errors["asset_0"])
    for name in ("asset_1", "asset_2"):
        assert "not tried, because another generation met this" in str(errors[name])
        assert "Nothing was charged" in str(errors[name])
    assert len(list(ledgers(store))) == 1, "there is no intent of those that were not tried"
