"""Metres taken for centimetres."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rule import MASTER, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    expected = subject.expectation
    if expected.height_m is not None or expected.dimensions_m is not None:
        return
    longest = float(np.ptp(subject.bounds, axis=0).max())
    if longest and not values["shortest"] <= longest <= values["longest"]:
        yield Objection(
            message=f"the longest side is {longest:.4g} m",
            measured=longest,
            limit=values["shortest" if longest < values["shortest"] else "longest"],
        )


RULE = Rule(
    id="place.scale",
    severity="warning",
    title="Implausible size",
    why="some step mixed up metres, centimetres and inches",
    fix="scale the model to metres",
    source="glTF 2.0, section 3.4: metres; Second Life: at most 64 m",
    look=_look,
    parameters=(
        Parameter("shortest", 0.01, "m", "smallest plausible longest side"),
        Parameter("longest", 100, "m", "largest plausible longest side"),
    ),
    stages=MASTER,
)
