"""The refresh under the real daemon: requests, a killed worker, report, index and messages."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests.notifications.chat import Chat, chat
from trellis_assets.pipeline.record import read_records
from trellis_assets.store import FolderStore
from trellis_assets.trellis2 import ledgers

from .conftest import GOOD, Studio, new_studio
from .dagster_dev import Dagster, dagster_dev

pytestmark = pytest.mark.slow
EVERY_MINUTE = {"refresh": {"cron": "* * * * *"}, "notifications": {"enabled": True}}


@pytest.fixture(scope="module")
def server() -> Iterator[Chat]:
    with chat() as server:
        yield server


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    studio = new_studio(tmp_path_factory.mktemp("nightly"))
    (studio.catalog / "automation.yaml").write_text(json.dumps(EVERY_MINUTE))
    (studio.catalog / "assets" / "torn.yaml").write_text("id: torn\nclass: [")
    return studio


@pytest.fixture(scope="module")
def dagster(studio: Studio, server: Chat) -> Iterator[Dagster]:
    environment = {**studio.environment, "TRELLIS_ASSETS_NOTIFY_URL": server.url}
    with dagster_dev(studio.root, environment) as running:
        yield running


def wait_for(what: str, true: Callable[[], bool], seconds: float, studio: Studio) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, (
            f"{what}\n{(studio.root / 'ui.log').read_text()[-4000:]}"
        )
        time.sleep(0.5)


def test_a_tick_makes_what_is_stale_though_its_worker_is_killed(
    dagster: Dagster, studio: Studio
) -> None:
    generated = studio.store / "assets" / GOOD / "steps" / "generated_model.json"
    wait_for("no generated model", generated.exists, 180, studio)
    _kill_worker(studio)
    wait_for(
        "the variant was not made",
        lambda: GOOD in dagster.materialized("variants/quest_small"),
        300,
        studio,
    )
    wait_for("runs go on", lambda: not _unfinished(dagster), 120, studio)
    runs = [run for run in dagster.runs() if run.get("dagster/partition") == GOOD]
    assert {"FAILURE", "SUCCESS"} == {run["status"] for run in runs}
    assert any(run.get("dagster/schedule_name") == "catalog_refresh" for run in runs)
    assert len(list(ledgers(FolderStore(studio.store)))) == 1, "generated once"
    made = read_records(FolderStore(studio.store), GOOD)
    dry = studio.refresh_json("--dry-run")["game_assets"][GOOD]["due"]
    assert dry == {}, "as after a refresh"
    assert "variants/quest.small" in made


def test_an_edit_makes_what_it_concerns_and_nothing_else(dagster: Dagster, studio: Studio) -> None:
    before = read_records(FolderStore(studio.store), GOOD)
    studio.add_entry(GOOD, owner="somebody else")
    variant = "variants/quest.small"

    def remade() -> bool:
        record = read_records(FolderStore(studio.store), GOOD).get(variant)
        return record is not None and record.settings["owner"] == "somebody else"

    wait_for("the variant was not made again", remade, 200, studio)
    after = read_records(FolderStore(studio.store), GOOD)
    assert {name for name in after if after[name] != before[name]} == {variant}


def test_report_and_index_are_made_and_the_chat_is_told(
    dagster: Dagster, studio: Studio, server: Chat
) -> None:
    report = studio.store / "catalog" / "report.md"
    wait_for("no report", report.exists, 150, studio)
    assert "torn.yaml" in report.read_text()
    wait_for("no index", (studio.store / "catalog" / "index.json").exists, 200, studio)

    def told(words: str) -> bool:
        return any(words in body["text"] for body in server.bodies)

    wait_for("nobody was told of the report", lambda: told("Catalog: "), 90, studio)
    wait_for("nobody was told of the failure", lambda: told(f"{GOOD} failed"), 150, studio)
    assert server.url not in (studio.root / "ui.log").read_text()


def _unfinished(dagster: Dagster) -> bool:
    return any(
        run["status"] not in ("SUCCESS", "FAILURE") and run.get("dagster/partition") == GOOD
        for run in dagster.runs()
    )


def _kill_worker(studio: Studio) -> None:
    """Kill the process of the run that is at work in this studio, as a crash would."""
    told = re.findall(
        r" - make_game_asset - .* Executing steps in process \(pid: (\d+)\)",
        (studio.root / "ui.log").read_text(),
    )
    os.kill(int(told[-1]), signal.SIGKILL)
