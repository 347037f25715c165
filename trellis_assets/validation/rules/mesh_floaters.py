"""Small pieces in mid-air."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..locate import spot_faces
from ..region import on_surface
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    surface, shells = subject.surface, subject.surface.shells
    adrift = shells.adrift(values["size"])
    if adrift.any():
        faces = surface.solid[adrift[shells.label]]
        yield Objection(
            message=f"{int(np.count_nonzero(adrift)):,} pieces smaller than {values['size']:.1%} "
            "of the model float apart from it",
            measured=int(np.count_nonzero(adrift)),
            limit=0,
            shows=on_surface(subject, faces),
            **spot_faces(subject, faces, len(faces)),
        )


RULE = Rule(
    id="mesh.floaters",
    severity="warning",
    title="Floating specks",
    why="dust around the model grows its bounding box and catches the eye",
    fix="remove the specks; the repair step of the pipeline does",
    source="microsoft/TRELLIS.2 postprocess: components below 1e-5 are dropped",
    look=_look,
    parameters=(
        Parameter("size", 0.02, "of the diagonal", "largest piece that counts as a speck"),
    ),
    stages=GEOMETRY,
)
