"""A picture that only a GPU opens."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        for slot, image in piece.part.material.images().items():
            if image.mime == "image/ktx2":
                yield Objection(
                    message=f"{slot} of {piece.part.material.name} is KTX2 and was not opened",
                    node=piece.node,
                )


RULE = Rule(
    id="texture.unseen",
    severity="info",
    title="Texture not judged",
    why="KTX2 textures are not decoded here: rules about colour and alpha stay silent",
    fix="check the model before its textures are compressed",
    source="KHR_texture_basisu",
    look=_look,
    stages=FINISHED,
)
