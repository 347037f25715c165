"""Vertex colours that tint the textures."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.pieces:
        colors = piece.part.mesh.colors
        if colors is not None and piece.part.material.base_color is not None:
            yield Objection(
                message="vertex colours are multiplied with the base color texture",
                count=len(colors),
                node=piece.node,
                primitive=piece.primitive,
            )


RULE = Rule(
    id="mesh.vertex-colors",
    severity="warning",
    title="Vertex colours over a texture",
    why="glTF viewers tint the texture with them, some engines ignore them: two different looks",
    fix="bake the colours into the texture, or leave them out",
    source="Roblox, mesh specifications: no vertex colours; glTF 2.0, section 3.9.2",
    look=_look,
    stages=GEOMETRY,
)
