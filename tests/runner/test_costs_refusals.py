"""What a person reads when a generation fails: what happened, was it charged, what to do."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.end_to_end.conftest import GOOD, Studio, new_studio, small_concept
from tests.listening import listening
from tests.trellis2.conftest import PNG, quick_retry
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.catalog_plan import plan_catalog
from trellis_assets.pipeline.graph import build_graph
from trellis_assets.pipeline.node import Brief
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.pipeline.step import run_step
from trellis_assets.store import FolderStore, StoreUnavailable
from trellis_assets.trellis2 import PollPolicy

KEY = "rw-refused-key-0123456789"
Reply = Callable[[Mapping[str, Any]], Response]


def refusal(status: int, code: str, message: str = "No.") -> Reply:
    def reply(task: Mapping[str, Any]) -> Response:
        error = {"code": code, "message": message, "taskUUID": task.get("taskUUID")}
        return JSONResponse({"data": [], "errors": [error]}, status)

    return reply


class Server:
    """Answers submissions and polls as it is told to, over HTTP."""

    def __init__(self) -> None:
        self.submit: Reply = refusal(500, "internalServerError")
        self.poll: Reply = refusal(404, "taskNotFound")
        self.submitted = 0
        self.app = Starlette(routes=[Route("/v1", self._answer, methods=["POST"])])
        self.url = ""

    async def _answer(self, request: Request) -> Response:
        (task,) = await request.json()
        if task["taskType"] == "3dInference":
            self.submitted += 1
            return self.submit(task)
        return self.poll(task)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    with listening(server.app) as address:
        server.url = f"{address}/v1"
        yield server


@pytest.fixture
def studio(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = new_studio(tmp_path)
    (studio.catalog / "concepts" / f"{GOOD}.png").write_bytes(small_concept(GOOD))
    for name, value in {
        "TRELLIS_ASSETS_CATALOG": str(studio.catalog),
        "TRELLIS_ASSETS_STORE": str(studio.store),
        "TRELLIS_ASSETS_GENERATOR": "runware",
        "RUNWARE_API_KEY": KEY,
        "RUNWARE_BASE_URL": server.url,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("trellis_assets.trellis2.client.PollPolicy", PollPolicy.local)
    monkeypatch.setattr("trellis_assets.trellis2.client.RetryPolicy", quick_retry)
    return studio


def said(studio: Studio, store: FolderStore | None = None, run: str = "") -> str:
    """The line a refresh prints for the asset; the same text fails the step in Dagster."""
    catalog = plan_catalog(PipelineSettings.from_environment()).catalog
    brief = Brief(
        catalog.entries[GOOD], catalog.profiles, FolderStore(studio.catalog), "runware", run
    )
    graph = build_graph(catalog.profiles)
    good = FolderStore(studio.store)
    run_step(graph["concept_image"], brief, good, progress=lambda *_: None)
    with pytest.raises(TrellisAssetsError) as caught:
        run_step(graph["generated_model"], brief, store or good, progress=lambda *_: None)
    line = str(caught.value)
    assert "\n" not in line
    assert KEY not in line
    return line


NOT_CHARGED = "Nothing was charged"
UNKNOWN = "Whether it was charged is not known"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (refusal(401, "invalidApiKey", f"{KEY} is wrong"), [NOT_CHARGED, "set RUNWARE_API_KEY"]),
        (lambda _task: Response(status_code=401), [NOT_CHARGED, "set RUNWARE_API_KEY"]),
        (refusal(402, "insufficientCredits"), [NOT_CHARGED, "add credit"]),
        (refusal(400, "insufficientCredits"), [NOT_CHARGED, "add credit"]),
        (refusal(429, "rateLimitExceeded"), [NOT_CHARGED, "TRELLIS_ASSETS_IN_FLIGHT"]),
        (refusal(400, "imageBlocked"), ["imageBlocked", "use another concept image"]),
        (refusal(400, "invalidInputsImage", "Bad image."), ["Bad image", NOT_CHARGED]),
        (lambda _task: Response("<html>busy</html>", 503), [UNKNOWN, "run again later"]),
    ],
)
def test_a_refusal_says_what_happened_what_it_cost_and_what_to_do(
    studio: Studio, server: Server, reply: Reply, expected: list[str]
) -> None:
    server.submit = reply
    line = said(studio)
    for part in (*expected, "Fix: "):
        assert part in line, line


def test_an_image_refused_after_it_was_accepted_is_not_sent_again(
    studio: Studio, server: Server
) -> None:
    server.submit = lambda task: JSONResponse(
        {"data": [{"taskType": "3dInference", "taskUUID": task["taskUUID"]}]}
    )
    server.poll = refusal(400, "contentPolicyViolation", "The image was refused.")
    first = said(studio, run="one")
    for part in ("The image was refused", "use another concept image"):
        assert part in first
    assert said(studio, run="one") == first, "the same run is told the same"
    assert "--buy-again" in said(studio, run="two")
    assert server.submitted == 1


def test_a_server_that_is_down(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(Starlette()) as address:
        monkeypatch.setenv("RUNWARE_BASE_URL", f"{address}/v1")
    line = said(studio)  # nobody listens there any more
    for part in ("check the network and the address", "resumed"):
        assert part in line


class FullDisk(FolderStore):
    def create(self, key: str, data: bytes) -> bool:
        raise StoreUnavailable("cannot write it: No space left on device", fix="make room")


def test_a_full_disk_stops_before_anything_is_sent(studio: Studio, server: Server) -> None:
    line = said(studio, FullDisk(studio.store))
    for part in ("No space left on device", NOT_CHARGED, "mend the store"):
        assert part in line
    assert server.submitted == 0


@pytest.mark.slow
def test_a_wrong_key_on_the_command_line(studio: Studio, server: Server) -> None:
    studio.add_entry("second", concept=f"{GOOD}.png", generation={"seed": 4})
    server.submit = refusal(401, "invalidApiKey", "The key is not valid.")
    environment = {**os.environ, **_dagster(studio)}
    done = _cli(["refresh"], environment, studio.root)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert sorted(line.split()[1] for line in lines) == ["second:", f"{GOOD}:"]
    for line in lines:
        assert NOT_CHARGED in line
        assert "Fix: set RUNWARE_API_KEY" in line
    assert "Traceback" not in done.stderr
    for file in studio.root.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file


def _dagster(studio: Studio) -> dict[str, str]:
    return {"DAGSTER_HOME": str(studio.root / "dagster")}


def _cli(
    arguments: list[str], environment: Mapping[str, str], cwd: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "trellis_assets.cli", *arguments],
        env=environment, cwd=cwd, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def serving(root: Path, *options: str, key: str = KEY) -> tuple[subprocess.Popen[str], list[str]]:
    """``trellis-assets serve`` and the lines it greets with."""
    running = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "trellis_assets.cli", "serve", "--state", "state", *options],
        env={**os.environ, "STUDIO_KEY": key}, cwd=root, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    lines = [running.stdout.readline().strip() for _ in range(5)]
    return running, lines


def stop(running: subprocess.Popen[str]) -> None:
    with running:  # closes its pipe
        running.send_signal(signal.SIGTERM)
        running.wait(60)


def test_serve_says_how_to_use_it_asks_for_the_key_and_remembers(tmp_path: Path) -> None:
    running, lines = serving(tmp_path, "--port", "0", "--api-key-env", "STUDIO_KEY")
    try:
        url = lines[3].removeprefix("export RUNWARE_BASE_URL=")
        assert url.startswith("http://127.0.0.1:")
        assert lines[2] == "export TRELLIS_ASSETS_GENERATOR=runware"
        assert lines[4] == "export RUNWARE_API_KEY=$STUDIO_KEY"
        assert KEY not in "".join(lines)
        uuid = "7d1c2b0a-9d5e-4c38-8a57-0d2b7f4e1a90"
        task = {
            "taskType": "3dInference", "taskUUID": uuid, "model": "microsoft:trellis-2@4b",
            "inputs": {"image": base64.b64encode(PNG).decode()},
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {KEY}"}
        assert _post_until_up(url, [task], {}).status_code == 401
        accepted = httpx.post(url, json=[task], headers=headers)
        assert accepted.json()["data"][0]["taskUUID"] == uuid
        taken = _cli(["serve", "--port", url.split(":")[2].split("/")[0]], os.environ, tmp_path)
        assert taken.returncode == 1
        assert taken.stderr.startswith("error: cannot listen on 127.0.0.1:")
        assert taken.stderr.count("\n") == 1
    finally:
        stop(running)
    again, lines = serving(tmp_path, "--port", "0", "--api-key-env", "STUDIO_KEY")
    try:
        url = lines[3].removeprefix("export RUNWARE_BASE_URL=")
        conflict = _post_until_up(url, [task], headers)
        assert conflict.json()["errors"][0]["code"] == "conflictTaskUUID"
    finally:
        stop(again)


def _post_until_up(url: str, body: list[Any], headers: Mapping[str, str]) -> httpx.Response:
    for _ in range(200):
        try:
            return httpx.post(url, json=body, headers=headers)
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--host", "0.0.0.0"], "no key would be asked for"),  # noqa: S104
        (["--api-key-env", "NOT_SET_ANYWHERE"], "NOT_SET_ANYWHERE is not set"),
    ],
)
def test_serve_refuses_in_one_line(tmp_path: Path, options: list[str], expected: str) -> None:
    done = _cli(["serve", *options], os.environ, tmp_path)
    assert done.returncode == 1
    assert expected in done.stderr
    assert "Fix:" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_refresh_against_serve_buys_each_model_once(tmp_path: Path) -> None:
    """The whole way: two processes, one server, the models in the store, and costs that add up."""
    studio = new_studio(tmp_path)
    studio.add_entry("second", concept=f"{GOOD}.png", generation={"resolution": 512, "seed": 4})
    running, lines = serving(tmp_path, "--port", "0")
    environment = {
        **studio.environment,
        "TRELLIS_ASSETS_GENERATOR": "runware",
        "RUNWARE_BASE_URL": lines[3].removeprefix("export RUNWARE_BASE_URL="),
        "RUNWARE_API_KEY": KEY,
    }
    try:
        done = _cli(["refresh", "--json"], environment, studio.root)
        assert done.returncode == 0, done.stderr
        outcome = json.loads(done.stdout)["game_assets"]
        assert all("generated_model" in each["made"] for each in outcome.values())
        record = studio.store / "assets" / "second" / "steps" / "generated_model.json"
        assert json.loads(record.read_text())["facts"]["bought_now"] is True
        costs = json.loads(_cli(["costs", "--json"], environment, studio.root).stdout)
        assert costs["total"] == {
            "tasks": 2, "failed": 0, "reused": 0, "usd": 0.0, "unreported_usd": 0.0
        }  # fmt: skip
    finally:
        stop(running)
