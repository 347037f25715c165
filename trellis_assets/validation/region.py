"""What a finding is about: the triangles, edges and texels that a picture should show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .atlas import Atlas
    from .subject import Piece, Subject

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Region:
    """Marked triangles of a subject, on its surface or in one of its atlases.

    Attributes:
        subject: the model.
        faces: (N,) numbers of the triangles: in ``subject.surface``, or in ``atlas`` if there is
            one. Empty where ``texels`` say it better.
        edges: (E, 2) numbers of ``subject.surface.points``: edges that are at fault.
        atlas: the layout to show it in.
        texels: (G, G) cells of the atlas that are at fault; the triangles that use them are meant.
        repeats: show the layout as it stands, beyond the first tile.
    """

    subject: Subject
    faces: Int64
    edges: Int64 | None = None
    atlas: Atlas | None = None
    texels: Bool | None = None
    repeats: bool = False


def on_surface(subject: Subject, chosen: NDArray[np.generic], edges: Bool | None = None) -> Region:
    """Triangles of the whole model, (T,) true or (N,) numbers; (E,) true for edges at fault."""
    ends = None if edges is None else subject.surface.edges.ends[edges]
    return Region(subject, _numbers(chosen), edges=ends)


def on_vertices(subject: Subject, piece: Piece, chosen: Bool) -> Region | None:
    """The triangles at vertices of a piece, (V,) as they stand in the file."""
    mesh = piece.part.mesh
    if len(chosen) != mesh.vertex_count:
        return None
    return on_surface(subject, subject.triangles_of(piece)[chosen[mesh.triangles].any(axis=1)])


def on_atlas(
    subject: Subject, atlas: Atlas, chosen: NDArray[np.generic], *, repeats: bool = False
) -> Region:
    """Triangles of an atlas, (T,) true or (N,) numbers."""
    return Region(subject, _numbers(chosen), atlas=atlas, repeats=repeats)


def on_texels(subject: Subject, atlas: Atlas, texels: Bool) -> Region:
    """Cells of an atlas, (G, G)."""
    return Region(subject, np.zeros(0, np.int64), atlas=atlas, texels=texels)


def _numbers(chosen: NDArray[np.generic]) -> Int64:
    return np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(np.int64)
