"""A picture that cannot be opened."""

from __future__ import annotations

from collections.abc import Iterator

from trellis_assets.textures import TextureError

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        material = piece.part.material
        for slot, image in material.images().items():
            found = subject.texture(material, slot)
            if isinstance(found, TextureError) and image.mime != "image/ktx2":
                yield Objection(
                    message=f"{slot} of {material.name}: {found.message}",
                    node=piece.node,
                    fix=found.fix,
                )


RULE = Rule(
    id="texture.decodes",
    severity="error",
    title="Broken texture",
    why="engines show pink, white or nothing",
    fix="export the texture again as PNG or JPEG",
    source="glTF 2.0, section 3.8.2",
    look=_look,
    stages=GEOMETRY | {"generated"},
    khronos=("IMAGE_DATA_INVALID", "IMAGE_UNEXPECTED_EOS", "IMAGE_UNRECOGNIZED_FORMAT"),
)
