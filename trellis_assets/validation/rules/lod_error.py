"""A coarser rung that is closer to the original."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import RUNGS, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    expected = subject.expectation
    if expected.level is None or expected.error is None:
        return
    for other in expected.siblings:
        if other.error is None or other.level >= expected.level:
            continue
        if expected.error < other.error * (1.0 - values["slack"]):
            yield Objection(
                message=f"LOD{expected.level} deviates by {expected.error:.3%} of the diagonal, "
                f"LOD{other.level} by {other.error:.3%}",
                measured=expected.error,
                limit=other.error,
            )


RULE = Rule(
    id="lod.error",
    severity="warning",
    title="Error not rising",
    why="a rung that is heavier and worse than its neighbour should never be shown",
    fix="rebuild the finer rung",
    source="meshoptimizer: the error of a simplification grows with its ratio",
    look=_look,
    parameters=(
        Parameter("slack", 0.2, "of the error", "how much less is tolerated: errors are sampled"),
    ),
    stages=RUNGS,
)
