"""What the server sends by itself: webhooks and uploads."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from trellis_assets.embedded.server_delivery import WebhookRetry

from . import serving
from .serving import Generator, Server, read, task

generator = serving.generator


class Listener:
    """Receives what the server sends; fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.got: list[tuple[str, str, Any]] = []
        self.times: list[float] = []
        self.event = threading.Event()
        self.expected = 1

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.times.append(time.monotonic())
        if self.failures > 0:
            self.failures -= 1
            return httpx.Response(500)
        body: Any = request.content
        if request.method == "POST":
            body = json.loads(body)
        self.got.append((request.method, str(request.url), body))
        if len(self.got) >= self.expected:
            self.event.set()
        return httpx.Response(204)


def test_webhook_per_result_in_the_shape_of_a_reply(generator: Generator) -> None:
    listener = Listener()
    listener.expected = 3
    generator.failures[2] = RuntimeError("x")
    running = Server(generator, outbound_transport=httpx.MockTransport(listener))
    hook = {"webhookURL": "https://hook.example/t", "deliveryMethod": "sync"}
    asked = task(seed=1, numberResults=3, **hook)
    assert "outputs" not in read(running.post(asked))["data"][0], "a webhook makes it asynchronous"
    assert listener.event.wait(5)
    bodies = [body for _method, _url, body in listener.got]
    assert sum("data" in body for body in bodies) == 2
    (failed,) = [body["errors"][0] for body in bodies if "errors" in body]
    assert failed["taskUUID"] == asked["taskUUID"]
    item = next(body["data"][0] for body in bodies if "data" in body)
    assert item["outputs"]["files"][0]["url"].startswith("http://s.test/results/")
    running.close()


def test_webhook_is_tried_again_with_growing_pauses(generator: Generator) -> None:
    listener = Listener(failures=2)
    running = Server(
        generator,
        outbound_transport=httpx.MockTransport(listener),
        webhook_retry=WebhookRetry(first_s=0.05),
    )
    running.post(task(webhookURL="https://hook.example/t"))
    assert listener.event.wait(5)
    first, second = (b - a for a, b in zip(listener.times, listener.times[1:], strict=False))
    assert 0.05 <= first < second
    running.close()


def test_an_undelivered_webhook_is_sent_after_the_restart(
    generator: Generator, tmp_path: Path
) -> None:
    deaf = Listener(failures=10**6)
    first = Server(
        generator, state_dir=tmp_path, outbound_transport=httpx.MockTransport(deaf),
        webhook_retry=WebhookRetry(first_s=5),
    )  # fmt: skip
    asked = task(webhookURL="https://hook.example/t")
    first.post(asked)
    first.finished(asked["taskUUID"])
    first.close()
    listener = Listener()
    second = Server(generator, state_dir=tmp_path, outbound_transport=httpx.MockTransport(listener))
    assert listener.event.wait(5)
    second.close()


def test_upload_endpoint_gets_the_raw_bytes(generator: Generator) -> None:
    listener = Listener(failures=1)
    running = Server(
        generator, outbound_transport=httpx.MockTransport(listener),
        webhook_retry=WebhookRetry(first_s=0.01),
    )  # fmt: skip
    url = "https://bucket.example/x?X-Amz-Signature=abc"
    asked = task(uploadEndpoint=url)
    running.post(asked)
    assert listener.event.wait(5)
    method, where, body = listener.got[0]
    assert (method, where) == ("PUT", url)
    path = running.finished(asked["taskUUID"])["data"][0]["outputs"]["files"][0]["url"]
    assert body == running.send("GET", httpx.URL(path).path).content
    running.close()
