"""A normal map without tangents."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.pieces:
        mesh, material = piece.part.mesh, piece.part.material
        if material.normal is not None and mesh.tangents is None and mesh.triangle_count:
            yield Objection(
                message=f"material {material.name} has a normal map, the mesh has no tangents",
                node=piece.node,
                primitive=piece.primitive,
                count=mesh.vertex_count,
            )


RULE = Rule(
    id="tangents.missing",
    severity="info",
    title="No tangents",
    why="each engine computes tangents of its own, and seams may show in the normal map",
    fix="export tangents (MikkTSpace), or accept that engines compute them",
    source="glTF 2.0, section 3.7.2.1: MikkTSpace is used where tangents are missing",
    look=_look,
    stages=GEOMETRY,
    khronos=("MESH_PRIMITIVE_GENERATED_TANGENT_SPACE",),
)
