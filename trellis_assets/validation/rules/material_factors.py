"""A metallic default left over."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import MASTER, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        material = piece.part.material
        full = material.metallic_factor == 1.0 and material.roughness_factor == 1.0
        if full and material.orm is None and material.name != "default":
            yield Objection(
                message=f"material {material.name} is fully metallic and fully rough, and has no "
                "texture that says so",
                measured=material.metallic_factor,
                node=piece.node,
            )


RULE = Rule(
    id="material.factors",
    severity="warning",
    title="Metal without a texture",
    why="a material that names no metallic factor is a metal: it reflects the sky and looks black",
    fix="set metallicFactor to 0, or give it a texture",
    source="glTF 2.0, section 5.22.3: metallicFactor defaults to 1",
    look=_look,
    stages=MASTER,
)
