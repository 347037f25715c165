"""A rung that has shrunk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rule import RUNGS, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    expected = subject.expectation
    lower, upper = subject.bounds
    for other in expected.siblings:
        if other.level != 0 or other.bounds is None or not expected.level:
            continue
        box = np.asarray(other.bounds, np.float64)
        diagonal = max(float(np.linalg.norm(box[1] - box[0])), 1e-30)
        off = float(np.abs(np.stack([lower, upper]) - box).max()) / diagonal
        if off > values["tolerance"]:
            yield Objection(
                message=f"the bounding box differs from LOD0's by {off:.1%} of the diagonal",
                measured=off,
                limit=values["tolerance"],
            )


RULE = Rule(
    id="lod.bounds",
    severity="warning",
    title="Rung of another size",
    why="the model jumps when rungs switch, or has lost a part",
    fix="rebuild the rung; lower the error limit",
    source="measured: gltfpack -si 0.1 -se 1 loses parts without an error",
    look=_look,
    parameters=(Parameter("tolerance", 0.03, "of the diagonal", "how far a side may move"),),
    stages=RUNGS,
)
