"""Base colors no real surface has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rule import MASTER, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        material = piece.part.material
        pixels = subject.pixels(material, "base_color")
        if pixels is None:
            continue
        shown = subject.shown(material, pixels)
        light = shown[:, :3] @ np.array([0.2126, 0.7152, 0.0722], np.float32)
        outside = (light < values["darkest"]) | (light > values["brightest"])
        share = float(np.mean(outside)) if len(light) else 0.0
        if share > values["share"]:
            yield Objection(
                message=f"{share:.1%} of the used texels of {material.name} are darker than "
                f"{values['darkest']:g} or brighter than {values['brightest']:g} (sRGB)",
                measured=share,
                limit=values["share"],
                node=piece.node,
            )


RULE = Rule(
    id="material.base-color-range",
    severity="warning",
    title="Base color too dark or too bright",
    why="such surfaces lose all shading, or glow, under any light",
    fix="bring the albedo into the range of real materials; take baked light out",
    source="Khronos Asset Auditor and 3D Commerce guidelines: sRGB 30 to 243",
    look=_look,
    parameters=(
        Parameter("darkest", 30, "sRGB 0-255", "smallest luminance"),
        Parameter("brightest", 243, "sRGB 0-255", "largest luminance"),
        Parameter("share", 0.1, "of the used texels", "how many may lie outside"),
    ),
    stages=MASTER,
)
