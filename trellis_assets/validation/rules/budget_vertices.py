"""Too many vertices against the target profile."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import CHECK_ONLY, Objection, Rule, Values, over
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    if subject.profile is not None:
        yield from over(subject.measured.vertices, subject.profile.vertices, "vertices")


RULE = Rule(
    id="budget.vertices",
    severity="error",
    title="Too many vertices",
    why="the platform refuses or warns on upload",
    fix="reduce the model or its UV seams",
    source="the target profile",
    look=_look,
    stages=CHECK_ONLY,
)
