"""Triangles folded over inside their chart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import on_atlas
from ..rule import RUNGS, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if not atlas.material.images() or not atlas.finite:
            continue
        share = float(atlas.area[atlas.folded].sum()) / max(float(atlas.area.sum()), 1e-30)
        if share > values["share"]:
            yield Objection(
                message=f"{int(np.count_nonzero(atlas.folded)):,} triangles, {share:.1%} of the "
                f"surface, are folded over in their chart (material {atlas.material.name})",
                measured=share,
                limit=values["share"],
                count=int(np.count_nonzero(atlas.folded)),
                shows=on_atlas(subject, atlas, atlas.folded),
            )


RULE = Rule(
    id="uv.folded",
    severity="warning",
    title="Folded UVs",
    why="the texture runs back over itself: streaks and wrong light along the fold",
    fix="unwrap these charts again",
    source="Khronos Asset Auditor: inverted UVs",
    look=_look,
    parameters=(Parameter("share", 0.005, "of the surface", "how much is tolerated"),),
    stages=RUNGS,
)
