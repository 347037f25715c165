"""Space between charts, at the mip levels where they are seen."""

from __future__ import annotations

from collections.abc import Iterator

from ..region import on_texels
from ..rule import RUNGS, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for atlas in subject.atlases:
        if atlas.size is None or not atlas.finite or atlas.chart_count < 2:
            continue
        side = max(atlas.size)
        levels = range(1, int(values["mips"]) + 1)
        shares = [atlas.cover.mixed(side >> level) for level in levels]
        if shares and shares[-1] > values["share"]:
            told = ", ".join(
                f"{share:.1%} at mip {level} ({side >> level} texels)"
                for level, share in zip(levels, shares, strict=True)
            )
            yield Objection(
                message=f"used texels that mix charts: {told} (material {atlas.material.name})",
                measured=shares[-1],
                limit=values["share"],
                shows=on_texels(subject, atlas, atlas.cover.mixing(side >> levels[-1])),
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
