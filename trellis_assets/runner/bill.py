"""What a refresh would buy, what the ledger has already, and what the caps leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import open_store

from .refresh import RefreshPlan

if TYPE_CHECKING:
    from trellis_assets.trellis2 import Ledger

_NODE = "generated_model"


@dataclass(frozen=True)
class Bill:
    """Estimates in US dollars; the exact figures come back with the models."""

    generator: str
    buy: Mapping[str, float]
    """Estimate by asset_id of what would be bought."""
    free: tuple[str, ...]
    """Paid for before, or under way: taken up, not bought again."""
    stopped: Mapping[str, str]
    """Failed after they were accepted: not bought again without a decision; why, by asset_id."""
    caps: Mapping[str, float | None]
    spent_today: float
    source: str

    @property
    def total(self) -> float:
        """Estimate of all that would be bought."""
        return sum(self.buy.values())

    def words(self) -> str:
        """The bill for a person."""
        if self.generator == "embedded":
            count = len(self.buy) + len(self.free)
            return f"{count} generations by the embedded generator, free of charge."
        free = f"{len(self.free)} are in the ledger already and free"
        lines = [f"{len(self.buy)} generations to buy, about {self.total:.2f} USD; {free}."]
        lines += [
            f"{asset_id} is not bought again: {why}" for asset_id, why in self.stopped.items()
        ]
        told = ", ".join(
            f"{name} {'no limit' if usd is None else f'{usd:.2f} USD'}"
            for name, usd in self.caps.items()
        )
        lines.append(f"Caps: {told}; {self.spent_today:.2f} USD spent today. From {self.source}.")
        lines += [
            f"Over the cap of the {name}: not all of it will be bought." for name in self._over()
        ]
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The bill for a script."""
        return {
            "generator": self.generator,
            "buy_usd": dict(self.buy),
            "total_usd": round(self.total, 6),
            "free": list(self.free),
            "stopped": dict(self.stopped),
            "caps_usd": dict(self.caps),
            "spent_today_usd": round(self.spent_today, 6),
        }

    def _over(self) -> list[str]:
        needed = {
            "run": self.total,
            "day": self.spent_today + self.total,
            "asset": max(self.buy.values(), default=0.0),
        }
        return [
            name for name, usd in self.caps.items() if usd is not None and needed[name] > usd + 1e-9
        ]


def make_bill(settings: PipelineSettings, plan: RefreshPlan) -> Bill:
    """The bill of what is due; sends nothing.

    Raises:
        CatalogError: the caps cannot be read.
        GeneratorError: the address of the generator cannot be used.
    """
    from trellis_assets.pipeline.generator import generation_request, spec_hash, spending_limits
    from trellis_assets.trellis2 import Budget, Ledger, estimate_usd

    store = open_store(settings.store)
    caps = spending_limits(settings.catalog)
    budget = Budget(store, caps)
    buy: dict[str, float] = {}
    free: list[str] = []
    stopped: dict[str, str] = {}
    wanted: set[str] = set()
    for asset_id in [name for name, nodes in plan.due.items() if _NODE in nodes]:
        entry = plan.catalog.entries[asset_id]
        ledger = Ledger(store, spec_hash(plan.briefs[asset_id]))
        kept, why = _in_ledger(ledger, free=settings.generator == "embedded")
        shared = ledger.spec_hash in wanted  # the same picture and settings as another asset
        wanted.add(ledger.spec_hash)
        if kept or (shared and not why):
            free.append(asset_id)
        elif why:
            stopped[asset_id] = why
        elif settings.generator == "embedded":
            buy[asset_id] = 0.0
        else:
            buy[asset_id] = estimate_usd(generation_request(entry))
    return Bill(
        generator=settings.generator,
        buy=buy,
        free=tuple(free),
        stopped=stopped,
        caps={"run": caps.run_usd, "day": caps.day_usd, "asset": caps.asset_usd},
        spent_today=budget.spent(budget.scopes(run="", asset="")[0].path),
        source=caps.source,
    )


def _in_ledger(ledger: Ledger, *, free: bool) -> tuple[bool, str]:
    """Whether the generation is there or under way; else why it would not be bought, or ""."""
    attempts = ledger.attempts()
    if not attempts:
        return False, ""
    if any(each.state == "downloaded" for each in attempts):
        return True, ""
    last = attempts[-1]
    if not last.has("failed"):
        return True, ""
    failed = last.records["failed"]
    unsold = failed.get("billed") is False and not last.has("accepted")
    if unsold or free:
        return False, ""
    return False, str(failed.get("message", "it failed"))
