"""A mask that cuts nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        material = piece.part.material
        if material.alpha_mode != "MASK":
            continue
        pixels = subject.pixels(material, "base_color")
        alpha = material.base_color_factor[3]
        if pixels is not None and pixels.shape[2] == 4:
            alpha *= float(subject.shown(material, pixels)[:, 3].min(initial=255)) / 255.0
        if alpha >= material.alpha_cutoff:
            yield Objection(
                message=f"material {material.name} is MASK with cutoff "
                f"{material.alpha_cutoff:g}, its lowest alpha is {alpha:.2f}",
                measured=alpha,
                limit=material.alpha_cutoff,
                node=piece.node,
            )


RULE = Rule(
    id="alpha.mask-unused",
    severity="warning",
    title="MASK without cut-outs",
    why="alpha testing switches off early depth tests: the model costs more for nothing",
    fix="declare the material OPAQUE",
    source="Arm, best practices: alpha testing",
    look=_look,
    stages=GEOMETRY,
)
