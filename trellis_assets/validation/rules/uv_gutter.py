"""Space between charts, at the mip levels where they are seen."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import RUNGS, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if atlas.size is None or not atlas.finite or atlas.chart_count < 2:
            continue
        levels = int(values["mips"])
        side = max(atlas.size) >> levels
        share = atlas.cover.mixed(side)
        if share > values["share"]:
            yield Objection(
                message=f"at {side} texels (mip {levels}), {share:.1%} of the used texels mix "
                f"charts (material {atlas.material.name})",
                measured=share,
                limit=values["share"],
            )


RULE = Rule(
    id="uv.gutter",
    severity="warning",
    title="Gutter too narrow",
    why="at a distance the colour of one chart bleeds into its neighbour along every seam",
    fix="unwrap with wider padding, or into fewer charts",
    source="Khronos Asset Auditor: 8 px at 1024 are 1 px at 128; QtMeshEditor issue 966",
    look=_look,
    parameters=(
        Parameter("mips", 2, "levels", "halvings that the gutter must survive"),
        Parameter("share", 0.1, "of the used texels", "how many may mix charts"),
    ),
    stages=RUNGS,
)
