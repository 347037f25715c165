"""A thousand generations at once in one process; prints its largest resident size in MB.

python in_flight_worker.py STORE_URI BASE_URL COUNT
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from trellis_assets.store import open_store
from trellis_assets.trellis2 import (
    InferenceRequest,
    PollPolicy,
    RetryPolicy,
    TrellisClient,
    generate_once,
)

IMAGE = b"\x89PNG\r\n\x1a\n" + os.urandom(1_000_000)  # of the size of a cut-out


async def main(store_uri: str, base_url: str, count: int) -> None:
    store = open_store(store_uri)
    async with (
        TrellisClient(
            base_url=base_url,
            api_key=os.environ["RUNWARE_API_KEY"],
            poll=PollPolicy(first_s=5.0, longest_s=15.0, deadline_s=600.0),
            retry=RetryPolicy(retries=5, first_s=0.5, longest_s=5.0),
        ) as client,
        asyncio.TaskGroup() as group,
    ):
        for seed in range(count):
            request = InferenceRequest(seed=seed)
            group.create_task(generate_once(request, IMAGE, client=client, store=store))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
    # Not ru_maxrss: a new process inherits that from the one that started it.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(int(status.split("VmHWM:")[1].split()[0]) // 1024)  # noqa: T201
