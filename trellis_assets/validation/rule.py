"""What a rule is: one thing that can be wrong with a GLB, and everything worth knowing about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np

from trellis_assets.finding import Finding, Severity

from .errors import ValidationError
from .region import Region
from .subject import Subject

if TYPE_CHECKING:
    from trellis_assets.catalog import Limit

Stage = Literal["generated", "master", "rung", "variant"]
"""Where in the pipeline a model is judged; a file from elsewhere is judged by all rules."""

EVERYWHERE: frozenset[Stage] = frozenset(("generated", "master", "rung", "variant"))
FINISHED: frozenset[Stage] = EVERYWHERE - {"generated"}
"""What was repaired; faults that the repair mends are no news before."""
GEOMETRY: frozenset[Stage] = FINISHED - {"variant"}
"""Where triangles and textures are made; a variant packs the same ones again."""
MASTER: frozenset[Stage] = frozenset(("master",))
RUNGS: frozenset[Stage] = FINISHED - {"master"}
"""The levels of a LOD ladder, in their own atlas."""
VARIANT: frozenset[Stage] = frozenset(("variant",))
CHECK_ONLY: frozenset[Stage] = frozenset()
"""Files from elsewhere: of its own models the pipeline knows it, or has judged it by the way."""


# Of one rule on one file, and characters of a text: a hostile file must not fill the disk.
_MOST_FINDINGS, _LONGEST_NAME, _LONGEST_MESSAGE = 50, 120, 600
Values = Mapping[str, float]
Overrides = Mapping[str, Values]
"""Rule id to parameter to value."""


class UnknownParameter(ValidationError):
    """An override names a rule or a parameter that does not exist."""


@dataclass(frozen=True)
class Parameter:
    """A number of a rule that a profile may set otherwise."""

    name: str
    default: float
    unit: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Objection:
    """What a rule found in one place; the rule adds why it matters and how to mend it."""

    message: str
    measured: float | None = None
    limit: float | None = None
    node: str = ""
    primitive: int | None = None
    count: int | None = None
    fix: str = ""
    source: str = ""
    severity: Severity | None = None
    shows: Region | None = None
    """What a picture should mark, where one says more than the words."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule: its text, its numbers and the function that looks for objections.

    Attributes:
        id: stable; waivers, docs and other tools' reports refer to it.
        title: what is wrong when it speaks, a few words.
        look: reads a subject, yields objections; pure, bounded, knows nothing of the pipeline.
        needs: what must be there for it to run: ``document`` (the JSON could be parsed) or
            ``model`` (a mesh could be read).
        stages: nodes of the pipeline whose files it judges.
        khronos: codes of the Khronos validator for the same problem.
        fixable: a safe repair is registered for it.
    """

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    source: str
    look: Callable[[Subject, Values], Iterable[Objection]]
    needs: Literal["document", "model"] = "model"
    parameters: tuple[Parameter, ...] = ()
    stages: frozenset[Stage] = EVERYWHERE
    khronos: tuple[str, ...] = ()
    fixable: bool = False

    @property
    def docs(self) -> str:
        """The section about this rule, relative to ``docs/``."""
        return f"rules.md#{self.id.replace('.', '')}"

    def values(self, overrides: Overrides) -> Values:
        """The parameters, with what is overridden."""
        return {p.name: p.default for p in self.parameters} | dict(overrides.get(self.id, {}))

    def findings(self, subject: Subject, overrides: Overrides) -> list[Finding]:
        """What it says about one subject."""
        with np.errstate(all="ignore"):  # a file may hold numbers of any kind
            objections = list(islice(self.look(subject, self.values(overrides)), _MOST_FINDINGS))
        return [self._finding(subject, found) for found in objections]

    def _finding(self, subject: Subject, found: Objection) -> Finding:
        node = found.node[:_LONGEST_NAME]
        return Finding(
            rule=self.id,
            severity=found.severity or self.severity,
            where=subject.place(node),
            message=found.message[:_LONGEST_MESSAGE],
            why=self.why,
            fix=found.fix or self.fix,
            measured=found.measured,
            limit=found.limit,
            source=found.source or self.source,
            node=node,
            primitive=found.primitive,
            count=found.count,
            fixable=self.fixable,
            docs=self.docs,
            shows=found.shows,
        )


def over(
    value: int, limit: Limit | None, unit: str, *, fix: str = "", severity: Severity | None = None
) -> Iterator[Objection]:
    """An objection if there is a limit and the value is above it."""
    if limit is not None and value > limit.limit:
        yield Objection(
            message=f"{value:,} {unit}, the limit is {limit.limit:,}",
            measured=value,
            limit=limit.limit,
            source=limit.source,
            fix=fix,
            severity=severity,
        )


def check_overrides(rules: Iterable[Rule], overrides: Overrides) -> None:
    """Every override must name a parameter of a rule.

    Raises:
        UnknownParameter: it does not.
    """
    known = {rule.id: {parameter.name for parameter in rule.parameters} for rule in rules}
    for rule, values in overrides.items():
        for name in values:
            if name not in known.get(rule, set()):
                choices = ", ".join(sorted(known.get(rule, set()))) or "none"
                raise UnknownParameter(
                    f"rule {rule!r} has no parameter {name!r}",
                    fix=f"its parameters: {choices}; see docs/rules.md",
                )
