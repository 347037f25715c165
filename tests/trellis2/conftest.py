"""A real server in process, a fast generator of tiny but valid GLBs, and quick patience."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from trellis_assets.embedded.server import create_app
from trellis_assets.store import Store, open_store
from trellis_assets.trellis2 import Patience, PollPolicy, RetryPolicy, TrellisClient

KEY = "rw-test-key-0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n" + b"not really pixels"
BASE = "http://embedded.test/v1"


def tiny_glb(tag: str, size: int = 0) -> bytes:
    """A valid GLB whose bytes depend on ``tag``, with ``size`` bytes of padding in its JSON."""
    asset = {"asset": {"version": "2.0", "generator": tag + " " * size}}
    text = json.dumps(asset).encode()
    text += b" " * (-len(text) % 4)
    return (
        b"glTF"
        + struct.pack("<II", 2, 20 + len(text))
        + struct.pack("<I", len(text))
        + b"JSON"
        + text
    )


class FakeGenerator:
    """Deterministic for image, settings and seed; counts its calls; may wait, may fail."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int, dict[str, Any]]] = []
        self.hold = threading.Event()
        self.hold.set()
        self.longest_hold = 10.0
        self.fail_seeds: dict[int, Exception] = {}

    def __call__(
        self,
        image: bytes,
        settings: Mapping[str, Any],
        seed: int,
        progress: Callable[[str, float], None] | None,
    ) -> bytes:
        self.calls.append((len(image), seed, dict(settings)))
        if progress is not None:
            progress("half", 0.5)
        self.hold.wait(self.longest_hold)
        if seed in self.fail_seeds:
            raise self.fail_seeds[seed]
        return tiny_glb(f"{len(image)}-{seed}-{json.dumps(settings, sort_keys=True)}")


class Service:
    """The server and clients for it."""

    def __init__(self, generator: FakeGenerator, **options: Any) -> None:
        self.generator = generator
        options = {"api_key": KEY, "price": lambda _settings: 0.0256, **options}
        self.app = create_app(generator, **options)
        self.asgi: Any = self.app

    @property
    def accepted(self) -> int:
        count: int = self.app.state.jobs.accepted()
        return count

    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.ASGITransport(app=self.asgi)

    def client(self, **options: Any) -> TrellisClient:
        given: dict[str, Any] = {
            "base_url": BASE,
            "api_key": KEY,
            "transport": self.transport(),
            "poll": PollPolicy(first_s=0.005, factor=1.2, longest_s=0.05, registration_s=0.3),
            "retry": quick_retry(),
        }
        return TrellisClient(**{**given, **options})


def quick_retry(retries: int = 3) -> RetryPolicy:
    return RetryPolicy(retries=retries, first_s=0.005, longest_s=0.02, jitter_s=0.005)


QUICK = Patience(takeover_s=0.2, look_s=0.02)


@pytest.fixture
def generator() -> FakeGenerator:
    return FakeGenerator()


@pytest.fixture
def service(generator: FakeGenerator) -> Iterator[Service]:
    running = Service(generator)
    yield running
    generator.hold.set()
    running.app.state.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "store"))
