"""A closed mesh drawn from both sides."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    shells = subject.surface.shells
    for index, piece in enumerate(subject.pieces):
        if not piece.part.material.double_sided or piece.part.material.alpha_mode != "OPAQUE":
            continue
        mine = subject.surface.part[subject.surface.solid] == index
        labels = shells.label[mine]
        if len(labels) and shells.closed[labels].all():
            yield Objection(
                message=f"material {piece.part.material.name} is double-sided, the mesh is closed",
                node=piece.node,
                primitive=piece.primitive,
                count=len(labels),
            )


RULE = Rule(
    id="material.double-sided",
    severity="warning",
    title="Double-sided though closed",
    why="back faces that nobody sees are shaded; some engines disable culling and shadows with it",
    fix="export the material single-sided",
    source="Khronos 3D Commerce guidelines; meshoptimizer: culling",
    look=_look,
    stages=GEOMETRY,
)
