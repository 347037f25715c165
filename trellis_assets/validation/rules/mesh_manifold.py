"""Edges of more than two triangles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..locate import spot_faces
from ..region import on_surface
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    found = subject.surface.edges
    bad = found.crowded
    count = int(np.count_nonzero(bad))
    if count > values["edges"]:
        faces = subject.surface.faces_at(bad)
        yield Objection(
            message=f"{count:,} edge{' is' if count == 1 else 's are'} shared by more than two "
            "triangles",
            measured=count,
            limit=values["edges"],
            shows=on_surface(subject, faces, bad),
            **spot_faces(subject, faces, count),
        )


RULE = Rule(
    id="mesh.manifold",
    severity="warning",
    title="Non-manifold edges",
    why="simplification, unwrapping and collision assume two triangles at an edge",
    fix="split the surfaces that touch there, or remove the inner ones",
    source="Khronos Asset Auditor: non-manifold edges",
    look=_look,
    parameters=(Parameter("edges", 0, "edges", "how many are tolerated"),),
    stages=GEOMETRY,
)
