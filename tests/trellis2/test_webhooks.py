"""A notice wakes the one who waits, and is never more than a hint."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from typing import Any

import httpx
import pytest

from trellis_assets.embedded.server_faults import doubled, flat
from trellis_assets.trellis2 import InferenceRequest, PollPolicy, WebhookInbox

from .conftest import PNG, FakeGenerator, Service

UUID = "6f1c2b0a-9d5e-4c38-8a57-0d2b7f4e1a90"
SLOW = PollPolicy(first_s=8.0, longest_s=8.0)


def post(inbox: WebhookInbox, path: str, content: bytes | Any) -> int:
    async def inside() -> int:
        transport = httpx.ASGITransport(app=inbox.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://in.test") as http:
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            return (await http.post(path, content=data)).status_code

    return asyncio.run(inside())


@pytest.mark.parametrize("shape", [None, flat, doubled])
def test_a_webhook_ends_a_long_pause(generator: FakeGenerator, shape: Any) -> None:
    inbox = WebhookInbox()
    service = Service(
        generator,
        outbound_transport=httpx.ASGITransport(app=inbox.app),
        webhook_shape=shape,
    )
    request = InferenceRequest(seed=1, webhook_url=inbox.url("http://in.test"))

    async def inside() -> int:
        async with service.client(poll=SLOW, waker=inbox) as client:
            return len((await client.generate(request, PNG)).models)

    started = time.monotonic()
    assert asyncio.run(inside()) == 1
    assert time.monotonic() - started < 4
    service.app.state.close()


def test_several_results_wake_several_times(generator: FakeGenerator) -> None:
    inbox = WebhookInbox()
    service = Service(generator, outbound_transport=httpx.ASGITransport(app=inbox.app))
    url = inbox.url("http://in.test")

    async def inside() -> int:
        async with service.client(poll=SLOW, waker=inbox) as client:
            request = InferenceRequest(seed=1, number_results=3, webhook_url=url)
            return len((await client.generate(request, PNG)).models)

    started = time.monotonic()
    assert asyncio.run(inside()) == 3
    assert time.monotonic() - started < 7
    service.app.state.close()


@pytest.mark.parametrize(
    "notice",
    [
        {"data": [{"taskUUID": UUID}]},
        {"taskUUID": UUID, "taskType": "3dInference"},
        {"errors": [{"code": "x", "taskUUID": UUID}]},
        {"error": {"message": "x", "taskUUID": UUID}},
        {"error": {"message": "x"}, "taskUUID": UUID.upper()},
        [{"taskUUID": UUID}],
    ],
)
def test_every_shape_of_a_notice(notice: Any) -> None:
    inbox = WebhookInbox("token")
    assert post(inbox, "/token", notice) == 204
    assert post(inbox, "/token", notice) == 204, "at least once means sometimes twice"

    async def waiting() -> float:
        started = time.monotonic()
        await inbox.pause(UUID, 5)
        return time.monotonic() - started

    assert asyncio.run(waiting()) < 1


def test_woken_from_another_thread_and_loop() -> None:
    inbox = WebhookInbox("token")

    async def waiting() -> float:
        started = time.monotonic()
        sender = threading.Timer(0.1, post, (inbox, "/token", {"taskUUID": UUID}))
        sender.start()
        await inbox.pause(UUID, 5)
        sender.join()
        return time.monotonic() - started

    assert 0.05 < asyncio.run(waiting()) < 2


def test_without_news_the_pause_is_a_pause() -> None:
    inbox = WebhookInbox("token")
    post(inbox, "/token", {"taskUUID": str(uuid.uuid4())})
    started = time.monotonic()
    asyncio.run(inbox.pause(UUID, 0.1))
    assert 0.09 < time.monotonic() - started < 1
    assert inbox._sleepers == {}


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/wrong", {"taskUUID": UUID}, 404),
        ("/", {"taskUUID": UUID}, 404),
        ("/token", b"not json", 400),
        ("/token", b"[" * 100_000, 400),
        ("/token", b" " * (2**20 + 1), 413),
        ("/token", [1, None, {"data": 5, "errors": {"taskUUID": 7}}], 204),
        ("/token", {"taskUUID": "../../etc/passwd"}, 204),
    ],
)
def test_hostile_notices(path: str, content: Any, status: int) -> None:
    inbox = WebhookInbox("token")
    assert post(inbox, path, content) == status
    assert not inbox._early


def test_early_notices_are_bounded() -> None:
    inbox = WebhookInbox("token")
    for _ in range(5000):
        inbox.wake(str(uuid.uuid4()))
    assert len(inbox._early) <= 4096


def test_the_token_is_unguessable_and_hidden() -> None:
    first, second = WebhookInbox(), WebhookInbox()
    tokens = {box.url("https://a.example").rpartition("/")[2] for box in (first, second)}
    assert len(tokens) == 2
    assert all(len(token) >= 32 for token in tokens)
    assert all(token not in repr(first) + repr(second) for token in tokens)
