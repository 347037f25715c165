"""How a whole ladder looks beside its master: what ``appearance.json`` holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .appearance import RungLook, ViewLook
from .concept_likeness import ConceptLikeness
from .six_sides import SixSides


@dataclass(frozen=True)
class Looks:
    """Measured once; any number of limits can be laid on it."""

    rungs: tuple[RungLook, ...]
    sides: SixSides
    """Of the master."""
    double_sided: bool
    """The master's materials show their back."""
    concept: ConceptLikeness | None = None
    """None for a given model, which has no concept image."""

    def summary(self) -> dict[str, Any]:
        """The extremes, for people."""
        return {
            "rungs": {look.name: look.summary() for look in self.rungs},
            "coverage": dict(self.sides.coverage),
            "inside": dict(self.sides.inside),
            "concept_overlap": self.concept.front if self.concept else None,
        }

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            **self.summary(),
            "double_sided": self.double_sided,
            "concept": asdict(self.concept) if self.concept else None,
            "views": {look.name: [view.as_json() for view in look.views] for look in self.rungs},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Looks:
        """The inverse of :meth:`as_json`, but for the digits that it leaves out."""
        rungs = content["rungs"]
        return cls(
            rungs=tuple(
                RungLook(name, rungs[name]["pixels"], tuple(map(ViewLook.from_json, views)))
                for name, views in content["views"].items()
            ),
            sides=SixSides(content["coverage"], content["inside"]),
            double_sided=content["double_sided"],
            concept=ConceptLikeness(**content["concept"]) if content["concept"] else None,
        )
