"""The size that the brief asks for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..axes import turned
from ..rule import MASTER, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    wanted = subject.expectation
    size = np.ptp(subject.bounds, axis=0)
    expected = wanted.dimensions_m or (None, wanted.height_m, None)
    for axis, length in zip(range(3), expected, strict=True):
        if length is None:
            continue
        off = abs(size[axis] - length) / length
        if off > values["tolerance"] and not turned(size, expected, values["tolerance"]):
            yield Objection(
                message=f"{size[axis]:.3f} m along {'xyz'[axis]}, the brief says {length:g} m",
                measured=float(size[axis]),
                limit=length,
            )


RULE = Rule(
    id="place.dimensions",
    severity="error",
    title="Not the size of the brief",
    why="beside other assets it is a toy or a giant",
    fix="scale the model to the size of the brief",
    source="Khronos Asset Auditor: dimensions against product information",
    look=_look,
    parameters=(
        Parameter("tolerance", 0.02, "of the length", "how far from the brief is tolerated"),
    ),
    stages=MASTER,
)
