"""A server over HTTP whose generator is quick, and fails for one seed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.listening import listening
from tests.pipeline.test_generation_candidates import ball
from trellis_assets.embedded.server import create_app
from trellis_assets.embedded.server_state import Job
from trellis_assets.pipeline.node import Json

MODEL = ball(blur=8)


@dataclass
class Service:
    """What was asked of it; ``unlucky`` is the seed that fails after it was accepted."""

    url: str = ""
    unlucky: int = 13
    pause_s: float = 0.2
    seeds: list[int] = field(default_factory=list)
    busy: int = 0
    most: int = 0
    jobs: Callable[[], list[Job]] = list
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(
        self,
        image: bytes,
        settings: Mapping[str, Json],
        seed: int,
        progress: Callable[[str, float], None] | None,
    ) -> bytes:
        with self._lock:
            self.seeds.append(seed)
            self.busy += 1
            self.most = max(self.most, self.busy)
        time.sleep(self.pause_s)
        with self._lock:
            self.busy -= 1
        if seed == self.unlucky:
            raise ValueError("unlucky")
        return MODEL


@contextmanager
def quick_service(key: str) -> Iterator[Service]:
    """The service while it runs; it asks for ``key``."""
    service = Service()
    app = create_app(service, api_key=key, workers=16, price=lambda _s: 0.0256)
    service.jobs = lambda: list(app.state.jobs._jobs.values())
    try:
        with listening(app) as address:
            service.url = f"{address}/v1"
            yield service
    finally:
        app.state.close()
