"""Edges with a triangle on one side only: holes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..locate import spot_faces
from ..region import on_surface
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    found = subject.surface.edges
    bad = found.border
    count = int(np.count_nonzero(bad))
    if count > values["edges"]:
        faces = subject.surface.faces_at(bad)
        yield Objection(
            message=f"{count:,} edges have a triangle on one side only",
            measured=count,
            limit=values["edges"],
            shows=on_surface(subject, faces, bad),
            **spot_faces(subject, faces, count),
        )


RULE = Rule(
    id="mesh.watertight",
    severity="warning",
    title="Open edges",
    why="light and shadow leak through; collision, volume and baking need a closed surface",
    fix="close the holes, or accept open cloth and foliage with a waiver",
    source="Roblox, mesh specifications: watertight; Khronos 3D Commerce guidelines: no holes",
    look=_look,
    parameters=(Parameter("edges", 0, "edges", "how many are tolerated"),),
    stages=GEOMETRY,
)
