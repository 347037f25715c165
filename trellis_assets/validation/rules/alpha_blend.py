"""Blending where a mask or nothing would do."""

from __future__ import annotations

from collections.abc import Iterator

from trellis_assets.textures import decide_alpha

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        material = piece.part.material
        if material.alpha_mode != "BLEND" or material.base_color_factor[3] < 1.0:
            continue
        pixels = subject.pixels(material, "base_color")
        shown = None if pixels is None else subject.shown(material, pixels)[None]
        decision = decide_alpha(shown, declared="BLEND")
        if decision.mode != "BLEND":
            yield Objection(
                message=f"material {material.name} is BLEND, but {decision.reason}",
                measured=decision.translucent_share,
                node=piece.node,
                fix=f"declare the material {decision.mode}",
            )


RULE = Rule(
    id="alpha.blend-unneeded",
    severity="warning",
    title="BLEND without translucency",
    why="blended surfaces are sorted, write no depth, cast wrong shadows and cost most on mobile",
    fix="declare the material MASK, or OPAQUE",
    source="Khronos 3D Commerce guidelines: separate opaque and transparent parts",
    look=_look,
    stages=GEOMETRY,
)
