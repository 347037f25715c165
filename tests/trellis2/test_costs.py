"""What was spent, by asset, day and tag; what failed and what was had for nothing."""

from __future__ import annotations

import asyncio

import pytest

from trellis_assets.store import Store
from trellis_assets.trellis2 import (
    InferenceRequest,
    Origin,
    Settings,
    TrellisError,
    estimate_usd,
    generate_once,
    spending,
    total_usd,
)

from .conftest import PNG, Service


@pytest.mark.parametrize(
    ("resolution", "results", "usd"),
    [(None, None, 0.0256), (1024, 2, 0.0512), (512, 1, 0.004518), (1536, 1, 0.090353)],
)
def test_estimate(resolution: int | None, results: int | None, usd: float) -> None:
    settings = Settings.model_validate({"resolution": resolution})
    assert estimate_usd(InferenceRequest(settings=settings, number_results=results)) == usd


def test_report(service: Service, store: Store) -> None:
    service.generator.fail_seeds[3] = RuntimeError("x")

    async def buy(seed: int, asset: str, run: str, *tags: str) -> None:
        async with service.client() as client:
            await generate_once(
                InferenceRequest(seed=seed), PNG, client=client, store=store,
                origin=Origin(asset, run, tags),
            )  # fmt: skip

    asyncio.run(buy(1, "oak", "r1", "wood", "prop"))
    asyncio.run(buy(2, "elm", "r1", "wood"))
    asyncio.run(buy(1, "oak", "r2"))
    asyncio.run(buy(1, "oak", "r2"))
    with pytest.raises(TrellisError):
        asyncio.run(buy(3, "ash", "r1"))

    lines = list(spending(store))
    assert total_usd(lines, by=lambda line: [line.asset]) == {
        "ash": 0.0, "elm": 0.0256, "oak": 0.0256,
    }  # fmt: skip
    assert total_usd(lines, by=lambda line: line.tags) == {"prop": 0.0256, "wood": 0.0512}
    assert list(total_usd(lines, by=lambda line: [line.day]).values()) == [0.0512]
    by_asset = {line.asset: line for line in lines}
    assert by_asset["oak"].reused == 1
    assert (by_asset["ash"].state, by_asset["ash"].billed) == ("failed", None)
    assert (by_asset["elm"].state, by_asset["elm"].billed) == ("downloaded", True)
