"""A rung that is no lighter than the one before."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import RUNGS, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    expected = subject.expectation
    if expected.level is None:
        return
    mine = subject.model.triangle_count
    for other in expected.siblings:
        if other.level < expected.level and mine >= other.triangles:
            yield Objection(
                message=f"LOD{expected.level} has {mine:,} triangles, LOD{other.level} has "
                f"{other.triangles:,}",
                measured=mine,
                limit=other.triangles,
            )


RULE = Rule(
    id="lod.triangles",
    severity="warning",
    title="Ladder not falling",
    why="the switch of rungs costs memory and gains nothing",
    fix="rebuild the rung with fewer triangles",
    source="Arm: reduce by 50 % between levels",
    look=_look,
    stages=RUNGS,
)
