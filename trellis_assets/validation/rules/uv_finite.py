"""UVs that are no numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import on_surface
from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if not atlas.finite:
            sane = (np.abs(atlas.uvs) < 1.0e4).all(axis=1)
            lost = ~sane[atlas.faces].all(axis=1)
            yield Objection(
                message=f"UVs of {atlas.material.name} are not finite, or beyond 10,000 tiles",
                shows=on_surface(subject, subject.triangles_on(atlas)[lost]),
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
