"""The record itself, on a folder and on S3."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws import aws
from trellis_assets.store import Store, open_store
from trellis_assets.trellis2 import (
    Attempt,
    InferenceRequest,
    Ledger,
    LedgerError,
    Patience,
    generate_once,
    ledgers,
)

from .conftest import PNG, Service

HASH = "a" * 64


@pytest.fixture(params=["folder", "s3"])
def any_store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    if request.param == "folder":
        yield open_store(str(tmp_path / "store"))
        return
    with aws(monkeypatch, "ledger-test"):
        store = open_store("s3://ledger-test/prefix")
        write, one = store.write, threading.Lock()

        def write_one(key: str, data: bytes) -> None:
            with one:  # S3 takes two writers of one key, moto's memory does not
                write(key, data)

        monkeypatch.setattr(store, "write", write_one)
        yield store


def test_the_first_to_write_a_state_defines_it(any_store: Store) -> None:
    ledger = Ledger(any_store, HASH)
    first = ledger.record(1, "intended", {"taskUUID": "one"})
    second = ledger.record(1, "intended", {"taskUUID": "two"})
    assert first["taskUUID"] == second["taskUUID"] == "one"
    assert ledger.attempts() == (Attempt(1, {"intended": first}),)


def test_one_claim_of_sixteen_wins(any_store: Store) -> None:
    ledger = Ledger(any_store, HASH)
    seen: list[str] = []
    start = threading.Barrier(16)

    def claim(number: int) -> None:
        start.wait()
        seen.append(ledger.record(1, "intended", {"taskUUID": str(number)})["taskUUID"])

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 16
    assert len(set(seen)) == 1


def test_states_rank_and_a_download_outranks_a_failure(any_store: Store) -> None:
    ledger = Ledger(any_store, HASH)
    ledger.record(1, "intended", {"taskUUID": "u"})
    assert ledger.attempt(1).state == "intended"
    ledger.record(1, "accepted", {})
    assert ledger.attempt(1).state == "accepted"
    ledger.record(1, "failed", {})
    assert ledger.attempt(1).state == "failed"
    ledger.record(1, "succeeded", {})
    assert ledger.attempt(1).state == "failed"
    ledger.record(1, "downloaded", {})
    assert ledger.attempt(1).state == "downloaded"


def test_generation_end_to_end(any_store: Store, service: Service) -> None:
    async def once() -> str:
        async with service.client() as client:
            got = await generate_once(
                InferenceRequest(seed=1), PNG, client=client, store=any_store,
                patience=Patience(takeover_s=1, look_s=0.02),
            )  # fmt: skip
            return got.model.key

    async def together() -> list[str]:
        return await asyncio.gather(*(once() for _ in range(4)))

    (key,) = set(asyncio.run(together()))
    assert any_store.read(key).startswith(b"glTF")
    assert service.accepted == 1
    assert len(list(ledgers(any_store))) == 1


def test_later_attempts_have_models_of_their_own(any_store: Store) -> None:
    ledger = Ledger(any_store, HASH)
    keys = {
        ledger.model_key(attempt, index, count)
        for attempt in (1, 2)
        for count in (1, 2)
        for index in range(count)
    }
    assert len(keys) == 6


@pytest.mark.parametrize("wrong", ["", "../x", "A" * 64, "a" * 63, "a" * 64 + "/.."])
def test_only_a_hash_names_a_folder(store: Store, wrong: str) -> None:
    with pytest.raises(LedgerError):
        Ledger(store, wrong)
