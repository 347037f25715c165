"""Half metals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rule import MASTER, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        material = piece.part.material
        pixels = subject.pixels(material, "orm")
        if pixels is None:
            continue
        metallic = subject.shown(material, pixels)[:, 2] * np.float32(material.metallic_factor)
        low, high = 255.0 * values["low"], 255.0 * values["high"]
        share = float(np.mean((metallic > low) & (metallic < high))) if len(metallic) else 0.0
        if share > values["share"]:
            yield Objection(
                message=f"{share:.1%} of the used texels of {material.name} have a metallic "
                f"between {values['low']:g} and {values['high']:g}",
                measured=share,
                limit=values["share"],
                node=piece.node,
            )


RULE = Rule(
    id="material.metallic",
    severity="warning",
    title="Neither metal nor not",
    why="no real surface is half a metal: it looks like dirty plastic",
    fix="paint metallic black or white; keep grey for thin edges and dust",
    source="Khronos 3D Commerce guidelines: metallic near black or white only",
    look=_look,
    parameters=(
        Parameter("low", 0.2, "metallic", "up to here it is no metal"),
        Parameter("high", 0.8, "metallic", "from here on it is metal"),
        Parameter("share", 0.15, "of the used texels", "how many may lie between"),
    ),
    stages=MASTER,
)
