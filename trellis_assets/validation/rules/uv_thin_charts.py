"""An atlas in slivers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import on_atlas
from ..rule import RUNGS, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if atlas.size is None or not atlas.finite or atlas.chart_count < values["charts"]:
            continue
        narrow = atlas.widths < values["texels"]
        thin = float(np.mean(narrow))
        if thin > values["share"]:
            yield Objection(
                message=f"{thin:.1%} of {atlas.chart_count:,} charts are thinner than "
                f"{values['texels']:g} texels (material {atlas.material.name})",
                measured=thin,
                limit=values["share"],
                count=atlas.chart_count,
                shows=on_atlas(subject, atlas, narrow[atlas.chart]),
            )


RULE = Rule(
    id="uv.thin-charts",
    severity="warning",
    title="Atlas in slivers",
    why="mip levels average across such charts, simplification stalls at their seams",
    fix="unwrap again into fewer, wider charts, and bake",
    source="QtMeshEditor issue 999: 66 % of 11,890 charts thinner than 8 texels",
    look=_look,
    parameters=(
        Parameter(
            "texels", 8, "texels", "area over half the perimeter below which a chart is thin"
        ),
        Parameter("share", 0.5, "of the charts", "how many may be thin"),
        Parameter("charts", 16, "charts", "fewer are not judged"),
    ),
    stages=RUNGS,
)
