"""A budget that a variant misses, or something that had to be left out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class DeliveryFinding:
    """One observation with everything a reader needs to act on it.

    ``error``: a budget of the target is missed. ``warning``: the variant works, but a rung or a
    feature is not what was asked for. ``info``: something was changed on purpose.
    """

    rule: str  # stable id, for example "delivery.triangles"
    severity: Severity
    where: str  # rung and file, or what was left out
    message: str  # what was found, with its unit
    why: str
    fix: str
    measured: float | None = None
    limit: float | None = None
    source: str = ""  # where the limit comes from

    def as_json(self) -> dict[str, Any]:
        """The finding as plain values."""
        return asdict(self)
