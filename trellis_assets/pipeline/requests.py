"""What a tick of the schedule asks for: of all that is due, what may be made now.

Pure decisions over a plan; what Dagster knows (runs that are under way or have failed) comes in as
plain values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .bill import Prices, buys
from .catalog_plan import CatalogPlan
from .settings import PipelineSettings

TRIES = 3
"""Runs of the very same change that may fail before it waits for a person."""


@dataclass(frozen=True)
class Request:
    """One run: the due nodes of one game asset."""

    asset_id: str
    nodes: tuple[str, ...]
    key: str
    """See :attr:`.plan.AssetPlan.key`."""


@dataclass
class Requests:
    """Every game asset of which something is due, in exactly one place."""

    chosen: list[Request] = field(default_factory=list)
    over_cap: dict[str, str] = field(default_factory=dict)
    """Not requested, because a cap forbids the purchase; why, by asset_id."""
    stopped: dict[str, str] = field(default_factory=dict)
    """Failed after the purchase was accepted: bought again only when a person decides so."""
    given_up: dict[str, str] = field(default_factory=dict)
    """Failed too often without any change since."""
    under_way: list[str] = field(default_factory=list)
    """A run is at it."""
    left: list[str] = field(default_factory=list)
    """More than a tick takes: for the next one."""

    def words(self) -> str:
        """The counts in one line."""
        parts = {
            "requested": len(self.chosen),
            "under way": len(self.under_way),
            "left for the next tick": len(self.left),
            "over a spending cap": len(self.over_cap),
            "not bought again without a decision": len(self.stopped),
            f"given up after {TRIES} failures": len(self.given_up),
        }
        told = ", ".join(f"{count} {name}" for name, count in parts.items() if count)
        return told or "nothing is due"


def choose_requests(
    plan: CatalogPlan,
    settings: PipelineSettings,
    *,
    limit: int,
    busy: Collection[str],
    failures: Mapping[str, int],
) -> Requests:
    """Choose what to make now, the same kinds of work beside each other.

    Args:
        limit: runs at most.
        busy: game assets with an unfinished run.
        failures: failed runs so far by the key of the change.

    Raises:
        CatalogError: the caps cannot be read; then nothing is bought.
        GeneratorError: the address of the generator cannot be used.
    """
    requests = Requests()
    # The embedded generator is free, and nothing of it is looked up.
    purse = None if settings.generator == "embedded" else _Purse(Prices(settings, plan))
    for asset_id, nodes in sorted(plan.due.items(), key=lambda item: (item[1], item[0])):
        key = plan.plans[asset_id].key
        if asset_id in busy:
            requests.under_way.append(asset_id)
        elif failures.get(key, 0) >= TRIES:
            requests.given_up[asset_id] = (
                f"failed {failures[key]} times; nothing has changed since. Fix: see its last run, "
                "then materialize it by hand or change its entry"
            )
        elif len(requests.chosen) >= limit:
            requests.left.append(asset_id)
        elif purse is None or not buys(plan, asset_id) or purse.allows(asset_id, requests):
            requests.chosen.append(Request(asset_id, nodes, key))
    return requests


class _Purse:
    """What the caps leave for the runs of one tick, which share one budget."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self._spent_today = prices.spent_today()
        self._planned = 0.0

    def allows(self, asset_id: str, requests: Requests) -> bool:
        """Take the price of a game asset out of the purse, or note why that cannot be."""
        price = self._prices.of(asset_id)
        if price.stopped:
            requests.stopped[asset_id] = price.stopped
            return False
        if price.usd is None:
            return True
        if reason := self._over(asset_id, price.usd):
            requests.over_cap[asset_id] = reason
            return False
        self._planned += price.usd
        return True

    def _over(self, asset_id: str, usd: float) -> str:
        """Which cap the purchase would exceed, in words; empty if none."""
        caps, planned = self._prices.caps, self._planned + usd
        needed = {
            "run_usd": (planned, caps.run_usd),
            "day_usd": (self._spent_today + planned, caps.day_usd),
            "asset_usd": (self._prices.spent_on(asset_id) + usd, caps.asset_usd),
        }
        for name, (total, limit) in needed.items():
            if limit is not None and total > limit + 1e-9:
                return (
                    f"{usd:.2f} USD for it would make {total:.2f} USD, {name} is {limit:.2f}. "
                    f"Fix: raise {name} in {caps.source}, or wait for the next tick"
                )
        return ""
