"""A mesh without normals."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.pieces:
        mesh = piece.part.mesh
        if mesh.normals is None and mesh.triangle_count:
            yield Objection(
                message="the mesh has no normals",
                node=piece.node,
                primitive=piece.primitive,
                count=mesh.vertex_count,
            )


RULE = Rule(
    id="normals.missing",
    severity="warning",
    title="No normals",
    why="glTF viewers shade it flat, engines each guess in their own way",
    fix="export vertex normals",
    source="glTF 2.0, section 3.7.2.1",
    look=_look,
    stages=GEOMETRY,
)
