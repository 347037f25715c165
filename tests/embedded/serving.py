"""A server, a generator that obeys, and raw HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from trellis_assets.embedded.server import create_app

KEY = "server-test-key"


PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


INLINE = base64.b64encode(PNG).decode()


MODEL = "microsoft:trellis-2@4b"


def glb(tag: str) -> bytes:
    text = json.dumps({"asset": {"version": "2.0", "generator": tag}}).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text), len(text), b"JSON")
    return head + text


class Generator:
    """Counts, waits when told to, fails when told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.started = threading.Semaphore(0)
        self.images: list[bytes] = []
        self.failures: dict[int, BaseException] = {}

    def __call__(
        self,
        image: bytes,
        settings: Mapping[str, Any],
        seed: int,
        progress: Callable[[str, float], None] | None,
    ) -> bytes:
        self.images.append(image)
        assert progress is not None
        progress("shape", 0.4)
        self.started.release()
        assert self.go.wait(10)
        if seed in self.failures:
            raise self.failures[seed]
        return glb(f"{seed}{sorted(settings)}")


class Server:
    """An application and a way to talk to it."""

    def __init__(self, generator: Generator, **options: Any) -> None:
        self.generator = generator
        self.app = create_app(generator, **options)

    def send(self, method: str, path: str, **content: Any) -> httpx.Response:
        async def inside() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://s.test") as http:
                return await http.request(method, path, **content)

        return asyncio.run(inside())

    def post(self, *tasks: Any, key: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self.send("POST", "/v1", json=list(tasks), headers=headers)

    def poll(self, task_uuid: str) -> dict[str, Any]:
        return read(self.post({"taskType": "getResponse", "taskUUID": task_uuid}))

    def finished(self, task_uuid: str) -> dict[str, Any]:
        """The poll in which nothing is running any more."""
        for _ in range(500):
            body = self.poll(task_uuid)
            if not any(item.get("status") == "processing" for item in body["data"]):
                return body
            time.sleep(0.01)
        raise AssertionError("the task did not end")

    def close(self) -> None:
        self.generator.go.set()
        self.app.state.close()


def read(reply: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = reply.json()
    return body


def task(**more: Any) -> dict[str, Any]:
    return {
        "taskType": "3dInference",
        "taskUUID": str(uuid.uuid4()),
        "model": MODEL,
        "inputs": {"image": INLINE},
        **more,
    }


@pytest.fixture
def generator() -> Generator:
    return Generator()


@pytest.fixture
def server(generator: Generator) -> Iterator[Server]:
    running = Server(generator)
    yield running
    running.close()
