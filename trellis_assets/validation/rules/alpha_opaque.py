"""Alpha that an opaque material ignores."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rule import GEOMETRY, Objection, Rule, Values
from ..subject import Subject


def _look(subject: Subject, _values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        material = piece.part.material
        pixels = subject.pixels(material, "base_color")
        if material.alpha_mode == "OPAQUE" and pixels is not None and pixels.shape[2] == 4:
            count = int(np.count_nonzero(pixels[..., 3] < 255))
            yield Objection(
                message=f"{count:,} texels of {material.name} have alpha below 255, the material "
                "is OPAQUE",
                measured=count,
                limit=0,
                node=piece.node,
                count=count,
            )


RULE = Rule(
    id="alpha.opaque",
    severity="warning",
    title="Alpha under OPAQUE",
    why="tools that guess by the alpha channel punch holes, and resizing blackens colours",
    fix="drop the channel, as `trellis-assets check --fix` does, or declare MASK or BLEND",
    source="microsoft/TRELLIS.2 writes alpha and declares OPAQUE; QtMeshEditor issue 966",
    look=_look,
    stages=GEOMETRY,
    fixable=True,
)
