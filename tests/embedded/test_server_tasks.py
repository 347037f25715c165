"""Authentication, bodies, images, the account."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import httpx
import pytest

from . import serving
from .serving import INLINE, KEY, PNG, Generator, Server, read, task

generator = serving.generator
server = serving.server
UNKNOWN = "77aca686-edae-472a-a8ce-383e21093ea2"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'"x"', b"[1]", b"[[]]", b"not json", b"[" * 100_000, b"null"]
)
def test_bad_bodies(server: Server, body: bytes) -> None:
    reply = server.send("POST", "/v1", content=body)
    assert reply.status_code == 400
    assert read(reply)["errors"][0]["code"] == "invalidRequestBody"


def test_too_large_a_body(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trellis_assets.embedded.server.LARGEST_BODY", 1000)
    assert server.send("POST", "/v1", content=b" " * 2000).status_code == 413


@pytest.mark.parametrize(
    ("tasks", "code"),
    [
        ([], "missingTask"),
        ([{}], "invalidTaskType"),
        ([{"taskType": "imageInference"}], "invalidTaskType"),
        ([{"taskType": "getResponse"}], "invalidTaskUUID"),
        ([{"taskType": "getResponse", "taskUUID": "../../etc/passwd"}], "invalidTaskUUID"),
        ([{"taskType": "accountManagement", "operation": "delete"}], "invalidOperation"),
        ([{"taskType": "mediaStorage", "operation": "list"}], "invalidOperation"),
        ([{"taskType": "mediaStorage", "operation": "upload", "media": "!"}], "invalidMedia"),
        ([{"taskType": "imageUpload", "image": 5}], "invalidMedia"),
    ],
)
def test_bad_tasks(server: Server, tasks: list[Any], code: str) -> None:
    reply = server.post(*tasks)
    assert reply.status_code == 400
    assert read(reply)["errors"][0]["code"] == code


def test_ping(server: Server) -> None:
    assert read(server.post({"taskType": "ping", "ping": True}))["data"][0]["pong"] is True


AUTH = {"taskType": "authentication", "apiKey": KEY}


@pytest.mark.parametrize(
    ("tasks", "header", "status", "code"),
    [
        ([task()], KEY, 200, None),
        ([AUTH, task()], None, 200, None),
        ([{**AUTH, "connectionSessionUUID": "s"}, task()], None, 200, None),
        ([task()], None, 401, "missingApiKey"),
        ([task()], "wrong", 401, "invalidApiKey"),
        ([{**AUTH, "apiKey": "wrong"}, task()], None, 401, "invalidApiKey"),
        ([{**AUTH, "more": 1}, task()], None, 400, "unsupportedParameter"),
        ([task(), AUTH], None, 401, "missingApiKey"),
    ],
)
def test_both_forms_of_authentication(
    generator: Generator, tasks: list[Any], header: str | None, status: int, code: str | None
) -> None:
    locked = Server(generator, api_key=KEY)
    reply = locked.post(*tasks, key=header)
    assert reply.status_code == status
    if code is not None:
        assert read(reply)["errors"][0]["code"] == code
        assert locked.app.state.jobs.accepted() == 0
    assert KEY not in reply.text
    locked.close()


@pytest.mark.parametrize("kind", ["imageUpload", "mediaStorage"])
def test_uploaded_images(server: Server, kind: str) -> None:
    old = kind == "imageUpload"
    content = {"image": INLINE} if old else {"operation": "upload", "media": INLINE}
    upload = {"taskType": kind, "taskUUID": str(uuid.uuid4()), **content}
    (item,) = read(server.post(upload))["data"]
    media = item["imageUUID" if old else "mediaUUID"]
    asked = task(inputs={"image": media})
    server.post(asked)
    assert server.finished(asked["taskUUID"])["data"]
    assert server.generator.images == [PNG]
    delete = {"taskType": "mediaStorage", "operation": "delete", "media": media}
    assert server.post(delete).status_code == 200
    assert server.post(delete).status_code == 404
    refused = server.post(task(inputs={"image": media}))
    assert read(refused)["errors"][0]["parameter"] == "inputs.image"


@pytest.mark.parametrize(
    "image",
    [f"data:image/png;base64,{INLINE}", INLINE],
)
def test_inline_images(server: Server, image: str) -> None:
    asked = task(inputs={"image": image})
    server.post(asked)
    server.finished(asked["taskUUID"])
    assert server.generator.images == [PNG]


@pytest.mark.parametrize(
    "image",
    [
        "not base64!",
        base64.b64encode(b"%PDF-1.4").decode(),
        "data:image/png;base64,",
        "file:///etc/passwd",
        UNKNOWN,
    ],
)
def test_bad_images(server: Server, image: str) -> None:
    reply = server.post(task(inputs={"image": image}))
    assert reply.status_code == 400
    assert read(reply)["errors"][0]["code"] == "invalidInputsImage"
    assert server.app.state.jobs.accepted() == 0


@pytest.mark.parametrize("status", [200, 404])
def test_images_at_an_address(generator: Generator, status: int) -> None:
    net = httpx.MockTransport(lambda _request: httpx.Response(status, content=PNG))
    running = Server(generator, outbound_transport=net)
    asked = task(inputs={"image": "https://assets.example/x.png"})
    running.post(asked)
    body = running.finished(asked["taskUUID"])
    if status == 200:
        assert generator.images == [PNG]
    else:
        assert body["errors"][0]["code"] == "downloadFailed"
    running.close()
    closed = Server(generator, allow_image_urls=False)
    assert closed.post(asked).status_code == 400
    closed.close()


def test_balance_falls_and_ends(generator: Generator) -> None:
    poor = Server(generator, price=lambda _s: 0.25, credit=0.6)
    details = {"taskType": "accountManagement", "operation": "getDetails", "taskUUID": "x"}

    def balance() -> Any:
        return read(poor.post(details))["data"][0]["balance"]["amount"]

    assert balance() == 0.6
    generator.failures[9] = RuntimeError("x")
    failed = task(seed=9)
    poor.post(failed)
    poor.finished(failed["taskUUID"])
    assert balance() == 0.6, "a failed task is not charged"
    poor.post(task(numberResults=2))
    assert balance() == 0.1
    refused = poor.post(task())
    assert refused.status_code == 402
    assert read(refused)["errors"][0]["code"] == "insufficientCredits"
    poor.close()


@pytest.mark.parametrize(
    "name",
    ["x", "../tasks/x", "%2e%2e%2ftasks", "a" * 5000, f"{UNKNOWN}.glb", ".glb", "%00"],
)
def test_only_results_are_served(server: Server, name: str) -> None:
    assert server.send("GET", f"/results/{name}").status_code == 404
