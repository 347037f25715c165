"""Bought at most once: reuse, candidates, failure, decision."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading

import httpx
import pytest

from trellis_assets.store import Store
from trellis_assets.trellis2 import (
    Generation,
    InferenceRequest,
    Origin,
    Patience,
    PollPolicy,
    Progress,
    TrellisClient,
    generate_once,
)
from trellis_assets.trellis2 import errors as e

from .conftest import PNG, FakeGenerator, Service
from .generating import (
    FullStore,
    once,
    only_ledger,
)


def test_bought_once_then_reused(service: Service, store: Store) -> None:
    told: list[Progress] = []
    first = once(service, store, progress=told.append, origin=Origin("oak", "run-1", ("prop",)))
    glb = store.read(first.model.key)
    assert first.model.key == f"generations/{first.spec_hash}/model.glb"
    assert hashlib.sha256(glb).hexdigest() == first.model.sha256
    assert (first.reused, first.cost, first.model.seed) == (False, 0.0256, 7)
    stages = [each.stage for each in told]
    assert [stage for stage in stages if stage != "processing"] == [
        "intended", "submitted", "downloading", "stored",
    ]  # fmt: skip
    second = once(service, store, progress=told.append, origin=Origin("oak", "run-2"))
    assert second.reused
    assert second.models == first.models
    assert told[-1].stage == "reused"
    assert service.accepted == 1
    record = json.loads(store.read(first.record_key))
    assert record["attempts"][0]["state"] == "downloaded"


def test_states_are_separate_immutable_objects(service: Service, store: Store) -> None:
    got = once(service, store)
    folder = f"generations/{got.spec_hash}/"
    names = {key.removeprefix(folder) for key in store.list(folder)}
    assert names == {
        "attempt-001/0-intended.json",
        "attempt-001/1-accepted.json",
        "attempt-001/2-succeeded.json",
        "attempt-001/3-downloaded.json",
        "model.glb",
        "record.json",
    }


def test_the_intent_is_durable_before_the_post(service: Service, store: Store) -> None:
    seen: list[list[str]] = []
    inner = service.transport()

    class Looking(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if b"3dInference" in await request.aread():
                task = json.loads(request.content)[0]
                intent = only_ledger(store).attempts()[0]
                assert intent.task_uuid == task["taskUUID"]
                seen.append([*intent.records])
            return await inner.handle_async_request(request)

    once(service, store, client={"transport": Looking()})
    assert seen == [["intended"]]


def test_other_settings_buy_another(service: Service, store: Store) -> None:
    once(service, store)
    once(service, store, InferenceRequest(seed=8))
    once(service, store, image=PNG + b"other")
    once(service, store, InferenceRequest(seed=7, ttl=600))
    assert service.accepted == 3


def test_candidates_are_each_kept(service: Service, store: Store) -> None:
    got = once(service, store, InferenceRequest(seed=7, number_results=3))
    assert [model.seed for model in got.models] == [7, 8, 9]
    assert [model.key.rpartition("/")[2] for model in got.models] == [
        "candidate-1.glb", "candidate-2.glb", "candidate-3.glb",
    ]  # fmt: skip
    assert len({model.sha256 for model in got.models}) == 3
    assert got.cost == 0.0768


def test_those_that_came_are_kept_when_others_failed(service: Service, store: Store) -> None:
    service.generator.fail_seeds[8] = RuntimeError("x")
    got = once(service, store, InferenceRequest(seed=7, number_results=3))
    assert [model.seed for model in got.models] == [7, 9]
    assert len(got.failures) == 1
    assert once(service, store, InferenceRequest(seed=7, number_results=3)).reused


def test_a_failed_task_is_not_bought_again_without_a_decision(
    service: Service, store: Store
) -> None:
    service.generator.fail_seeds[7] = RuntimeError("x")
    with pytest.raises(e.ProviderFailed):
        once(service, store)
    with pytest.raises(e.EarlierFailure, match="retry_failed") as caught:
        once(service, store)
    assert caught.value.code == "inferenceError"
    assert service.accepted == 1
    service.generator.fail_seeds.clear()
    got = once(service, store, retry_failed=True)
    assert (got.attempt, service.accepted) == (2, 2)
    attempts = only_ledger(store).attempts()
    assert [attempt.state for attempt in attempts] == ["failed", "downloaded"]
    assert once(service, store, retry_failed=True).reused


def test_a_refusal_that_cost_nothing_is_tried_again_by_itself(
    service: Service, store: Store
) -> None:
    with pytest.raises(e.AuthRefused):
        once(service, store, client={"api_key": "rw-wrong-key-1"})
    got = once(service, store)
    assert (got.attempt, service.accepted) == (2, 1)


def test_a_rate_limit_leaves_the_intent_open(service: Service, store: Store) -> None:
    async def busy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, json={"errors": [{"code": "rateLimitExceeded"}]})

    with pytest.raises(e.RateLimited, match="Nothing was charged"):
        once(service, store, client={"transport": httpx.MockTransport(busy)})
    (attempt,) = only_ledger(store).attempts()
    assert attempt.state == "intended"
    assert once(service, store).task_uuid == attempt.task_uuid


def test_a_free_generator_may_forget_and_fail_without_a_decision(
    generator: FakeGenerator, store: Store
) -> None:
    first = Service(generator, price=lambda _settings: 0.0)
    generator.fail_seeds[7] = RuntimeError("x")
    with pytest.raises(e.ProviderFailed):
        once(first, store, estimate=0.0)
    generator.fail_seeds.clear()
    assert once(first, store, estimate=0.0).attempt == 2
    first.app.state.close()


def test_a_restarted_free_server_that_forgot_the_task(
    generator: FakeGenerator, store: Store
) -> None:
    first, second = (Service(generator, price=lambda _settings: 0.0) for _ in range(2))
    generator.hold.clear()
    with pytest.raises(e.StillRunning):
        once(first, store, estimate=0.0, client={"poll": PollPolicy(0.01, deadline_s=0.05)})
    generator.hold.set()
    quick = PollPolicy(0.01, longest_s=0.02, registration_s=0.0)
    got = once(second, store, estimate=0.0, client={"poll": quick})
    assert got.attempt == 2
    for each in (first, second):
        each.app.state.close()


def test_eight_workers_submit_once(service: Service, store: Store) -> None:
    results: list[Generation] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        results.append(once(service, store, patience=Patience(takeover_s=10, look_s=0.02)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert service.accepted == 1
    assert len({result.model.sha256 for result in results}) == 1
    assert sum(not result.reused for result in results) == 1


def test_the_overhead_is_small(service: Service, store: Store) -> None:
    """Besides waiting for the service, a generation takes less than 50 ms on a folder."""
    import time

    async def work(client: TrellisClient) -> float:
        started = time.perf_counter()
        for seed in range(10):
            request = InferenceRequest(seed=seed, delivery_method="sync")
            await generate_once(request, PNG, client=client, store=store)
        return (time.perf_counter() - started) / 10

    async def inside() -> float:
        async with service.client() as client:
            return await work(client)

    assert asyncio.run(inside()) < 0.25, "benchmarks/generation.py measures; this catches disasters"


def test_a_generator_that_costs_nothing_never_leaves_the_bill_open(
    service: Service, generator: FakeGenerator, store: Store
) -> None:
    generator.fail_seeds[7] = ValueError("x")
    with pytest.raises(e.ProviderFailed, match="Whether it was charged is not known"):
        once(service, store, client={"provider": "paid"})
    with pytest.raises(e.ProviderFailed) as caught:
        once(service, store, estimate=0.0)
    assert "Nothing was charged" in str(caught.value)
    with pytest.raises(e.LedgerUnavailable, match="Nothing was charged"):
        once(service, FullStore(store, 3, after=False), InferenceRequest(seed=8), estimate=0.0)
