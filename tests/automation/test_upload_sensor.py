"""The sensor in Dagster: partitions, run requests, run keys and words, on a folder and on S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import dagster as dg
import pytest

from tests.aws import aws
from tests.uploads.house import NOT_AN_IMAGE, SAMPLE, picture
from trellis_assets.definitions import build_definitions
from trellis_assets.pipeline.settings import PipelineSettings

_AUTOMATION = b"uploads: {interval_s: 7, settle_s: 0, patience_s: 0}\n"


class Studio:
    """A code location with its sensor and an instance, evaluated as the daemon does."""

    def __init__(self, instance: dg.DagsterInstance, environment: dict[str, str]) -> None:
        self.instance = instance
        settings = PipelineSettings.from_environment(environment)
        settings.catalog.write("profiles.yaml", SAMPLE.read("profiles.yaml"))
        settings.catalog.write("automation.yaml", _AUTOMATION)
        self.catalog = settings.catalog
        self.definitions = build_definitions(settings)
        self.sensor = self.definitions.resolve_sensor_def("new_uploads")
        self.cursor: str | None = None

    def tick(self) -> dg.SensorExecutionData:
        with dg.build_sensor_context(
            instance=self.instance,
            instance_ref=self.instance.get_ref(),
            cursor=self.cursor,
            definitions=self.definitions,
            resources=dict(self.definitions.resources or {}),
        ) as context:
            data = self.sensor.evaluate_tick(context)
        self.cursor = data.cursor
        return data

    def hand_over(self, request: dg.RunRequest, status: dg.DagsterRunStatus) -> dg.DagsterRun:
        """A run as the daemon makes it for a request."""
        assert request.run_key
        return self.instance.create_run_for_job(
            dg.GraphDefinition("make_game_asset", node_defs=[]).to_job(),
            status=status,
            tags={"dagster/run_key": request.run_key, **request.tags},
        )


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "home").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "home")) as instance:
        yield Studio(
            instance,
            {
                "TRELLIS_ASSETS_CATALOG": str(tmp_path / "catalog"),
                "TRELLIS_ASSETS_STORE": str(tmp_path / "store"),
                "TRELLIS_ASSETS_UPLOADS": str(tmp_path / "uploads"),
            },
        )


def test_it_runs_by_itself_at_the_interval_of_the_catalog(studio: Studio) -> None:
    assert studio.sensor.default_status == dg.DefaultSensorStatus.RUNNING
    assert studio.sensor.minimum_interval_seconds == 7


def test_an_upload_is_a_partition_and_a_run_of_what_is_due(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "uploads" / "lantern.png").write_bytes(picture())
    data = studio.tick()
    (request,) = data.run_requests or []
    assert request.partition_key == "lantern"
    keys = {key.to_user_string() for key in request.asset_selection or []}
    assert {"concept_image", "generated_model", "variants/mobile_prop"} <= keys
    assert "variants/pc_hero" not in keys, "the entry does not ask for it"
    (added,) = data.dynamic_partitions_requests or []
    assert added.partition_keys == ["lantern"]
    assert data.skip_message is None


def test_the_request_stands_until_the_run_was_handed_over(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "uploads" / "lantern.png").write_bytes(picture())
    (first,) = studio.tick().run_requests or []
    (again,) = studio.tick().run_requests or []
    assert again.run_key == first.run_key
    run = studio.hand_over(first, dg.DagsterRunStatus.NOT_STARTED)
    (made,) = studio.tick().run_requests or []
    assert made.run_key == first.run_key, "made, but the daemon died before it launched it"
    studio.instance.report_run_failed(run)
    done = studio.tick()
    assert not done.run_requests
    assert "1 uploads are known" in str(done.skip_message)


def test_an_upload_waits_for_the_run_of_its_asset(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "uploads" / "lantern.png").write_bytes(picture(1))
    (first,) = studio.tick().run_requests or []
    run = studio.hand_over(first, dg.DagsterRunStatus.STARTED)
    studio.tick()
    (tmp_path / "uploads" / "lantern.png").write_bytes(picture(2))
    assert not studio.tick().run_requests
    studio.instance.report_run_failed(run)
    assert studio.tick().run_requests


def test_the_words_name_what_needs_a_person(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "uploads" / "torn.png").write_bytes(NOT_AN_IMAGE)
    data = studio.tick()
    assert not data.run_requests
    assert f"{tmp_path}/uploads/quarantine/torn.png: " in str(data.skip_message)
    assert "1 in quarantine" in str(data.skip_message)


def test_the_cursor_stays_tiny_whatever_was_uploaded(studio: Studio, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / "uploads" / f"asset_{number}.png").write_bytes(picture(number))
    for request in studio.tick().run_requests or []:
        studio.hand_over(request, dg.DagsterRunStatus.SUCCESS)
    data = studio.tick()
    assert len(str(data.cursor)) == 64
    assert studio.tick().skip_message == "Nothing new: 30 uploads are known."


def test_on_s3_it_works_through_dagsters_s3_resource(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with aws(monkeypatch, "art"), dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        client = boto3.client("s3")
        queue = boto3.client("sqs").create_queue(QueueName="uploads")["QueueUrl"]
        environment = {
            "TRELLIS_ASSETS_CATALOG": "s3://art/catalog",
            "TRELLIS_ASSETS_STORE": "s3://art/store",
            "TRELLIS_ASSETS_UPLOADS": "s3://art/uploads",
        }
        studio = Studio(instance, environment)
        client.put_object(Bucket="art", Key="uploads/hero/lantern.png", Body=picture())
        (request,) = studio.tick().run_requests or []
        assert request.partition_key == "lantern"
        told = Studio(instance, {**environment, "TRELLIS_ASSETS_UPLOADS_QUEUE": queue})
        assert "0 messages, 1 objects listed" in str(told.tick().skip_message) or told.cursor
