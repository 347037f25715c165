"""The life of a task at the server: accepted, run, finished, expired, restarted."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from pathlib import Path

import httpx

from trellis_assets.errors import TrellisAssetsError

from . import serving
from .serving import INLINE, Generator, Server, read, task

generator = serving.generator
server = serving.server


def test_acknowledged_then_processing_then_success(server: Server) -> None:
    server.generator.go.clear()
    asked = task(seed=5, includeCost=True)
    reply = server.post(asked)
    assert reply.status_code == 200
    placeholder = {"taskType": "3dInference", "taskUUID": asked["taskUUID"]}
    assert read(reply) == {"data": [placeholder]}
    server.generator.started.acquire()
    (running,) = server.poll(asked["taskUUID"])["data"]
    assert running == {**placeholder, "status": "processing", "progress": 40}
    server.generator.go.set()
    (done,) = server.finished(asked["taskUUID"])["data"]
    assert done["status"] == "success"
    assert done["seed"] == 5
    assert done["cost"] == 0.0
    (file,) = done["outputs"]["files"]
    got = server.send("GET", httpx.URL(file["url"]).path)
    assert got.content.startswith(b"glTF")
    assert got.headers["Content-Type"] == "model/gltf-binary"
    assert server.finished(asked["taskUUID"])["data"] == [done], "asking again changes nothing"


def test_cost_only_when_asked_for(generator: Generator) -> None:
    priced = Server(generator, price=lambda s: s["textureSize"] / 1e6)
    asked, silent = task(includeCost=True), task(includeCost=False)
    priced.post(asked, silent)
    assert priced.finished(asked["taskUUID"])["data"][0]["cost"] == 0.002048
    assert "cost" not in priced.finished(silent["taskUUID"])["data"][0]
    priced.close()


def test_several_results_are_cumulative_in_stable_order(server: Server) -> None:
    asked = task(seed=10, numberResults=4)
    assert len(read(server.post(asked))["data"]) == 1
    body = server.finished(asked["taskUUID"])
    assert [item["seed"] for item in body["data"]] == [10, 11, 12, 13]
    names = [item["outputs"]["files"][0]["uuid"] for item in body["data"]]
    assert len(set(names)) == 4
    assert server.finished(asked["taskUUID"]) == body


def test_one_of_several_failed(server: Server) -> None:
    server.generator.failures[11] = RuntimeError("secret path /srv/x")
    asked = task(seed=10, numberResults=3)
    server.post(asked)
    body = server.finished(asked["taskUUID"])
    assert [item["seed"] for item in body["data"]] == [10, 12]
    (error,) = body["errors"]
    assert error["code"] == "inferenceError"
    assert error["status"] == "error"
    assert error["taskUUID"] == asked["taskUUID"]
    assert "/srv" not in error["message"]


def test_an_expected_refusal_is_told_whole(server: Server) -> None:
    class NoForegroundError(TrellisAssetsError):
        code = "no_foreground"

    server.generator.failures[1] = NoForegroundError("nothing stands out", fix="cut it out")
    asked = task(seed=1)
    server.post(asked)
    (error,) = server.finished(asked["taskUUID"])["errors"]
    assert error["code"] == "invalidInputsImage"
    assert "nothing stands out" in error["message"]
    assert "no_foreground" in error["message"]


def test_a_generator_that_returns_rubbish(server: Server) -> None:
    server.app.state.jobs._generator = lambda *_args: b"rubbish"
    asked = task()
    server.post(asked)
    assert server.finished(asked["taskUUID"])["errors"][0]["code"] == "inferenceError"


def test_random_seed_is_32_bit_and_told(server: Server) -> None:
    asked = task()
    server.post(asked)
    assert 0 <= server.finished(asked["taskUUID"])["data"][0]["seed"] < 2**32


def test_sync_holds_the_result_without_a_status(server: Server) -> None:
    reply = server.post(task(deliveryMethod="sync", numberResults=2))
    items = read(reply)["data"]
    assert len(items) == 2
    assert all("status" not in item and "outputs" in item for item in items)


def test_sync_window(generator: Generator) -> None:
    generator.go.clear()
    hasty = Server(generator, sync_window=0.05)
    asked = task(deliveryMethod="sync")
    reply = hasty.post(asked)
    assert reply.status_code == 504
    assert "imeout" in read(reply)["errors"][0]["code"]
    generator.go.set()
    assert hasty.finished(asked["taskUUID"])["data"][0]["status"] == "success"
    hasty.close()


def test_the_same_task_uuid_conflicts_and_runs_once(server: Server) -> None:
    asked = task()
    server.post(asked)
    again = server.post(asked)
    assert again.status_code == 400
    assert read(again)["data"] == []
    assert read(again)["errors"][0]["code"] == "conflictTaskUUID"
    upper = server.post({**asked, "taskUUID": asked["taskUUID"].upper()})
    assert read(upper)["errors"][0]["code"] == "conflictTaskUUID"
    server.finished(asked["taskUUID"])
    assert len(server.generator.images) == 1


def test_twice_in_one_array(server: Server) -> None:
    asked = task()
    body = read(server.post(asked, asked))
    assert len(body["data"]) == 1
    assert body["errors"][0]["code"] == "conflictTaskUUID"


def test_good_tasks_run_beside_bad_ones(server: Server) -> None:
    good, bad = task(), task(ttl=5)
    reply = server.post(bad, good)
    assert reply.status_code == 200
    assert [item["taskUUID"] for item in read(reply)["data"]] == [good["taskUUID"]]
    assert [item["taskUUID"] for item in read(reply)["errors"]] == [bad["taskUUID"]]


def test_polls_alone_and_in_batches(server: Server) -> None:
    asked = [task(seed=n) for n in range(3)]
    server.post(*asked)
    for each in asked:
        server.finished(each["taskUUID"])
    polls = [{"taskType": "getResponse", "taskUUID": each["taskUUID"]} for each in asked]
    body = read(server.post(*polls))
    assert [item["seed"] for item in body["data"]] == [0, 1, 2]


def test_unknown_task(server: Server) -> None:
    reply = server.post({"taskType": "getResponse", "taskUUID": str(uuid.uuid4())})
    assert reply.status_code == 404
    assert read(reply)["errors"][0]["code"] == "taskNotFound"


def test_a_full_queue_says_429(generator: Generator) -> None:
    generator.go.clear()
    small = Server(generator, queue=2)
    assert small.post(task(numberResults=2)).status_code == 200
    full = small.post(task())
    assert full.status_code == 429
    assert full.headers["Retry-After"] == "2"
    assert read(full)["errors"][0]["code"] == "rateLimitExceeded"
    generator.go.set()
    small.close()


def test_results_really_expire(generator: Generator, tmp_path: Path) -> None:
    now = [1000.0]
    running = Server(generator, clock=lambda: now[0], state_dir=tmp_path)
    short, usual = task(ttl=60), task()
    running.post(short, usual)
    paths = [
        httpx.URL(running.finished(each["taskUUID"])["data"][0]["outputs"]["files"][0]["url"]).path
        for each in (short, usual)
    ]
    now[0] += 59
    assert [running.send("GET", path).status_code for path in paths] == [200, 200]
    now[0] += 2
    assert [running.send("GET", path).status_code for path in paths] == [404, 200]
    for folder in ("results", "images"):
        left = len(list((tmp_path / folder).iterdir()))
        assert left == 1, "the bytes are gone, not only hidden"
    running.close()


def test_results_can_be_had_in_parts(server: Server) -> None:
    asked = task()
    server.post(asked)
    url = server.finished(asked["taskUUID"])["data"][0]["outputs"]["files"][0]["url"]
    path = httpx.URL(url).path
    whole = server.send("GET", path)
    rest = server.send(
        "GET", path, headers={"Range": "bytes=10-", "If-Range": whole.headers["ETag"]}
    )
    assert rest.status_code == 206
    assert whole.content[10:] == rest.content


def test_survives_a_restart(generator: Generator, tmp_path: Path) -> None:
    first = Server(generator, state_dir=tmp_path, price=lambda _s: 0.1, credit=1.0)
    done, queued = task(seed=1), task(seed=2, inputs={"image": INLINE})
    first.post(done)
    told = first.finished(done["taskUUID"])
    generator.go.clear()
    running = task(seed=3)
    first.post(running, queued)
    for _ in range(2):
        generator.started.acquire()
    closing = threading.Thread(target=first.app.state.close)
    closing.start()
    time.sleep(0.05)
    refused = first.post(task())
    assert refused.status_code == 503
    assert closing.is_alive(), "the running job is finished first"
    generator.go.set()
    closing.join(5)
    second = Server(generator, state_dir=tmp_path, price=lambda _s: 0.1, credit=1.0)
    assert second.poll(done["taskUUID"]) == told
    assert second.finished(running["taskUUID"])["data"][0]["seed"] == 3
    assert second.finished(queued["taskUUID"])["data"][0]["seed"] == 2
    assert read(second.post(done))["errors"][0]["code"] == "conflictTaskUUID"
    assert second.app.state.jobs.balance() == 0.7
    second.close()


def test_two_processes_with_one_folder(generator: Generator, tmp_path: Path) -> None:
    first, second = (Server(generator, state_dir=tmp_path) for _ in range(2))
    asked = task(seed=4)
    first.post(asked)
    first.finished(asked["taskUUID"])
    assert second.finished(asked["taskUUID"])["data"][0]["seed"] == 4
    assert read(second.post(asked))["errors"][0]["code"] == "conflictTaskUUID"
    first.close()
    second.close()


def test_addresses_of_results_can_be_set(generator: Generator) -> None:
    running = Server(generator, public_url="https://trellis.studio.example/api/")
    item = read(running.post(task(deliveryMethod="sync")))["data"][0]
    assert item["outputs"]["files"][0]["url"].startswith(
        "https://trellis.studio.example/api/results/"
    )
    running.close()


def test_lifespan_closes(generator: Generator) -> None:
    running = Server(generator)

    async def inside() -> None:
        async with running.app.router.lifespan_context(running.app):
            pass

    asyncio.run(inside())
    assert running.post(task()).status_code == 503
