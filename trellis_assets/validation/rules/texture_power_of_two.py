"""Texture sides that are no power of two."""

from __future__ import annotations

from collections.abc import Iterator

from ..rule import FINISHED, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for slot, (width, height) in subject.measured.textures.items():
        for side in (width, height):
            if side & (side - 1):
                yield Objection(message=f"{slot} is {width} x {height}", measured=side)
                break


RULE = Rule(
    id="texture.power-of-two",
    severity="warning",
    title="Texture size no power of two",
    why="many engines cannot build mip levels of such textures, or compress them",
    fix="resize to a power of two, as `trellis-assets check --fix` does",
    source="Khronos 3D Commerce Asset Creation Guidelines",
    look=_look,
    stages=FINISHED,
    khronos=("IMAGE_NPOT_DIMENSIONS",),
    fixable=True,
)
