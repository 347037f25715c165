"""UVs that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if not atlas.finite:
            yield Objection(
                message=f"UVs of {atlas.material.name} are not finite, or beyond 10,000 tiles"
            )


RULE = Rule(
    id="uv.finite",
    severity="error",
    title="UVs not finite",
    why="texture lookups give black or noise, differently on every GPU",
    fix="export the UVs again",
    source="glTF 2.0, section 3.6.2.2: no NaN and no infinity",
    look=_look,
    stages=GEOMETRY,
    khronos=("ACCESSOR_INVALID_FLOAT",),
)
