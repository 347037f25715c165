"""What a refresh would buy, what the ledger has already, and what the caps leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trellis_assets.store import open_store

from .catalog_plan import CatalogPlan
from .settings import PipelineSettings

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


def make_bill(settings: PipelineSettings, plan: CatalogPlan) -> Bill:
    """The bill of what is due; sends nothing.

    Raises:
        CatalogError: the caps cannot be read.
        GeneratorError: the address of the generator cannot be used.
    """
    prices = Prices(settings, plan)
    found = {asset_id: prices.of(asset_id) for asset_id in plan.due if buys(plan, asset_id)}
    caps = prices.caps
    return Bill(
        generator=settings.generator,
        buy={name: each.usd for name, each in found.items() if each.usd is not None},
        free=tuple(name for name, each in found.items() if each.usd is None and not each.stopped),
        stopped={name: each.stopped for name, each in found.items() if each.stopped},
        caps={"run": caps.run_usd, "day": caps.day_usd, "asset": caps.asset_usd},
        spent_today=prices.spent_today(),
        source=caps.source,
    )


def buys(plan: CatalogPlan, asset_id: str) -> bool:
    """Whether making what is due of a game asset may need a purchase; a given model never does."""
    return plan.briefs[asset_id].entry.model is None and _NODE in plan.plans[asset_id].nodes


@dataclass(frozen=True)
class Price:
    """What one generation would cost now."""

    usd: float | None = None
    """Estimate of what would be bought; None if nothing would be."""
    stopped: str = ""
    """Why it would not be bought without a person's decision."""


class Prices:
    """Prices one game asset after another; what two share is bought once."""

    def __init__(self, settings: PipelineSettings, plan: CatalogPlan) -> None:
        from trellis_assets.trellis2 import Budget

        from .generator import spending_limits

        self._plan = plan
        self._store = open_store(settings.store)
        self._is_free = settings.generator == "embedded"
        self._seen: set[str] = set()
        self.caps = spending_limits(settings.catalog)
        self._budget = Budget(self._store, self.caps)

    def of(self, asset_id: str) -> Price:
        """The price of the generation of a game asset; asked once for each."""
        from trellis_assets.trellis2 import Ledger, estimate_usd

        from .generator import generation_request, spec_hash

        brief = self._plan.briefs[asset_id]
        ledger = Ledger(self._store, spec_hash(brief))
        kept, why = _in_ledger(ledger, free=self._is_free)
        shared = ledger.spec_hash in self._seen  # the same picture and settings as another asset
        self._seen.add(ledger.spec_hash)
        if kept or (shared and not why):
            return Price()
        if why:
            return Price(stopped=why)
        return Price(0.0 if self._is_free else estimate_usd(generation_request(brief.entry)))

    def spent_today(self) -> float:
        """US dollars of this day of UTC, reservations included."""
        return self._budget.spent(self._budget.scopes(run="", asset="")[0].path)

    def spent_on(self, asset_id: str) -> float:
        """US dollars of a game asset, over all time."""
        return self._budget.spent(self._budget.scopes(run="", asset=asset_id)[1].path)


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
