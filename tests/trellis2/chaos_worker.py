"""One worker process of the chaos run: generates every seed until all are stored.

    python chaos_worker.py STORE_URI BASE_URL FIRST_SEED COUNT

The key comes from the environment. It may be killed at any instant and started again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys

from trellis_assets.store import open_store
from trellis_assets.trellis2 import (
    Budget,
    Caps,
    EarlierFailure,
    InferenceRequest,
    Origin,
    Patience,
    PollPolicy,
    RetryPolicy,
    TrellisClient,
    TrellisError,
    generate_once,
)

IMAGE = b"\x89PNG\r\n\x1a\n" + b"chaos"


async def main(store_uri: str, base_url: str, first: int, count: int) -> None:
    store = open_store(store_uri)
    budget = Budget(store, Caps(day_usd=1000.0))
    in_flight = asyncio.Semaphore(4)
    seeds = list(range(first, first + count))
    random.shuffle(seeds)
    async with TrellisClient(
        base_url=base_url,
        api_key=os.environ["RUNWARE_API_KEY"],
        poll=PollPolicy(first_s=0.02, factor=1.3, longest_s=0.2, registration_s=5.0),
        retry=RetryPolicy(retries=3, first_s=0.01, longest_s=0.05, jitter_s=0.02),
    ) as client:

        async def until_stored(seed: int) -> None:
            request = InferenceRequest(seed=seed)
            while True:
                try:
                    async with in_flight:
                        await generate_once(
                            request,
                            IMAGE,
                            client=client,
                            store=store,
                            budget=budget,
                            origin=Origin(asset=f"asset_{seed}", run="chaos"),
                            patience=Patience(takeover_s=0.5, look_s=0.05),
                        )
                except EarlierFailure as error:
                    if error.billed is not False:
                        raise
                except TrellisError as error:
                    logging.warning("seed %d: %s", seed, error)  # noqa: LOG015
                else:
                    return
                await asyncio.sleep(0.02)

        async with asyncio.TaskGroup() as group:
            for seed in seeds:
                group.create_task(until_stored(seed))


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
