"""Normals that point against their triangles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trellis_assets.geometry.topology import face_vectors

from ..region import on_surface
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for piece in subject.pieces:
        mesh = piece.part.mesh
        if mesh.normals is None or not mesh.triangle_count:
            continue
        area = face_vectors(mesh.positions, mesh.triangles)
        corners = mesh.normals[mesh.triangles]
        against = np.einsum("ij,ikj->i", area, corners) < 0.0
        size = np.sqrt(np.einsum("ij,ij->i", area, area))
        share = float(size[against].sum()) / max(float(size.sum()), 1e-30)
        if share > values["share"]:
            count = int(np.count_nonzero(against))
            yield Objection(
                message=f"{count:,} triangles, {share:.1%} of the surface, face against their "
                "normals",
                measured=share,
                limit=values["share"],
                node=piece.node,
                primitive=piece.primitive,
                count=count,
                shows=on_surface(subject, subject.triangles_of(piece)[against]),
            )


RULE = Rule(
    id="normals.flipped",
    severity="warning",
    title="Normals against faces",
    why="these faces are lit from the wrong side",
    fix="recompute the normals from the faces",
    source="Khronos 3D Commerce Asset Creation Guidelines",
    look=_look,
    parameters=(Parameter("share", 0.005, "of the surface", "how much is tolerated"),),
    stages=GEOMETRY,
)
