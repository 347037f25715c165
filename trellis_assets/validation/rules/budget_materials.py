"""Too many materials against the target profile."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import CHECK_ONLY, Objection, Rule, Values, over
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    if subject.profile is not None:
        yield from over(subject.measured.materials, subject.profile.materials, "materials")


RULE = Rule(
    id="budget.materials",
    severity="error",
    title="Too many materials",
    why="every material is a draw call",
    fix="merge materials into one atlas",
    source="the target profile",
    look=_look,
    stages=CHECK_ONLY,
)
