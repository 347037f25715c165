"""Faults of every kind and SIGKILL at random: nothing bought twice, nothing lost, nothing told."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.listening import listening
from trellis_assets.embedded.server import create_app
from trellis_assets.embedded.server_faults import KINDS, FaultPlan, with_faults
from trellis_assets.store import Store, open_store
from trellis_assets.trellis2 import ledgers, spending

from .conftest import KEY, tiny_glb
from .swift_server import ACCESS, SECRET, swift, swift_folder, why_not

WORKER = Path(__file__).with_name("chaos_worker.py")


def slowly(
    image: bytes,
    settings: Mapping[str, Any],
    seed: int,
    progress: Callable[[str, float], None] | None,
) -> bytes:
    time.sleep(0.4)
    return tiny_glb(f"{seed}", size=20_000)


@pytest.fixture
def server() -> Iterator[tuple[Any, FaultPlan, str]]:
    app = create_app(slowly, api_key=KEY, workers=2, queue=64, price=lambda _s: 0.0256)
    plan = FaultPlan(seed=20, rate=0.3)
    with listening(with_faults(app, plan)) as address:
        yield app, plan, f"{address}/v1"
    app.state.close()


@pytest.mark.parametrize(
    ("count", "kills"),
    [
        pytest.param(20, 5, id="20"),
        pytest.param(200, 40, id="200", marks=pytest.mark.slow),
    ],
)
def test_chaos(server: tuple[Any, FaultPlan, str], tmp_path: Path, count: int, kills: int) -> None:
    both = [(0, count), (0, count)]  # both workers want all of it
    chaos(server, tmp_path, str(tmp_path / "store"), both, kills)


@pytest.mark.slow
def test_chaos_on_a_real_s3_server(
    server: tuple[Any, FaultPlan, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each worker has its half: Swift's conditional PUT is no lock, so the race for a claim is
    run on a folder (above) and on moto (``tests/store``).
    """
    commands = swift_folder()
    if commands is None:
        pytest.skip(why_not())
    with swift(tmp_path / "swift", commands) as url:
        for name, value in {
            "AWS_ENDPOINT_URL_S3": url,
            "AWS_ACCESS_KEY_ID": ACCESS,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        chaos(server, tmp_path, "s3://generations/store", [(0, 100), (100, 100)], 40)


def chaos(
    server: tuple[Any, FaultPlan, str],
    folder: Path,
    store_uri: str,
    shares: Sequence[tuple[int, int]],
    kills: int,
) -> None:
    """Workers, each with its (first seed, count), killed and started again until all is stored."""
    app, plan, url = server
    count = max(first + many for first, many in shares)
    output = folder / "output.log"
    chance = random.Random(7)  # noqa: S311 - repeatable on purpose
    environment = {**os.environ, "RUNWARE_API_KEY": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}

    def start(share: tuple[int, int]) -> subprocess.Popen[bytes]:
        numbers = [str(number) for number in share]
        command = [sys.executable, str(WORKER), store_uri, url, *numbers]
        with output.open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603

    workers, struck = [start(share) for share in shares], 0
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(0.4, 1.6))
            victim = chance.randrange(len(workers))
            struck += workers[victim].poll() is None
            workers[victim].kill()
            workers[victim].wait()
            workers[victim] = start(shares[victim])
        codes = [worker.wait(timeout=400) for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert codes == [0, 0], output.read_text()[-3000:]

    assert_all_is_stored_once(app, open_store(store_uri), count)
    assert struck >= 3, "the workers were done before they could be killed"
    happened = {name.partition(".")[0] for name in plan.happened}
    assert happened == set(KINDS), "the run was not chaotic enough to prove anything"
    assert_secret_is_nowhere(folder)


def assert_all_is_stored_once(app: Any, store: Store, count: int) -> None:
    assert app.state.jobs.accepted() == count
    assert len(list(ledgers(store))) == count
    lines = [line for line in spending(store) if line.state != "failed"]
    assert {line.state for line in lines} == {"downloaded"}
    assert len(lines) == count
    for ledger in ledgers(store):
        last = ledger.attempts()[-1]
        (model,) = last.records["downloaded"]["models"]
        served = app.state.jobs.result_file(model["uuid"]).read_bytes()
        assert store.read(model["key"]) == served
        assert hashlib.sha256(served).hexdigest() == model["sha256"]
        assert json.loads(store.read(f"{ledger.folder}/record.json"))["attempts"]


def assert_secret_is_nowhere(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path
