"""The right size along the wrong axis."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..axes import turned
from ..rule import MASTER, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    wanted = subject.expectation.dimensions_m
    size = np.ptp(subject.bounds, axis=0)
    if wanted is not None and turned(size, wanted, values["tolerance"]):
        yield Objection(
            message=f"{size[0]:.3f} x {size[1]:.3f} x {size[2]:.3f} m are the sides of the brief "
            f"({wanted[0]:g} x {wanted[1]:g} x {wanted[2]:g} m) in another order",
        )


RULE = Rule(
    id="place.axis",
    severity="error",
    title="Lies on its side",
    why="the model lies down or looks sideways in every level",
    fix="turn it: +Y up, +Z front",
    source="glTF 2.0, section 3.4; Khronos 3D Commerce guidelines",
    look=_look,
    parameters=(
        Parameter("tolerance", 0.02, "of the length", "how far from the brief is tolerated"),
    ),
    stages=MASTER,
)
