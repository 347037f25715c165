"""Normals that are not of unit length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import on_vertices
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for piece, stored in subject.stored("NORMAL"):
        length = np.sqrt(np.einsum("ij,ij->i", stored, stored))
        wrong = ~(np.abs(length - 1.0) <= values["tolerance"])
        if count := int(np.count_nonzero(wrong)):
            yield Objection(
                message=f"{count:,} of {len(stored):,} normals are not of unit length",
                measured=count,
                limit=0,
                node=piece.node,
                primitive=piece.primitive,
                count=count,
                shows=on_vertices(subject, piece, wrong),
            )


RULE = Rule(
    id="normals.unit",
    severity="warning",
    title="Normals not of unit length",
    why="light on the surface is too bright or too dark, a zero normal is black",
    fix="bring them to unit length, as `trellis-assets check --fix` does",
    source="glTF 2.0, section 3.7.2.1: unit length",
    look=_look,
    parameters=(Parameter("tolerance", 5e-3, "of the length", "how far from 1 is tolerated"),),
    stages=GEOMETRY,
    khronos=("ACCESSOR_VECTOR3_NON_UNIT",),
    fixable=True,
)
