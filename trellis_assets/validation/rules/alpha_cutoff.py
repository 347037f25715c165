"""A cutoff that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import items, label
from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for material in items(subject.document, "materials"):
        if "alphaCutoff" in material and material.get("alphaMode", "OPAQUE") != "MASK":
            yield Objection(
                message=f"material {label(material)!r} has an alpha cutoff but is not MASK"
            )


RULE = Rule(
    id="alpha.cutoff",
    severity="warning",
    title="Cutoff without MASK",
    why="somebody meant a mask: the material shows no cut-outs",
    fix="declare MASK, or remove the cutoff, as `trellis-assets check --fix` does",
    source="glTF 2.0, section 3.9.4",
    look=_look,
    stages=FINISHED,
    needs="document",
    khronos=("MATERIAL_ALPHA_CUTOFF_INVALID_MODE",),
    fixable=True,
)
