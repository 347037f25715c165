"""Triangles without area in UV space."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import on_atlas
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if not atlas.material.images() or not atlas.finite:
            continue
        lost = (np.abs(atlas.signed_area) < 1e-14) & (atlas.area > 0.0)
        share = float(atlas.area[lost].sum()) / max(float(atlas.area.sum()), 1e-30)
        if share > values["share"]:
            yield Objection(
                message=f"{int(np.count_nonzero(lost)):,} triangles, {share:.1%} of the surface, "
                f"have no area in UV space (material {atlas.material.name})",
                measured=share,
                limit=values["share"],
                count=int(np.count_nonzero(lost)),
                shows=on_atlas(subject, atlas, lost),
            )


RULE = Rule(
    id="uv.degenerate",
    severity="warning",
    title="Collapsed UVs",
    why="the triangle shows a streak of one texel line, and its tangents do not exist",
    fix="unwrap these triangles again",
    source="Roblox, mesh specifications: no degenerate UVs",
    look=_look,
    parameters=(Parameter("share", 0.001, "of the surface", "how much is tolerated"),),
    stages=GEOMETRY,
)
