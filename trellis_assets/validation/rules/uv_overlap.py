"""Several triangles on one texel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import on_texels
from ..rule import RUNGS, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if not atlas.material.images() or not atlas.finite:
            continue
        count = atlas.cover.count
        covered = int(np.count_nonzero(count))
        several = count > 1
        share = int(np.count_nonzero(several)) / max(covered, 1)
        if share > values["share"]:
            yield Objection(
                message=f"{share:.1%} of the used texels belong to several triangles "
                f"(material {atlas.material.name})",
                measured=share,
                limit=values["share"],
                shows=on_texels(subject, atlas, several.reshape(atlas.cover.grid, -1)),
            )


RULE = Rule(
    id="uv.overlap",
    severity="warning",
    title="Overlapping UVs",
    why="baked light, normals and paint of one place show in another",
    fix="unwrap again without overlap, or accept mirrored halves with a waiver",
    source="Khronos Asset Auditor: UV overlap; Fab: lightmap UVs without overlap",
    look=_look,
    parameters=(Parameter("share", 0.01, "of the used texels", "how many are tolerated"),),
    stages=RUNGS,
)
