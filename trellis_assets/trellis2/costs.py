"""What a generation will cost, and what the ones in the ledger did cost, in USD."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trellis_assets.store import Store
from trellis_assets.trellis2.ledger import Attempt, Ledger, ledgers
from trellis_assets.trellis2.tasks import InferenceRequest

# The published example price at resolution 1024. The service charges by processing time, so the
# other two are scaled by the times upstream measured for them: 3, 17 and 60 s on one H100.
_PRICE_1024 = 0.0256
_USD: Mapping[int, float] = {
    512: _PRICE_1024 * 3 / 17,
    1024: _PRICE_1024,
    1536: _PRICE_1024 * 60 / 17,
}


@dataclass(frozen=True)
class Spending:
    """One attempt in the ledger. ``usd`` is the reported cost, None where none was reported;
    ``billed`` as in the errors; ``reused`` counts who was served from it without paying.
    """

    spec_hash: str
    attempt: int
    task_uuid: str
    state: str
    provider: str
    asset: str
    run: str
    tags: tuple[str, ...]
    day: str
    usd: float | None
    estimate_usd: float
    billed: bool | None
    reused: int


def estimate_usd(request: InferenceRequest) -> float:
    """What the hosted service is likely to charge for a request; the exact figure comes back in
    ``cost``. Resolution and the number of results are what the estimate looks at.
    """
    per_result = _USD[request.settings.resolution or 1024]
    return round(per_result * (request.number_results or 1), 6)


def spending(store: Store) -> Iterator[Spending]:
    """Every attempt in the ledger."""
    for ledger in ledgers(store):
        reused = sum(1 for _ in store.list(f"{ledger.folder}/reused/"))
        attempts = ledger.attempts()
        for attempt in attempts:
            last = attempt is attempts[-1]
            yield _spending(ledger, attempt, reused if last else 0)


def total_usd(
    lines: Iterable[Spending], by: Callable[[Spending], Iterable[str]]
) -> dict[str, float]:
    """Reported USD per key, sorted: ``total_usd(lines, by=lambda line: line.tags)``."""
    sums: dict[str, list[float]] = {}
    for line in lines:
        for key in by(line):
            sums.setdefault(key, []).append(line.usd or 0.0)
    return {key: round(math.fsum(values), 6) for key, values in sorted(sums.items())}


def _spending(ledger: Ledger, attempt: Attempt, reused: int) -> Spending:
    intended = attempt.records["intended"]
    origin: Mapping[str, Any] = intended.get("origin", {})
    usd = attempt.records.get("succeeded", {}).get("costUsd")
    billed: bool | None = None
    if attempt.has("succeeded"):
        billed = True
    elif attempt.has("failed"):
        billed = attempt.records["failed"].get("billed")
    return Spending(
        spec_hash=ledger.spec_hash,
        attempt=attempt.number,
        task_uuid=attempt.task_uuid,
        state=attempt.state,
        provider=str(intended["spec"]["provider"]),
        asset=str(origin.get("asset", "")),
        run=str(origin.get("run", "")),
        tags=tuple(origin.get("tags", ())),
        day=str(intended["at"])[:10],
        usd=None if usd is None else float(usd),
        estimate_usd=float(intended.get("estimateUsd", 0.0)),
        billed=billed,
        reused=reused,
    )
