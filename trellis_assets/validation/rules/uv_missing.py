"""A textured part without UVs."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.pieces:
        mesh = piece.part.mesh
        if mesh.uvs is None and mesh.triangle_count and piece.part.material.images():
            yield Objection(
                message="the material has textures, but the mesh has no UVs",
                node=piece.node,
                primitive=piece.primitive,
                count=mesh.triangle_count,
            )


RULE = Rule(
    id="uv.missing",
    severity="error",
    title="Texture without UVs",
    why="the whole part shows one texel",
    fix="unwrap the mesh and export TEXCOORD_0",
    source="glTF 2.0, section 3.7.2",
    look=_look,
    khronos=("MESH_PRIMITIVE_TOO_FEW_TEXCOORDS",),
)
