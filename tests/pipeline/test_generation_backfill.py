"""A backfill as a studio runs it: Dagster's daemon makes one run of several partitions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from tests.end_to_end.conftest import GOOD, Studio, new_studio
from trellis_assets.definitions import build_definitions
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.runner.home import prepare_home
from trellis_assets.store import FolderStore
from trellis_assets.trellis2 import ledgers

from .quick_service import Service, quick_service

KEY = "rw-backfill-key-0123456789"
IDS = [f"asset_{number}" for number in range(4)]
KEYS = [dg.AssetKey("concept_image"), dg.AssetKey("generated_model")]


@pytest.fixture
def service() -> Iterator[Service]:
    with quick_service(KEY) as running:
        yield running


@pytest.fixture
def studio(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = new_studio(tmp_path)
    (studio.catalog / "assets" / f"{GOOD}.yaml").unlink()
    for number, asset_id in enumerate(IDS):
        studio.add_entry(asset_id, concept=f"{GOOD}.png", generation={"seed": 11 + number})
    for name, value in {
        **studio.environment,
        "TRELLIS_ASSETS_GENERATOR": "runware",
        "RUNWARE_API_KEY": KEY,
        "RUNWARE_BASE_URL": service.url,
    }.items():
        monkeypatch.setenv(name, value)
    prepare_home()
    return studio


def request_backfill(instance: dg.DagsterInstance) -> str:
    """What the button of Dagster's page does; the page itself is tried in ``end_to_end``."""
    instance.add_dynamic_partitions("game_asset", IDS)
    defs = build_definitions(PipelineSettings.from_environment())
    backfill = PartitionBackfill.from_asset_partitions(
        backfill_id="backfill",
        asset_graph=defs.resolve_asset_graph(),
        partition_names=IDS,
        asset_selection=KEYS,
        backfill_timestamp=time.time(),
        tags={},
        dynamic_partitions_store=instance,
        all_partitions=False,
        title=None,
        description=None,
        run_config=None,
    )
    instance.add_backfill(backfill)
    return backfill.backfill_id


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Function `AssetSelection.sources`:DeprecationWarning")
def test_the_daemon_makes_one_run_of_a_backfill_and_one_failure_is_its_own(
    studio: Studio, service: Service
) -> None:
    home = Path(os.environ["DAGSTER_HOME"])
    with dg.DagsterInstance.get() as instance:
        name = request_backfill(instance)
        command = [
            sys.executable,
            "-m",
            "dagster._daemon",
            "run",
            "-w",
            str(home / "workspace.yaml"),
        ]
        with (studio.root / "daemon.log").open("wb") as log:
            daemon = subprocess.Popen(  # noqa: S603
                command, cwd=home, stdout=log, stderr=log, start_new_session=True
            )
        try:
            deadline = time.monotonic() + 150
            while (
                not (records := instance.get_run_records())
                or not records[0].dagster_run.is_finished
            ):
                assert daemon.poll() is None, (studio.root / "daemon.log").read_text()[-3000:]
                assert time.monotonic() < deadline, (studio.root / "daemon.log").read_text()[-3000:]
                time.sleep(0.3)
        finally:
            os.killpg(daemon.pid, signal.SIGTERM)
            daemon.wait(30)
        (record,) = records
        assert record.dagster_run.tags["dagster/backfill"] == name
        assert record.dagster_run.status is dg.DagsterRunStatus.FAILURE
        backfill = instance.get_backfill(name)
        assert backfill is not None
        assert backfill.status is not BulkActionStatus.FAILED
        made = instance.get_materialized_partitions(KEYS[1])
        assert made == {"asset_0", "asset_1", "asset_3"}, "asset_2 has the unlucky seed"
    assert sorted(service.seeds) == [11, 12, 13, 14]
    story = sorted(each.attempts()[-1].state for each in ledgers(FolderStore(studio.store)))
    assert story == ["downloaded"] * 3 + ["failed"]
