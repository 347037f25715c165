"""Fewer triangles for a model that moves and gets a new atlas: its UV seams hold nothing back.

The vertices are some of its own, as in :mod:`.reduce`, so that bones and shapes stay exact. None is
moved to fit the surface better: what fits at rest need not fit in another pose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, Model, Part

from ._errors import EmptyModel
from .meshopt import Simplified
from .moving import steering
from .pieces import Piece, share_out, shared_positions
from .rows import same_rows
from .simplify import largest_pieces, piece_count, vertex_normals, without_degenerate
from .vertices import moving_rows, side_by_side, taken


@dataclass(frozen=True, eq=False)
class MovingShape:
    """A mesh for each group of parts, with positions, bones and shapes alone."""

    meshes: tuple[Mesh, ...]
    error: float
    """Metres at rest, as the quadrics estimate it."""
    dropped: int
    """Pieces of the surface that the result has not."""


def collapse_moving(
    master: Model, groups: Sequence[Sequence[Part]], *, triangles: int
) -> MovingShape:
    """At most ``triangles`` over some of the vertices of ``master``.

    Triangles without an area at rest are left out: no texture can be laid on them.

    Args:
        master: a model that moves.
        groups: its parts; those of a group are moved by the same node, skin and shapes.
        triangles: of all groups together.

    Raises:
        EmptyModel: no triangle has an area.
    """
    soups = [_soup(parts) for parts in groups]
    if not any(soup.triangle_count for soup in soups):
        raise EmptyModel("no triangle of the model has an area", fix="export it again")
    parts = [replace(parts[0], mesh=soup) for parts, soup in zip(groups, soups, strict=True)]
    steers = steering(replace(master, parts=tuple(parts)))
    free = [np.zeros(soup.vertex_count, bool) for soup in soups]
    for locks in (shared_positions(parts), free):
        found = share_out(list(map(Piece, soups, locks, steers)), triangles, 1.0)
        if sum(len(item.triangles) for item in found) <= triangles:
            break
    kept = _largest(soups, found, triangles)
    sizes = [float(np.ptp(soup.positions, axis=0).max(initial=0.0)) for soup in soups]
    return MovingShape(
        meshes=tuple(map(_compact, soups, kept)),
        error=max(item.error * size for item, size in zip(found, sizes, strict=True)),
        dropped=sum(map(_lost, soups, kept)),
    )


def _soup(parts: Sequence[Part]) -> Mesh:
    """Parts in one, with one vertex for all that are at one place in every pose."""
    whole = side_by_side([part.mesh for part in parts])
    group, first = same_rows(np.concatenate([whole.positions, moving_rows(whole)], axis=1))
    solid = without_degenerate(whole.positions[first], group[whole.triangles])
    soup = taken(whole, first, solid.astype(np.uint32))
    return replace(soup, normals=vertex_normals(soup.positions, solid))


def _largest(
    soups: Sequence[Mesh], found: Sequence[Simplified], triangles: int
) -> list[NDArray[np.int64]]:
    """The triangles of each soup; the smallest pieces are left out where there are too many."""
    faces = [
        without_degenerate(soup.positions, item.triangles)
        for soup, item in zip(soups, found, strict=True)
    ]
    share = min(triangles / max(sum(map(len, faces)), 1), 1.0)
    return [
        largest_pieces(soup.positions, own, int(share * len(own)))
        for soup, own in zip(soups, faces, strict=True)
    ]


def _compact(soup: Mesh, faces: NDArray[np.int64]) -> Mesh:
    used, local = np.unique(faces, return_inverse=True)
    return replace(taken(soup, used, local.reshape(-1, 3).astype(np.uint32)), normals=None)


def _lost(soup: Mesh, faces: NDArray[np.int64]) -> int:
    whole = soup.triangles.astype(np.int64)
    return max(piece_count(soup.positions, whole) - piece_count(soup.positions, faces), 0)
