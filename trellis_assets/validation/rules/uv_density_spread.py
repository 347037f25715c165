"""Parts sharper than others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import on_atlas
from ..rule import RUNGS, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if atlas.size is None or not atlas.finite or not atlas.area.any():
            continue
        spread = atlas.density_spread
        if spread > values["spread"]:
            yield Objection(
                message=f"texel density varies by a factor of {2**spread:.1f} "
                f"(material {atlas.material.name}), at most {2 ** values['spread']:.1f}",
                measured=spread,
                limit=values["spread"],
                shows=on_atlas(subject, atlas, np.abs(atlas.unevenness) > values["spread"]),
            )


RULE = Rule(
    id="uv.density-spread",
    severity="warning",
    title="Uneven texel density",
    why="sharp and blurred areas sit side by side",
    fix="scale the charts by their area in metres",
    source="Khronos Asset Auditor: texel density minimum and maximum",
    look=_look,
    parameters=(Parameter("spread", 1.0, "powers of two", "standard deviation over the surface"),),
    stages=RUNGS,
)
