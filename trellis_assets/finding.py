"""A finding: what a rule objected to, and how to mend it; one form for all rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from trellis_assets.validation.region import Region

Severity = Literal["error", "warning", "info"]
_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Finding:
    """One objection, complete enough to act on without asking anybody.

    ``error``: the thing cannot be used as it is. ``warning``: it works, but is not what was asked
    for. ``info``: something was changed or left out on purpose.
    """

    rule: str  # stable id, for example "budget.triangles"
    severity: Severity
    where: str  # file, node, rung or material
    message: str  # what was found, with its unit and the limit
    why: str  # what goes wrong if it stays
    fix: str  # what to do
    measured: float | None = None
    limit: float | None = None
    source: str = ""  # page the limit comes from
    node: str = ""  # name of the node, where it lies in one
    primitive: int | None = None  # index of the primitive in the node's mesh
    count: int | None = None  # how many elements (triangles, vertices, texels) are concerned
    fixable: bool = False  # a safe repair exists, see trellis_assets.validation.apply_fixes
    docs: str = ""  # section of the rule in docs/, for example "rules.md#budget.triangles"
    # What a picture of it would mark; it lives only as long as the model is in memory.
    shows: Region | None = field(default=None, compare=False, repr=False)

    def as_json(self) -> dict[str, Any]:
        """The finding as plain values, without what a picture would mark."""
        names = (each.name for each in fields(self) if each.name != "shows")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        return f"{self.severity}: {self.rule}: {self.where}: {self.message}. Fix: {self.fix}"


def worst(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, errors first; equal ones in their old order."""
    return sorted(findings, key=lambda finding: _ORDER[finding.severity])
