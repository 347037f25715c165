"""A normal map that holds no normals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for piece in subject.materials:
        material = piece.part.material
        pixels = subject.pixels(material, "normal")
        if pixels is None:
            continue
        vectors = subject.shown(material, pixels)[:, :3].astype(np.float32) / 127.5 - 1.0
        length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        wrong = (np.abs(length - 1.0) > values["tolerance"]) | (vectors[:, 2] < -0.1)
        share = float(np.mean(wrong)) if len(wrong) else 0.0
        if share > values["share"]:
            yield Objection(
                message=f"{share:.1%} of the used texels of {material.name}'s normal map are no "
                "unit vectors that point out of the surface",
                measured=share,
                limit=values["share"],
                node=piece.node,
            )


RULE = Rule(
    id="texture.normal-map",
    severity="warning",
    title="Not a normal map",
    why="the surface is lit as if it were folded",
    fix="export a tangent-space normal map, OpenGL convention, without sRGB",
    source="glTF 2.0, section 3.9.3; Roblox: OpenGL normal maps",
    look=_look,
    parameters=(
        Parameter("tolerance", 0.25, "of the length", "how far from 1 is tolerated"),
        Parameter("share", 0.1, "of the used texels", "how many may be wrong"),
    ),
    stages=GEOMETRY,
)
