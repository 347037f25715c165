"""Killed at any instant, or left without a reply: resumed, never bought twice."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from trellis_assets.store import Store
from trellis_assets.trellis2 import (
    InferenceRequest,
    Patience,
    Progress,
)
from trellis_assets.trellis2 import errors as e

from .conftest import Service
from .generating import (
    DyingStore,
    DyingTransport,
    Killed,
    assert_models_are_what_was_served,
    once,
    only_ledger,
)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 8))
def test_killed_at_a_change_of_the_store(
    service: Service, store: Store, at: int, after: bool
) -> None:
    """Seven changes: four states, two models, the summary."""
    two = InferenceRequest(seed=7, number_results=2)
    with pytest.raises(Killed):
        once(service, DyingStore(store, at, after=after), two)
    got = once(service, store, two)
    assert service.accepted == 1
    assert [attempt.state for attempt in only_ledger(store).attempts()] == ["downloaded"]
    assert store.exists(got.record_key)
    assert_models_are_what_was_served(service, store, got)


def test_there_are_seven_changes(service: Service, store: Store) -> None:
    counting = DyingStore(store, at=-1, after=False)
    once(service, counting, InferenceRequest(seed=7, number_results=2))
    assert counting.changes == 7


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_killed_at_a_request(service: Service, store: Store, at: int, after: bool) -> None:
    transport = DyingTransport(service.transport(), at, after=after)
    with pytest.raises(Killed):
        once(service, store, client={"transport": transport})
    got = once(service, store)
    assert service.accepted == 1
    assert_models_are_what_was_served(service, store, got)


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_lost_reply_buys_once(service: Service, store: Store, lost: str) -> None:
    inner = service.transport()
    failed: list[int] = []

    class Losing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            first = b"3dInference" in await request.aread() and not failed
            if first:
                failed.append(1)
            if first and lost == "before":
                raise httpx.ReadTimeout("lost")
            reply = await inner.handle_async_request(request)
            if first:
                raise httpx.ReadTimeout("lost")
            return reply

    once(service, store, client={"transport": Losing()})
    assert service.accepted == 1


def test_all_replies_lost_then_another_day(service: Service, store: Store) -> None:
    inner = service.transport()

    class Deaf(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await inner.handle_async_request(request)
            raise httpx.ReadTimeout("lost")

    with pytest.raises(e.ConnectionLost, match="not known"):
        once(service, store, client={"transport": Deaf()})
    assert only_ledger(store).attempts()[0].state == "intended"
    assert once(service, store).attempt == 1
    assert service.accepted == 1


def test_a_silent_owner_is_replaced_under_the_same_task(service: Service, store: Store) -> None:
    """An owner on another machine, of whom nothing is heard."""
    counting = DyingStore(store, at=2, after=False)
    with pytest.raises(Killed):
        once(service, counting, client={"transport": DyingTransport(service.transport(), 1,
                                                                    after=False)})  # fmt: skip
    ledger = only_ledger(store)
    intent = ledger.attempts()[0]
    key = f"{ledger.folder}/attempt-001/0-intended.json"
    store.write(key, json.dumps({**intent.records["intended"], "worker": "far:1"}).encode())
    told: list[Progress] = []
    got = once(service, store, progress=told.append)
    assert got.task_uuid == intent.task_uuid
    assert "waiting" in [each.stage for each in told]


def test_killed_between_a_refusal_and_its_record(service: Service, store: Store) -> None:
    """The gate holds the refusal; whoever comes next completes the record, and may try anew."""
    dying = DyingStore(store, at=2, after=True)  # the intent, then the gate
    with pytest.raises(Killed):
        once(service, dying, client={"api_key": "rw-wrong-key-1"})
    with pytest.raises(e.EarlierFailure, match="API key"):
        once(service, store)
    assert once(service, store).attempt == 2
    assert service.accepted == 1


def test_a_refused_owner_cannot_close_what_another_submits(service: Service, store: Store) -> None:
    """While its owner waits for a refusal, somebody else takes over and is accepted."""

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.to_thread(other_worker)
            error = {"code": "insufficientCredits"}
            return httpx.Response(402, json={"errors": [error]})

    def other_worker() -> None:
        once(service, store, patience=Patience(takeover_s=0, look_s=0.01))

    with pytest.raises(e.QuotaExhausted):
        once(service, store, client={"transport": Slow()})
    (attempt,) = only_ledger(store).attempts()
    assert attempt.state == "downloaded"
    assert not attempt.has("failed")
    assert service.accepted == 1
