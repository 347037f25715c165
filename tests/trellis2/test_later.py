"""Days later, addresses gone, disk full, records broken."""

from __future__ import annotations

import json

import httpx
import pytest

from trellis_assets.store import Store
from trellis_assets.trellis2 import (
    InferenceRequest,
)
from trellis_assets.trellis2 import errors as e

from .conftest import FakeGenerator, Service
from .generating import (
    DyingStore,
    FullStore,
    Killed,
    days_later,
    once,
    only_ledger,
)


def test_days_later_an_unknown_submission_needs_a_decision(
    service: Service, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Killed):
        once(service, DyingStore(store, 1, after=True))
    days_later(monkeypatch, 3)
    with pytest.raises(e.SubmissionUnknown, match="72 hours"):
        once(service, store)
    assert service.accepted == 0
    once(service, store, resubmit_unknown=True)
    assert service.accepted == 1


def test_days_later_a_task_whose_reply_was_lost_is_found_and_not_sent_again(
    service: Service, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = service.transport()

    class Deaf(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await inner.handle_async_request(request)
            raise httpx.ReadTimeout("lost")

    class NoSubmission(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            assert b"3dInference" not in await request.aread()
            return await inner.handle_async_request(request)

    with pytest.raises(e.ConnectionLost):
        once(service, store, client={"transport": Deaf()})
    days_later(monkeypatch, 3)
    assert once(service, store, client={"transport": NoSubmission()}).attempt == 1
    assert service.accepted == 1


def test_a_stored_model_needs_no_address(generator: FakeGenerator, store: Store) -> None:
    time = [1000.0]
    service = Service(generator, clock=lambda: time[0])
    with pytest.raises(Killed):
        once(service, DyingStore(store, 4, after=True))  # the model is in, its record is not
    time[0] += 30 * 86400
    assert once(service, store).attempt == 1
    service.app.state.close()


def test_days_later_a_known_task_is_resumed(
    service: Service, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in (2, 3):
        with pytest.raises(Killed):
            once(service, DyingStore(store, at - 1, after=at == 3))
    days_later(monkeypatch, 3)
    once(service, store)
    assert service.accepted == 1


def test_days_later_a_forgotten_task_has_failed(
    generator: FakeGenerator, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Service(generator), Service(generator)
    with pytest.raises(Killed):
        once(first, DyingStore(store, 2, after=True))
    days_later(monkeypatch, 3)
    with pytest.raises(e.TaskNotFound, match="no longer knows"):
        once(second, store)
    with pytest.raises(e.EarlierFailure):
        once(second, store)
    assert second.accepted == 0
    for each in (first, second):
        each.app.state.close()


def test_an_expired_result_is_said_plainly(generator: FakeGenerator, store: Store) -> None:
    time = [1000.0]
    service = Service(generator, clock=lambda: time[0])
    short = InferenceRequest(seed=7, ttl=60)
    with pytest.raises(Killed):
        once(service, DyingStore(store, 3, after=True), short)
    time[0] += 61
    with pytest.raises(e.ResultExpired, match="was charged"):
        once(service, store, short)
    with pytest.raises(e.EarlierFailure):
        once(service, store, short)
    assert service.accepted == 1
    got = once(service, store, short, retry_failed=True)
    assert got.attempt == 2
    assert "attempt-002/model.glb" in got.model.key
    service.app.state.close()


def test_a_new_address_for_an_expired_one(service: Service, store: Store) -> None:
    with pytest.raises(Killed):
        once(service, DyingStore(store, 3, after=True))
    ledger = only_ledger(store)
    key = f"{ledger.folder}/attempt-001/2-succeeded.json"
    record = json.loads(store.read(key))
    record["files"][0]["url"] = "http://embedded.test/results/old.glb"
    store.write(key, json.dumps(record).encode())
    assert once(service, store).attempt == 1
    assert service.accepted == 1


def test_signed_result_addresses_are_not_written_down(service: Service, store: Store) -> None:
    inner = service.transport()

    class Signing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            reply = await inner.handle_async_request(request)
            text = (await reply.aread()).replace(b'.glb"', b'.glb?X-Signature=SECRET"')
            return httpx.Response(reply.status_code, content=text)

    once(service, store, client={"transport": Signing()})
    everything = b"".join(store.read(key) for key in store.list(""))
    assert b"SECRET" not in everything


@pytest.mark.parametrize(
    ("at", "bill"),
    [(1, "Nothing was charged"), (2, "was charged"), (4, "was charged"), (5, "was charged")],
)
def test_a_full_disk(service: Service, store: Store, at: int, bill: str) -> None:
    with pytest.raises(e.LedgerUnavailable, match="No space left") as caught:
        once(service, FullStore(store, at, after=False))
    assert bill in str(caught.value)
    assert "resumed, not bought again" in str(caught.value)
    once(service, store)
    assert service.accepted == 1


def test_delivery_secrets_are_not_in_the_store(service: Service, store: Store) -> None:
    request = InferenceRequest(
        seed=7,
        webhook_url="https://127.0.0.1:9/TOKEN1",
        upload_endpoint="https://127.0.0.1:9/?X-Amz-Signature=TOKEN2",
    )
    once(service, store, request)
    everything = b"".join(store.read(key) for key in store.list(""))
    assert b"TOKEN" not in everything


def test_a_broken_record_stops_the_purchase(service: Service, store: Store) -> None:
    once(service, store)
    ledger = only_ledger(store)
    store.write(f"{ledger.folder}/attempt-001/0-intended.json", b"{half")
    with pytest.raises(e.LedgerError, match=r"0-intended\.json"):
        once(service, store)
    assert service.accepted == 1
