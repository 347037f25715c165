"""Primitives, each a draw call."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import FINISHED, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    calls = subject.measured.draw_calls
    if calls > values["calls"]:
        yield Objection(
            message=f"{calls:,} draw calls, at most {values['calls']:g}",
            measured=calls,
            limit=values["calls"],
        )


RULE = Rule(
    id="scene.draw-calls",
    severity="warning",
    title="Too many draw calls",
    why="each costs time on the CPU, whatever its size",
    fix="merge primitives that share a material",
    source="Khronos 3D Commerce guidelines: fewer than 20 draws for mobile AR and web",
    look=_look,
    parameters=(Parameter("calls", 20, "draw calls", "how many are accepted"),),
    stages=FINISHED,
)
