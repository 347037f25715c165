"""Triangles against the target profile; each coarser rung of a ladder may have its share."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import CHECK_ONLY, Objection, Rule, Values, over
from ..subject import Subject

_FEWEST = 64  # a rung is never cut below this, whatever its share


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    profile = subject.profile
    if profile is None or profile.triangles is None:
        return
    level = subject.expectation.level or 0
    whole = profile.triangles.limit
    share = max(int(whole * profile.ratio**level), min(_FEWEST, whole))
    limit = profile.triangles.model_copy(update={"limit": share})
    yield from over(
        subject.measured.triangles, limit, "triangles", severity="warning" if level else None
    )


RULE = Rule(
    id="budget.triangles",
    severity="error",
    title="Too many triangles",
    why="the GPU spends more than its share of the frame on one object",
    fix="reduce the model: lower lods.triangles or the first rung",
    source="the target profile",
    look=_look,
    stages=CHECK_ONLY,
)
