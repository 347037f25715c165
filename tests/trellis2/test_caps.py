"""Caps hold to the cent, with several workers at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from trellis_assets.store import Store
from trellis_assets.trellis2 import (
    Budget,
    CapReached,
    Caps,
    InferenceRequest,
    LedgerError,
    Origin,
    Patience,
    TrellisError,
    generate_once,
)

from .conftest import PNG, FakeGenerator, Service

PRICE = 0.0256


def reserve(
    budget: Budget, name: str, usd: float = PRICE, run: str = "r", asset: str = "a"
) -> None:
    budget.reserve(name, usd, budget.scopes(run=run, asset=asset))


def buy(
    service: Service, store: Store, budget: Budget, seed: int, asset: str = "", run: str = ""
) -> None:
    async def inside() -> None:
        async with service.client() as client:
            await generate_once(
                InferenceRequest(seed=seed), PNG, client=client, store=store, budget=budget,
                origin=Origin(asset, run), patience=Patience(takeover_s=5, look_s=0.02),
            )  # fmt: skip

    asyncio.run(inside())


@pytest.mark.parametrize(
    ("caps", "title"),
    [
        (Caps(run_usd=0.06), "of this run"),
        (Caps(day_usd=0.06), "UTC"),
        (Caps(asset_usd=0.06), "of the asset oak"),
    ],
)
def test_each_cap_stops_before_the_post(
    service: Service, store: Store, caps: Caps, title: str
) -> None:
    budget = Budget(store, caps)
    for seed in (1, 2):
        buy(service, store, budget, seed, asset="oak", run="run-1")
    with pytest.raises(CapReached, match=title) as caught:
        buy(service, store, budget, 3, asset="oak", run="run-1")
    assert caught.value.billed is False
    assert "0.0600" in str(caught.value)
    assert "0.0512" in str(caught.value)
    assert service.accepted == 2
    buy(service, store, budget, 1, asset="oak", run="run-1")
    assert service.accepted == 2, "what is stored is had without budget"


def test_exactly_ten_are_bought_by_four_workers(generator: FakeGenerator, store: Store) -> None:
    service = Service(generator, workers=4)
    bought: list[int] = []
    refused: list[int] = []

    def worker(number: int) -> None:
        budget = Budget(store, Caps(day_usd=10 * PRICE))
        for seed in range(number, 28, 4):
            try:
                buy(service, store, budget, seed, asset=f"a{seed}", run=f"run-{number}")
            except CapReached:
                refused.append(seed)
            else:
                bought.append(seed)

    in_threads(worker, 4)
    service.app.state.close()
    assert (len(bought), len(refused), service.accepted) == (10, 18, 10)


def test_the_same_purchase_by_four_workers_is_reserved_once(store: Store) -> None:
    def worker(number: int) -> None:
        reserve(Budget(store, Caps(day_usd=PRICE)), "spec/1")

    in_threads(worker, 4)
    budget = Budget(store, Caps())
    assert budget.spent(budget.scopes(run="", asset="")[0].path) == PRICE


def test_the_reported_cost_replaces_the_estimate(service: Service, store: Store) -> None:
    service.app.state.jobs._price = lambda _settings: 0.01
    budget = Budget(store, Caps(day_usd=0.05))
    for seed in range(3):  # 0.01 + 0.01 + 0.0256 fits, three estimates would not
        buy(service, store, budget, seed)
    day = budget.scopes(run="", asset="")[0]
    assert budget.spent(day.path) == 0.03


def test_a_refused_submission_gives_the_reservation_back(store: Store, service: Service) -> None:
    budget = Budget(store, Caps(day_usd=PRICE))

    async def wrong_key() -> None:
        async with service.client(api_key="rw-wrong-key-1") as client:
            await generate_once(
                InferenceRequest(seed=1), PNG, client=client, store=store, budget=budget
            )

    with pytest.raises(TrellisError):
        asyncio.run(wrong_key())
    buy(service, store, budget, 2)


def test_a_failed_task_keeps_its_reservation(service: Service, store: Store) -> None:
    """Nobody can say whether it was charged."""
    service.generator.fail_seeds[1] = RuntimeError("x")
    budget = Budget(store, Caps(day_usd=PRICE))
    with pytest.raises(TrellisError):
        buy(service, store, budget, 1)
    with pytest.raises(CapReached):
        buy(service, store, budget, 2)


def test_all_scopes_or_none(store: Store) -> None:
    budget = Budget(store, Caps(run_usd=PRICE))
    reserve(budget, "one")
    with pytest.raises(CapReached):
        reserve(budget, "two")
    for scope in budget.scopes(run="r", asset="a"):
        assert budget.spent(scope.path) == PRICE, scope.title
    reserve(budget, "two", run="r2")


def test_a_day_is_a_day_of_utc(store: Store) -> None:
    budget = Budget(store, Caps())
    late = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    assert budget.scopes(run="", asset="", at=late)[0].path == "budget/day/2026-03-01"


def test_hostile_names_stay_inside_the_store(store: Store) -> None:
    budget = Budget(store, Caps())
    for name in ("../../etc", "a/b", "x" * 500, "-dash", "ä"):
        reserve(budget, name, asset=name, run=name)
    assert all(key.startswith("budget/") for key in store.list(""))


def test_a_broken_entry_stops_the_purchase(store: Store) -> None:
    budget = Budget(store, Caps())
    path = budget.scopes(run="", asset="")[0].path
    store.write(f"{path}/00000001.json", json.dumps({"x": 1}).encode())
    with pytest.raises(LedgerError, match="00000001"):
        reserve(budget, "one")


def test_a_hundred_reservations_by_four_workers_add_up(store: Store) -> None:
    def worker(number: int) -> None:
        budget = Budget(store, Caps())
        for index in range(25):
            reserve(budget, f"{number}-{index}", 0.001)

    in_threads(worker, 4)
    budget = Budget(store, Caps())
    assert budget.spent(budget.scopes(run="", asset="")[0].path) == 0.1


def in_threads(work: Callable[[int], None], count: int) -> None:
    """Do ``work(0)``, ``work(1)`` … at the same time; what one of them raises is raised here."""
    with ThreadPoolExecutor(count) as workers:
        list(workers.map(work, range(count)))
