"""Triangles without area."""

from __future__ import annotations

from collections.abc import Iterator

from ..locate import spot
from ..region import on_surface
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    surface = subject.surface
    bad = surface.collapsed | surface.flat
    count = int(bad.sum())
    if count > values["share"] * len(bad):
        yield Objection(
            message=f"{count:,} of {len(bad):,} triangles have no area",
            measured=count,
            limit=values["share"] * len(bad),
            shows=on_surface(subject, bad),
            **spot(subject, bad),
        )


RULE = Rule(
    id="mesh.degenerate",
    severity="warning",
    title="Degenerate triangles",
    why="they cost as much as others, show nothing, and break normals, tangents and baking",
    fix="remove them, as `trellis-assets check --fix` does",
    source="Roblox, mesh specifications: no zero-area triangles",
    look=_look,
    parameters=(Parameter("share", 0.0, "of the triangles", "how many are tolerated"),),
    stages=GEOMETRY,
    khronos=("ACCESSOR_INDEX_TRIANGLE_DEGENERATE",),
    fixable=True,
)
