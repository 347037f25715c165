"""A large picture of one colour."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        material = piece.part.material
        for slot in material.images():
            pixels = subject.pixels(material, slot)
            if pixels is None or pixels.shape[0] * pixels.shape[1] <= values["texels"]:
                continue
            # A few texels tell most pictures apart before all of them are compared.
            if all((part == pixels[0, 0]).all() for part in (pixels[::64, ::64], pixels)):
                yield Objection(
                    message=f"{slot} of {material.name} is {pixels.shape[1]} x {pixels.shape[0]} "
                    "texels of one colour",
                    measured=pixels.shape[0] * pixels.shape[1],
                    limit=values["texels"],
                    node=piece.node,
                )


RULE = Rule(
    id="texture.flat",
    severity="warning",
    title="Texture of one colour",
    why="memory and a texture fetch are spent on what a factor says",
    fix="use the material factor instead, or a 1 x 1 picture",
    source="glTF 2.0, section 3.9.2: factors",
    look=_look,
    parameters=(Parameter("texels", 4096, "texels", "smaller pictures are not worth a word"),),
    stages=GEOMETRY,
)
