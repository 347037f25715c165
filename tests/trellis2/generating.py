"""One purchase, and ways for it to die."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from trellis_assets.store import Listed, Store, StoreUnavailable
from trellis_assets.trellis2 import (
    Generation,
    InferenceRequest,
    Ledger,
    generate_once,
)
from trellis_assets.trellis2 import ledger as ledger_module

from .conftest import PNG, QUICK, Service

SEED7 = InferenceRequest(seed=7)


def once(
    service: Service,
    store: Store,
    request: InferenceRequest = SEED7,
    client: dict[str, Any] | None = None,
    image: bytes = PNG,
    **options: Any,
) -> Generation:
    async def inside() -> Generation:
        async with service.client(**(client or {})) as c:
            given: dict[str, Any] = {"patience": QUICK, **options}
            return await generate_once(request, image, client=c, store=store, **given)

    return asyncio.run(inside())


def only_ledger(store: Store) -> Ledger:
    (found,) = ledger_module.ledgers(store)
    return found


class Killed(BaseException):
    """The process is gone."""


class DyingStore(Store):
    """A store whose process dies at the n-th change, before or after it is made."""

    def __init__(self, inner: Store, at: int, *, after: bool) -> None:
        self.inner, self.at, self.after = inner, at, after
        self.changes = 0

    def _change(self, work: Callable[[], Any]) -> Any:
        self.changes += 1
        if self.changes == self.at and not self.after:
            raise Killed
        done = work()
        if self.changes == self.at:
            raise Killed
        return done

    def write(self, key: str, data: bytes) -> None:
        self._change(lambda: self.inner.write(key, data))

    def create(self, key: str, data: bytes) -> bool:
        return bool(self._change(lambda: self.inner.create(key, data)))

    def replace(self, key: str, old: bytes, new: bytes) -> bool:
        return bool(self._change(lambda: self.inner.replace(key, old, new)))

    def delete(self, key: str) -> None:
        self._change(lambda: self.inner.delete(key))

    @property
    def uri(self) -> str:
        return self.inner.uri

    def read(self, key: str) -> bytes:
        return self.inner.read(key)

    def size(self, key: str) -> int | None:
        return self.inner.size(key)

    def listing(self, prefix: str = "") -> Iterator[Listed]:
        return self.inner.listing(prefix)

    def location(self, key: str) -> str:
        return self.inner.location(key)


class DyingTransport(httpx.AsyncBaseTransport):
    """The process dies at the n-th request, before it is sent or before its reply is read."""

    def __init__(self, inner: httpx.AsyncBaseTransport, at: int, *, after: bool) -> None:
        self.inner, self.at, self.after, self.count = inner, at, after, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        if self.count == self.at and not self.after:
            raise Killed
        reply = await self.inner.handle_async_request(request)
        if self.count == self.at:
            raise Killed
        return reply


def assert_models_are_what_was_served(service: Service, store: Store, got: Generation) -> None:
    for model in got.models:
        served = service.app.state.jobs.result_file(model.file_uuid)
        assert store.read(model.key) == served.read_bytes()


def days_later(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    real = ledger_module.now
    for module in ("ledger", "accept", "generate"):
        monkeypatch.setattr(
            f"trellis_assets.trellis2.{module}.now", lambda: real() + timedelta(days=days)
        )


class FullStore(DyingStore):
    """A store whose disk is full from the n-th change on."""

    def _change(self, work: Callable[[], Any]) -> Any:
        self.changes += 1
        if self.changes >= self.at:
            raise StoreUnavailable("cannot write model.glb: No space left on device")
        return work()
