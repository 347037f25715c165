"""Nodes that hold nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import items, label, moving_nodes
from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    nodes = items(subject.document, "nodes")
    moving = moving_nodes(subject.document)
    empty = [
        label(node)
        for index, node in enumerate(nodes)
        if not node.keys() & {"mesh", "camera", "skin", "children", "extensions"}
        and index not in moving
    ]
    if empty:
        yield Objection(
            message=f"{len(empty):,} nodes hold nothing: "
            f"{', '.join(repr(name[:40]) for name in empty[:3])}",
            measured=len(empty),
            limit=0,
            node=empty[0],
            count=len(empty),
        )


RULE = Rule(
    id="scene.empty-nodes",
    severity="warning",
    title="Empty nodes",
    why="each one is an object in the engine, updated every frame",
    fix="remove them, unless they mark a place on purpose",
    source="Khronos glTF validator: NODE_EMPTY",
    look=_look,
    stages=FINISHED,
    needs="document",
    khronos=("NODE_EMPTY",),
)
