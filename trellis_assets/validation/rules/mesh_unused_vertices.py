"""Vertices that no triangle uses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    unused = 0
    worst = ("", 0, 0)
    for piece in subject.pieces:
        mesh = piece.part.mesh
        if not mesh.triangle_count:
            continue
        used = np.zeros(mesh.vertex_count, bool)
        used[mesh.triangles.reshape(-1)] = True
        count = mesh.vertex_count - int(np.count_nonzero(used))
        unused += count
        worst = max(worst, (piece.node, piece.primitive, count), key=lambda one: one[2])
    if unused:
        yield Objection(
            message=f"{unused:,} vertices are used by no triangle",
            measured=unused,
            limit=0,
            node=worst[0],
            primitive=worst[1],
            count=unused,
        )


RULE = Rule(
    id="mesh.unused-vertices",
    severity="warning",
    title="Unused vertices",
    why="they are stored and uploaded, and may grow the bounding box",
    fix="remove them, as `trellis-assets check --fix` does",
    source="glTF-Transform, prune",
    look=_look,
    stages=GEOMETRY,
    fixable=True,
)
