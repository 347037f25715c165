"""A model without triangles."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    if subject.model.triangle_count == 0:
        yield Objection(message="the model has no triangles", measured=0, limit=1)


RULE = Rule(
    id="mesh.empty",
    severity="error",
    title="No triangles",
    why="nothing is shown; some tools write such files and report success",
    fix="export the mesh with its faces",
    source="measured: gltfpack 1.3 with -si 0.1 -se 1 writes one",
    look=_look,
)
