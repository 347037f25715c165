"""Texels per metre."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import RUNGS, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if atlas.size is None or not atlas.finite or not atlas.area.any():
            continue
        density = atlas.density
        if not values["least"] <= density <= values["most"]:
            low = density < values["least"]
            yield Objection(
                message=f"{density:.3g} texels per metre (material {atlas.material.name}), "
                f"{'at least' if low else 'at most'} {values['least' if low else 'most']:g}",
                measured=density,
                limit=values["least" if low else "most"],
            )


RULE = Rule(
    id="uv.texel-density",
    severity="warning",
    title="Texel density",
    why="too few look blurred beside other assets, too many waste memory",
    fix="resize the texture, or scale the charts",
    source="Empire texturing course: 10.24 px/cm as a house standard; Khronos Asset Auditor",
    look=_look,
    parameters=(
        Parameter("least", 16, "texels per metre", "smallest accepted mean"),
        Parameter("most", 32768, "texels per metre", "largest accepted mean"),
    ),
    stages=RUNGS,
)
