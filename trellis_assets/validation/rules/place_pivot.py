"""Where the origin lies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rule import MASTER, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    pivot = subject.expectation.pivot
    lower, upper = subject.bounds
    if pivot in (None, "origin") or not (upper > lower).any():
        return
    height = {"bottom_center": 0.0, "center": 0.5}[str(pivot)]
    anchor = lower + (upper - lower) * (0.5, height, 0.5)
    off = float(np.linalg.norm(anchor) / np.linalg.norm(upper - lower))
    if off > values["tolerance"]:
        yield Objection(
            message=f"the {str(pivot).replace('_', ' ')} lies at "
            f"({anchor[0]:.3f}, {anchor[1]:.3f}, {anchor[2]:.3f}) m, not in the origin",
            measured=off,
            limit=values["tolerance"],
        )


RULE = Rule(
    id="place.pivot",
    severity="warning",
    title="Pivot elsewhere",
    why="placed on the floor the model sinks in or floats, turned it swings around",
    fix="move the origin to where the brief wants it",
    source="Khronos 3D Commerce guidelines: bottom centre at 0, 0, 0",
    look=_look,
    parameters=(
        Parameter("tolerance", 0.01, "of the diagonal", "how far from the origin is tolerated"),
    ),
    stages=MASTER,
)
