"""Many generations at once: one event loop, one connection pool, a bounded number in flight.

What is generated here lies in the ledger afterwards; whoever then makes ``generated_model`` of one
of these game assets finds it there at once. So the waiting is shared, and each game asset still
has a run, a verdict and a history of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import anyio.to_thread

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.store import Store
from trellis_assets.trellis2 import (
    AuthRefused,
    ConnectionLost,
    QuotaExhausted,
    TrellisClient,
    TrellisError,
)

from .generator import generate, open_client
from .node import Brief, asset_key
from .nodes.concept import CONCEPT_IMAGE
from .notices import Notices, listening
from .step import run_step
from .waivers import blocking

Told = Callable[[str, str, float], None]
"""Called with asset_id, stage in words, and the share that is done, 0 to 1."""
Settled = Callable[[str, TrellisAssetsError | None], None]
"""Called once for each game asset, with the error if there is one."""

# What one game asset learns of key, account and server holds for all others.
_HOPELESS = (AuthRefused, QuotaExhausted, ConnectionLost)


def generate_many(
    briefs: Sequence[Brief], store: Store, *, in_flight: int, told: Told, settled: Settled
) -> dict[str, TrellisAssetsError]:
    """Have every game asset's generation in the ledger; a refusal concerns that one alone.

    A wrong key, an empty account and a server that does not answer end the others before they
    start: nothing is sent for them.

    Args:
        briefs: of one generator, each game asset once.
        in_flight: tasks at the service at any one time.

    Returns:
        The errors by asset_id.

    Raises:
        GeneratorError: the generator is not configured.
        NoticesError: the webhook receiver is not configured.
    """
    if not briefs:
        return {}
    with listening() as notices:
        return asyncio.run(_generate_many(briefs, store, in_flight, told, settled, notices))


class ConceptUnfit(TrellisAssetsError):
    """The concept image has a finding of severity ``error``; nothing is bought for it."""


async def _generate_many(
    briefs: Sequence[Brief],
    store: Store,
    in_flight: int,
    told: Told,
    settled: Settled,
    notices: Notices | None,
) -> dict[str, TrellisAssetsError]:
    webhook_url = notices.url if notices else None
    waiting = deque(briefs)
    errors: dict[str, TrellisAssetsError] = {}
    hopeless: list[TrellisError] = []

    async def work(client: TrellisClient) -> None:
        while waiting:
            brief = waiting.popleft()
            asset_id = brief.entry.id
            error: TrellisAssetsError | None = None
            if hopeless:
                error = _not_tried(hopeless[0])
            else:
                try:
                    await _generate_one(brief, store, client, told, webhook_url)
                except TrellisAssetsError as caught:
                    error = caught
                    if isinstance(caught, _HOPELESS):
                        hopeless.append(caught)
            if error is not None:
                errors[asset_id] = error
            settled(asset_id, error)

    waker = notices.inbox if notices else None
    async with open_client(briefs[0].generator, waker) as client, asyncio.TaskGroup() as group:
        for _ in range(min(in_flight, len(briefs))):
            group.create_task(work(client))
    return errors


async def _generate_one(
    brief: Brief, store: Store, client: TrellisClient, told: Told, webhook_url: str | None
) -> None:
    asset_id = brief.entry.id

    def concept() -> bytes:
        record = run_step(CONCEPT_IMAGE, brief, store, progress=lambda *_: None).record
        for finding in blocking(record.findings):
            raise ConceptUnfit(
                f"nothing was generated, because of its concept image: {finding['message']}",
                fix=str(finding["fix"]),
            )
        (file,) = record.files
        return store.read(asset_key(asset_id, file))

    image = await anyio.to_thread.run_sync(concept)

    def progress(stage: str, share: float) -> None:
        told(asset_id, stage, share)

    await generate(brief, image, store, client, progress, webhook_url=webhook_url)


def _not_tried(cause: TrellisError) -> TrellisError:
    return type(cause)(
        f"not tried, because another generation met this: {cause.message}",
        fix=cause.fix,
        code=cause.code,
        http_status=cause.http_status,
        billed=False,
    )
