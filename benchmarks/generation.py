"""Measure what client and ledger add to a generation on a folder store, the service aside.

    python benchmarks/generation.py [--count 50] [--store FOLDER]

The service is in this process and answers at once. The same task is done in three ways, turn by
turn: by a bare httpx client, which posts it, polls once if it has to, and reads the result, as
the service's own time; by our client; and by client and ledger. The differences are medians.
With synchronous delivery no pause is in the figures; asynchronous ones hold one poll in each way,
ours after the pause of a local server, 20 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import statistics
import struct
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import httpx

from trellis_assets.embedded.server import create_app
from trellis_assets.store import open_store
from trellis_assets.trellis2 import (
    MODEL,
    Budget,
    Caps,
    InferenceRequest,
    Origin,
    PollPolicy,
    TrellisClient,
    generate_once,
)

URL = "http://embedded.invalid/v1"
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(500_000)
_JSON = b'{"asset":{"version":"2.0"}} '
_SIZES = struct.pack("<4sIII4s", b"glTF", 2, 20 + len(_JSON) + 8 + 4_000_000, len(_JSON), b"JSON")
GLB = _SIZES + _JSON + struct.pack("<I4s", 4_000_000, b"BIN\x00") + bytes(4_000_000)
Delivery = Literal["sync", "async"]


async def bare(http: httpx.AsyncClient, seed: int, delivery: Delivery) -> None:
    """The same calls by the shortest client there can be."""
    task = {
        "taskType": "3dInference",
        "taskUUID": str(uuid.uuid4()),
        "model": MODEL,
        "inputs": {"image": "data:image/png;base64," + base64.b64encode(IMAGE).decode()},
        "seed": seed,
        "deliveryMethod": delivery,
        "includeCost": True,
    }
    body: Any = (await http.post(URL, json=[task])).json()
    asked = {"taskType": "getResponse", "taskUUID": task["taskUUID"]}
    while "outputs" not in body["data"][0]:
        body = (await http.post(URL, json=[asked])).json()
    reply = await http.get(body["data"][0]["outputs"]["files"][0]["url"])
    assert reply.content[:4] == b"glTF"  # noqa: S101 - a figure of a failure would be none


async def measure(folder: str, count: int, delivery: Delivery) -> dict[str, float]:
    """Milliseconds per generation: medians of ``count``, taken in turns."""
    app = create_app(lambda *_: GLB)
    store, transport = open_store(folder), httpx.ASGITransport(app=app)
    budget = Budget(store, Caps(run_usd=1e6, day_usd=1e6, asset_usd=1e6))
    taken: dict[str, list[float]] = {"service": [], "client": [], "ledger": []}
    async with (
        httpx.AsyncClient(transport=transport) as http,
        TrellisClient(base_url=URL, transport=transport, poll=PollPolicy.local()) as client,
    ):

        async def by_client(seed: int) -> None:
            request = InferenceRequest(seed=seed, delivery_method=delivery, include_cost=True)
            await client.generate(request, IMAGE)

        async def by_ledger(seed: int) -> None:
            request = InferenceRequest(seed=seed, delivery_method=delivery)
            await generate_once(
                request, IMAGE, client=client, store=store, budget=budget,
                origin=Origin(asset=f"asset_{seed}", run="benchmark"),
            )  # fmt: skip

        ways: dict[str, Callable[[int], Awaitable[None]]] = {
            "service": lambda seed: bare(http, seed, delivery),
            "client": by_client,
            "ledger": by_ledger,
        }
        for seed in range(count + 1):
            for name, way in ways.items():
                started = time.perf_counter()
                await way(seed)
                taken[name].append(time.perf_counter() - started)
    app.state.close()
    # The first turn pays for imports.
    service, alone, both = (statistics.median(each[1:]) * 1000 for each in taken.values())
    return {
        "service_ms": round(service, 1),
        "client_adds_ms": round(alone - service, 1),
        "ledger_adds_ms": round(both - alone, 1),
        "both_add_ms": round(both - service, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--store", type=Path, help="folder of the store [default: a temporary one]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.store or Path(temporary)
        found = {
            delivery: asyncio.run(measure(str(folder / delivery), options.count, delivery))
            for delivery in ("sync", "async")
        }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
