"""Mirrored UV triangles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import on_atlas
from ..rule import CHECK_ONLY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if not atlas.material.images() or not atlas.finite:
            continue
        mirrored = atlas.signed_area < -1e-12
        share = float(atlas.area[mirrored].sum()) / max(float(atlas.area.sum()), 1e-30)
        if share > values["share"]:
            yield Objection(
                message=f"{int(np.count_nonzero(mirrored)):,} triangles, {share:.1%} of the "
                f"surface, are mirrored in UV space (material {atlas.material.name})",
                measured=share,
                limit=values["share"],
                count=int(np.count_nonzero(mirrored)),
                shows=on_atlas(subject, atlas, mirrored),
            )


RULE = Rule(
    id="uv.inverted",
    severity="info",
    title="Mirrored UVs",
    why="text reads backwards, and normal maps without tangents light up from the wrong side",
    fix="flip the charts, or accept mirrored halves with a waiver",
    source="Khronos Asset Auditor: inverted UVs",
    look=_look,
    parameters=(Parameter("share", 0.01, "of the surface", "how much is tolerated"),),
    stages=CHECK_ONLY,
)
