"""Pieces that nobody can see, inside closed ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..locate import spot_faces
from ..region import on_surface
from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    surface, shells = subject.surface, subject.surface.shells
    if any(piece.part.material.alpha_mode != "OPAQUE" for piece in subject.materials):
        return  # one may look through the outer piece
    if subject.model.moves:
        return  # an open mouth shows the teeth
    hidden = shells.inside
    if hidden.any():
        faces = surface.solid[hidden[shells.label]]
        share = len(faces) / max(len(surface.faces), 1)
        yield Objection(
            message=f"pieces inside a closed piece: {int(np.count_nonzero(hidden)):,} "
            f"({len(faces):,} triangles, {share:.1%})",
            measured=int(np.count_nonzero(hidden)),
            limit=0,
            shows=on_surface(subject, faces),
            **spot_faces(subject, faces, len(faces)),
        )


RULE = Rule(
    id="mesh.inner-hulls",
    severity="warning",
    title="Hidden inner hulls",
    why="triangles and texture space are spent on what nobody can see",
    fix="remove the inner pieces; the repair step of the pipeline does",
    source="microsoft/TRELLIS.2 issue 25: inner hulls with and without remeshing",
    look=_look,
    stages=GEOMETRY,
)
