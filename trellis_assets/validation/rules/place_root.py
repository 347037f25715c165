"""A transform left on the root."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import element_at, items, label
from ..rule import MASTER, Objection, Rule, Values
from ..subject import Subject

_REST = {
    "matrix": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    "translation": [0, 0, 0],
    "rotation": [0, 0, 0, 1],
    "scale": [1, 1, 1],
}


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    document = subject.document
    if items(document, "animations") or items(document, "skins"):
        return  # bones hang on the roots, and clips are relative to these
    scene = element_at(document, "scenes", document.get("scene", 0))
    for index in scene["nodes"] if isinstance(scene.get("nodes"), list) else ():
        node = element_at(document, "nodes", index)
        moved = [key for key, value in _REST.items() if key in node and node[key] != value]
        if moved:
            yield Objection(
                message=f"root node {label(node)!r} has a {' and '.join(moved)}", node=label(node)
            )


RULE = Rule(
    id="place.root-transform",
    severity="warning",
    title="Root not clean",
    why="engines that drop or double it place, scale or turn the model wrongly",
    fix="apply the transform to the mesh",
    source="Khronos Asset Auditor: clean root transform",
    look=_look,
    stages=MASTER,
    needs="document",
)
