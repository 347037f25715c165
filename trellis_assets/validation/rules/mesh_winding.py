"""Neighbouring triangles that face opposite ways."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..locate import spot_faces
from ..region import on_surface
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    found = subject.surface.edges
    bad = (found.faces == 2) & (found.balance != 0)
    count = int(np.count_nonzero(bad))
    if count > values["edges"]:
        faces = subject.surface.faces_at(bad)
        yield Objection(
            message=f"{count:,} edges join triangles that face opposite ways",
            measured=count,
            limit=values["edges"],
            shows=on_surface(subject, faces, bad),
            **spot_faces(subject, faces, count),
        )


RULE = Rule(
    id="mesh.winding",
    severity="warning",
    title="Winding conflicts",
    why="one side of each such edge is culled: the model has holes in engines that hide back faces",
    fix="recalculate the face orientation",
    source="microsoft/TRELLIS.2 issue 15: two-sided surfaces without orientation",
    look=_look,
    parameters=(Parameter("edges", 0, "edges", "how many are tolerated"),),
    stages=GEOMETRY,
)
