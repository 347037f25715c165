"""Tangents that are no directions along the surface."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import on_vertices
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for piece, stored in subject.stored("TANGENT"):
        length = np.sqrt(np.einsum("ij,ij->i", stored[:, :3], stored[:, :3]))
        wrong = ~(np.abs(length - 1.0) <= values["tolerance"]) | (np.abs(stored[:, 3]) != 1.0)
        if count := int(np.count_nonzero(wrong)):
            yield Objection(
                message=f"{count:,} of {len(stored):,} tangents are not of unit length, or their "
                "sign is not 1 or -1",
                measured=count,
                limit=0,
                node=piece.node,
                primitive=piece.primitive,
                count=count,
                shows=on_vertices(subject, piece, wrong),
            )


RULE = Rule(
    id="tangents.invalid",
    severity="warning",
    title="Broken tangents",
    why="the normal map is lit from a wrong direction there",
    fix="export the tangents again, or leave them out: engines compute them",
    source="glTF 2.0, section 3.7.2.1: unit length, w is 1 or -1",
    look=_look,
    parameters=(Parameter("tolerance", 5e-3, "of the length", "how far from 1 is tolerated"),),
    stages=GEOMETRY,
    khronos=("ACCESSOR_VECTOR3_NON_UNIT", "ACCESSOR_INVALID_SIGN"),
)
