"""Vertices repeated although nothing sets them apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trellis_assets.geometry.rows import same_rows
from trellis_assets.geometry.vertices import moving_rows
from trellis_assets.gltf import Mesh

from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for piece in subject.pieces:
        mesh = piece.part.mesh
        if not mesh.vertex_count:
            continue
        spare = mesh.vertex_count - len(same_rows(_attributes(mesh))[1])
        if spare > values["share"] * mesh.vertex_count:
            yield Objection(
                message=f"{spare:,} of {mesh.vertex_count:,} vertices repeat another one exactly",
                measured=spare,
                limit=values["share"] * mesh.vertex_count,
                node=piece.node,
                primitive=piece.primitive,
                count=spare,
            )


def _attributes(mesh: Mesh) -> NDArray[np.float32]:
    arrays = (mesh.positions, mesh.normals, mesh.uvs, mesh.tangents, mesh.colors, moving_rows(mesh))
    return np.concatenate([array for array in arrays if array is not None], axis=1)


RULE = Rule(
    id="mesh.split-vertices",
    severity="warning",
    title="Unwelded vertices",
    why="each copy is transformed and stored again, up to six times in a mesh without an index",
    fix="weld equal vertices, as `trellis-assets check --fix` does",
    source="meshoptimizer, README: vertex cache and indexing",
    look=_look,
    parameters=(Parameter("share", 0.05, "of the vertices", "how many are tolerated"),),
    stages=GEOMETRY,
    fixable=True,
)
