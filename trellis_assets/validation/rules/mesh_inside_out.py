"""Closed pieces that face inwards."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..locate import spot_faces
from ..region import on_surface
from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    surface, shells = subject.surface, subject.surface.shells
    tiny = 1e-9 * max(surface.diagonal, 1e-30) ** 3
    # A piece inside another is a cavity, and rightly faces inwards.
    bad = shells.closed & (shells.volume < -tiny) & ~shells.inside
    if bad.any():
        faces = surface.solid[bad[shells.label]]
        yield Objection(
            message=f"{int(bad.sum()):,} closed pieces ({len(faces):,} triangles) face inwards",
            measured=int(np.count_nonzero(bad)),
            limit=0,
            shows=on_surface(subject, faces),
            **spot_faces(subject, faces, len(faces)),
        )


RULE = Rule(
    id="mesh.inside-out",
    severity="warning",
    title="Flipped pieces",
    why="engines hide back faces: one sees through the front and into the far wall",
    fix="turn these triangles around; the repair step of the pipeline does",
    source="glTF 2.0, section 3.7.2.1: counter-clockwise triangles face the viewer",
    look=_look,
    stages=GEOMETRY,
)
