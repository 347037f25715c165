"""UVs outside the texture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..region import Region, on_atlas
from ..rule import GEOMETRY, Objection, Parameter, Rule, Values
from ..subject import Piece, Subject


def _look(subject: Subject, values: Values) -> Iterator[Objection]:
    for piece in subject.pieces:
        uvs = piece.part.mesh.uvs
        if uvs is None or not len(uvs) or not piece.part.material.images():
            continue
        slack = values["slack"]
        outside = ((uvs < -slack) | (uvs > 1.0 + slack)).any(axis=1)
        if count := int(np.count_nonzero(outside)):
            yield Objection(
                message=f"{count:,} of {len(uvs):,} UVs lie outside 0..1, "
                f"as far as {float(np.nanmax(np.abs(uvs - 0.5))) - 0.5:.3g}",
                measured=count,
                limit=0,
                node=piece.node,
                primitive=piece.primitive,
                count=count,
                shows=_beyond(subject, piece, values["slack"]),
            )


def _beyond(subject: Subject, piece: Piece, slack: float) -> Region | None:
    """All triangles of the piece's atlas that leave the first tile."""
    atlas = subject.atlas_of(piece.part.material)
    if atlas is None or not atlas.finite:
        return None
    outside = np.asarray((atlas.uvs < -slack) | (atlas.uvs > 1.0 + slack))[atlas.faces]
    return on_atlas(subject, atlas, np.asarray(outside.any(axis=(1, 2))), repeats=True)


RULE = Rule(
    id="uv.range",
    severity="warning",
    title="UVs outside 0..1",
    why="the texture repeats there; atlases, baking and lightmaps need one tile",
    fix="move each chart into the 0..1 square",
    source="Khronos Asset Auditor: UVs in 0..1; Roblox, mesh specifications",
    look=_look,
    parameters=(
        Parameter("slack", 1e-3, "of the texture", "how far beyond the edge is tolerated"),
    ),
    stages=GEOMETRY,
)
