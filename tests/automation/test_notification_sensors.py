"""The sensors that tell a chat: off by default, once per event, and harmless when it is away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.end_to_end.conftest import Studio
from tests.notifications.chat import Chat, chat
from trellis_assets.catalog import Notifications
from trellis_assets.definitions import build_definitions
from trellis_assets.defs.automation.notifications import notification_sensors
from trellis_assets.defs.automation.report import CATALOG_REPORT

from .made import settings_of


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    with chat() as server:
        monkeypatch.setenv("TRELLIS_ASSETS_NOTIFY_URL", server.url)
        yield server


def sensor_of(name: str) -> dg.SensorDefinition:
    sensors = {each.name: each for each in notification_sensors(Notifications(enabled=True))}
    return sensors[name]


def told(result: object) -> str:
    assert isinstance(result, dg.SkipReason)
    return str(result.skip_message)


def failed_run(instance: dg.DagsterInstance) -> dg.RunFailureSensorContext:
    @dg.op
    def lod0() -> None:
        raise dg.Failure("the picture is torn. Fix: upload it again", allow_retries=False)

    @dg.job
    def make_game_asset() -> None:
        lod0()

    result = make_game_asset.execute_in_process(
        instance=instance, raise_on_error=False, tags={"dagster/partition": "oak"}
    )
    context = dg.build_run_status_sensor_context(
        "tell_run_failures", result.get_run_failure_event(), instance, result.dagster_run
    )
    return context.for_run_failure()


def test_they_are_off_unless_the_catalog_asks_for_them(studio: Studio) -> None:
    assert notification_sensors(Notifications()) == []
    names = {each.name for each in notification_sensors(Notifications(enabled=True))}
    assert names == {"tell_run_failures", "tell_catalog_report"}
    assert len(notification_sensors(Notifications(enabled=True, report=False))) == 1
    (studio.catalog / "automation.yaml").write_text(
        json.dumps({"notifications": {"enabled": True}})
    )
    defined = {each.name for each in build_definitions(settings_of(studio)).sensors or ()}
    assert names <= defined


def test_a_failed_run_is_told_with_its_step_and_reason(
    instance: dg.DagsterInstance, server: Chat
) -> None:
    result = sensor_of("tell_run_failures")(failed_run(instance))
    (body,) = server.bodies
    assert body["text"] == "oak failed"
    assert body["blocks"][1]["text"]["text"].startswith(
        "lod0: the picture is torn. Fix: upload it again\nRun "
    )
    assert told(result) == "Told: oak failed"


def test_a_report_is_told_with_its_counts(instance: dg.DagsterInstance, server: Chat) -> None:
    result = _tick_of_report(instance)
    assert server.bodies[0]["text"] == "Catalog: 9 up to date, 1 stale"
    assert "Broken entries: 2" in json.dumps(server.bodies[0]["blocks"])
    assert result == "Told: Catalog: 9 up to date, 1 stale"


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9/services/geheim"])
def test_a_chat_that_cannot_be_reached_fails_nothing_and_its_address_is_not_told(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("TRELLIS_ASSETS_NOTIFY_URL", url)
    failure = told(sensor_of("tell_run_failures")(failed_run(instance)))
    for result in (failure, _tick_of_report(instance)):
        assert result.startswith("Not told: ")
        assert "geheim" not in result


def _tick_of_report(instance: dg.DagsterInstance) -> str:
    """One tick after a report was materialized; what the sensor says."""
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            CATALOG_REPORT,
            metadata={
                "summary": "9 up to date, 1 stale",
                "attention": "Broken entries: 2",
            },
        )
    )
    context = dg.build_sensor_context(instance)
    return str(sensor_of("tell_catalog_report").evaluate_tick(context).skip_message)
