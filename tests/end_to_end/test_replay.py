"""Two hundred uploads while the daemon is killed again and again: each content once, none lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.dagster_run import FINISHED_STATUSES

from tests.pipeline.test_generation_candidates import ball
from tests.uploads.house import NOT_AN_IMAGE, SAMPLE, picture
from trellis_assets.store import FolderStore, content_hash

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UPLOADS = 200
KILLS = 8
SEED = 20
_STUCK_S = 300
_DAGSTER_YAML = """\
telemetry: {enabled: false}
run_launcher:
  module: dagster._core.launcher.sync_in_memory_run_launcher
  class: SyncInMemoryRunLauncher
run_retries: {enabled: true, max_retries: 50, retry_on_asset_or_op_failure: false}
"""
_WORKSPACE = "load_from: [{python_module: {module_name: tests.end_to_end.replay_location}}]\n"


@dataclass
class Stream:
    """A studio full of artists: new, replaced, renamed and corrupt files, one after the other."""

    folder: Path
    chance: random.Random
    live: dict[str, bytes] = field(default_factory=dict)
    """Content by path of the good uploads."""
    corrupt: set[str] = field(default_factory=set)
    number: int = 0

    def upload(self) -> None:
        """One more."""
        self.number += 1
        kind = self.chance.choices(["new", "replaced", "renamed", "corrupt"], [8, 4, 4, 4])[0]
        if kind == "corrupt":
            self.corrupt.add(f"torn_{self.number}.png")
            self._put(f"torn_{self.number}.png", NOT_AN_IMAGE + str(self.number).encode())
        elif kind == "new" or not self.live:
            self._good(f"asset_{self.number}.png")
        elif kind == "replaced":
            self._good(self.chance.choice(sorted(self.live)))
        else:
            old = self.chance.choice(sorted(self.live))
            new = f"renamed_{self.number}.png"
            self.live[new] = self.live.pop(old)
            (self.folder / old).rename(self.folder / new)

    def _good(self, path: str) -> None:
        self.live[path] = picture(self.number)
        self._put(path, self.live[path])

    def _put(self, path: str, data: bytes) -> None:
        part = self.folder / f".{path}"
        part.write_bytes(data)
        part.replace(self.folder / path)


@contextmanager
def daemon(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon with its code server, killed at the end as a power cut would."""
    with (folder / "daemon.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "dagster._daemon", "run", "-w", str(folder / "workspace.yaml")],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def close_killed_runs(home: Path) -> None:
    """As run monitoring does: a run whose worker is gone has failed, and is retried."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        started = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
        for record in instance.get_run_records(dg.RunsFilter(statuses=started)):
            instance.report_run_failed(record.dagster_run)


def missing(store: FolderStore, stream: Stream) -> list[str]:
    """The live uploads whose content is not what was materialized for their game asset."""
    known = json.loads(store.read("uploads/memory.json")) if store.exists(
        "uploads/memory.json"
    ) else {"files": {}}  # fmt: skip
    wrong = []
    for path, data in stream.live.items():
        asset_id = known["files"].get(path, ["", "", ""])[2]
        key = f"assets/{asset_id}/steps/generated_model.json"
        made = json.loads(store.read(key)) if asset_id and store.exists(key) else {"settings": {}}
        if made["settings"].get("image_sha256") != content_hash(data):
            wrong.append(path)
    return wrong


def test_each_content_is_made_once_whatever_is_killed(tmp_path: Path) -> None:
    home, bill, uploads = tmp_path / "home", tmp_path / "bill", tmp_path / "uploads"
    for folder in (home, bill, uploads):
        folder.mkdir()
    catalog, store = FolderStore(tmp_path / "catalog"), FolderStore(tmp_path / "store")
    catalog.write("profiles.yaml", SAMPLE.read("profiles.yaml"))
    catalog.write("automation.yaml", b"uploads: {interval_s: 5, settle_s: 0, patience_s: 0}\n")
    (home / "dagster.yaml").write_text(_DAGSTER_YAML)
    (tmp_path / "workspace.yaml").write_text(_WORKSPACE)
    (tmp_path / "model.glb").write_bytes(ball(blur=8))
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DAGSTER_HOME": str(home),
        "TRELLIS_ASSETS_CATALOG": catalog.uri,
        "TRELLIS_ASSETS_STORE": store.uri,
        "TRELLIS_ASSETS_UPLOADS": str(uploads),
        "TRELLIS_ASSETS_GENERATOR": "embedded",
        "REPLAY_MODEL": str(tmp_path / "model.glb"),
        "REPLAY_BILL": str(bill),
    }
    chance = random.Random(SEED)  # noqa: S311
    stream = Stream(uploads, chance)
    for kill in range(KILLS + 1):
        with daemon(tmp_path, environment):
            if kill < KILLS:
                stream.upload()
                _wait_for_a_sign_of_life(store, bill)
                for _ in range(chance.randint(1, 2 * UPLOADS // KILLS)):
                    stream.upload()
                    time.sleep(chance.uniform(0, 0.5))
            else:
                while stream.number < UPLOADS:
                    stream.upload()
                _wait_until_all_is_made(home, store, stream)
        close_killed_runs(home)
    _check(home, store, catalog, stream, bill)


def _wait_for_a_sign_of_life(store: FolderStore, bill: Path) -> None:
    """Until the daemon that was just started has looked at uploads or made something."""

    def signs() -> list[object]:
        return [*store.listing("uploads/"), len(list(bill.iterdir()))]

    before, deadline = signs(), time.monotonic() + 40
    while signs() == before and time.monotonic() < deadline:
        time.sleep(0.2)


def _wait_until_all_is_made(home: Path, store: FolderStore, stream: Stream) -> None:
    """However long it takes, as long as it goes on."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        unfinished = dg.RunsFilter(
            statuses=[each for each in dg.DagsterRunStatus if each not in FINISHED_STATUSES]
        )
        before, since = (-1, -1, -1), time.monotonic()
        while True:
            wrong = missing(store, stream)
            now = (len(wrong), instance.get_runs_count(unfinished), instance.get_runs_count())
            if now[:2] == (0, 0):
                return
            if now != before:
                before, since = now, time.monotonic()
            assert time.monotonic() - since < _STUCK_S, wrong
            time.sleep(2)


def _check(
    home: Path, store: FolderStore, catalog: FolderStore, stream: Stream, bill: Path
) -> None:
    assert missing(store, stream) == [], "nothing is missed"
    paid = Counter(note.name.partition(".")[0] for note in bill.iterdir())
    assert max(paid.values()) == 1, "nothing is paid twice"
    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs = [record.dagster_run for record in instance.get_run_records()]
    first = [run for run in runs if run.root_run_id is None]
    contents = Counter(run.tags["dagster/run_key"].rpartition(":")[0] for run in first)
    assert max(contents.values()) == 1, "each content is asked for once"
    aside = {path.name for path in (stream.folder / "quarantine").iterdir()}
    assert aside == stream.corrupt | {f"{name}.reason.txt" for name in stream.corrupt}
    assert sorted(stream.live) == sorted(
        path.name for path in stream.folder.iterdir() if path.is_file()
    )
    entries = list(catalog.list("assets/"))
    assert len(entries) == len(set(contents) and {each.partition(":")[0] for each in contents})
