"""The same triangle twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..locate import spot
from ..region import on_surface
from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    repeated = subject.surface.repeated
    if count := int(np.count_nonzero(repeated)):
        yield Objection(
            message=f"{count:,} triangles repeat another one, corner for corner",
            measured=count,
            limit=0,
            shows=on_surface(subject, subject.surface.coincident),
            **spot(subject, repeated),
        )


RULE = Rule(
    id="mesh.duplicate-faces",
    severity="warning",
    title="Duplicate triangles",
    why="two surfaces in one place flicker (z-fighting) and are paid for twice",
    fix="remove them, as `trellis-assets check --fix` does",
    source="Khronos 3D Commerce Asset Creation Guidelines",
    look=_look,
    stages=GEOMETRY,
    fixable=True,
)
