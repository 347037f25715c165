"""Measure what client and ledger add to a generation on a folder store, the service aside.

    python benchmarks/generation.py [--count 50] [--store FOLDER]

The service is in this process and answers at once, and the same task is also done by the bare
client without a ledger: the difference is what the ledger costs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import struct
import tempfile
import time

import httpx

from trellis_assets.embedded.server import create_app
from trellis_assets.store import open_store
from trellis_assets.trellis2 import InferenceRequest, PollPolicy, TrellisClient, generate_once

IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(500_000)
_JSON = b'{"asset":{"version":"2.0"}} '
_SIZES = struct.pack("<4sIII4s", b"glTF", 2, 20 + len(_JSON) + 8 + 4_000_000, len(_JSON), b"JSON")
GLB = _SIZES + _JSON + struct.pack("<I4s", 4_000_000, b"BIN\x00") + bytes(4_000_000)


async def measure(folder: str, count: int) -> dict[str, float]:
    """Milliseconds per generation with the ledger and with the client alone."""
    app = create_app(lambda *_: GLB)
    store = open_store(folder)
    async with TrellisClient(
        base_url="http://embedded.invalid/v1",
        transport=httpx.ASGITransport(app=app),
        poll=PollPolicy.local(),
    ) as client:
        requests = [
            InferenceRequest(seed=seed, delivery_method="sync") for seed in range(2 * count)
        ]
        started = time.perf_counter()
        for request in requests[:count]:
            await client.generate(request, IMAGE)
        between = time.perf_counter()
        for request in requests[count:]:
            await generate_once(request, IMAGE, client=client, store=store)
        ended = time.perf_counter()
    app.state.close()
    alone, together = ((b - a) / count * 1000 for a, b in ((started, between), (between, ended)))
    return {
        "client_ms": round(alone, 1),
        "client_and_ledger_ms": round(together, 1),
        "ledger_ms": round(together - alone, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--store", help="folder of the store [default: a temporary one]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps(asyncio.run(measure(options.store or temporary, options.count))))
