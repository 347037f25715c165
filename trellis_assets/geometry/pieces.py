"""The parts of a model, simplified side by side to one budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, Part

from . import meshopt
from .simplify import NORMAL_WEIGHT, collapse
from .topology import weld

_FEWEST = 4  # triangles of a part, as long as there are as many for each


@dataclass(frozen=True, eq=False)
class Piece:
    """A part to be simplified."""

    mesh: Mesh
    locked: NDArray[np.bool_]  # (V,) vertices that stay
    steering: NDArray[np.float32] | None  # see moving.steering


def share_out(
    pieces: Sequence[Piece],
    triangles: int,
    max_error: float,
) -> list[meshopt.Simplified]:
    """Simplify every part to its share; what stalled parts overdraw the others make up for."""
    target = _shares(np.array([piece.mesh.triangle_count for piece in pieces]), triangles)
    found = [
        _simplified(piece, int(goal), max_error) for piece, goal in zip(pieces, target, strict=True)
    ]
    reached = np.array([len(item.triangles) for item in found])
    excess = int(reached.sum()) - triangles
    supple = (reached <= target) & (target > 0)
    if excess <= 0 or not supple.any():
        return found
    room = target * supple
    target = target - np.ceil(room * (excess / room.sum())).astype(np.int64)
    return [
        _simplified(piece, max(int(goal), 0), max_error) if bends else item
        for piece, goal, bends, item in zip(pieces, target, supple, found, strict=True)
    ]


def _shares(counts: NDArray[np.int64], triangles: int) -> NDArray[np.int64]:
    """(P,) by the triangles that each part has, so that none is left with nothing for its size."""
    target: NDArray[np.int64] = np.floor(counts * (triangles / counts.sum())).astype(np.int64)
    least = np.minimum(counts, _FEWEST)
    small = target < least
    room = triangles - int(least[small].sum())
    if not small.any() or room < least[~small].sum():
        return target
    shared = np.floor(counts * (room / max(int(counts[~small].sum()), 1))).astype(np.int64)
    return np.asarray(np.where(small, least, np.maximum(shared, np.minimum(least, target))))


def _simplified(piece: Piece, triangles: int, max_error: float) -> meshopt.Simplified:
    mesh = piece.mesh
    if triangles >= mesh.triangle_count:
        return meshopt.Simplified(mesh.triangles, 0.0)
    return collapse(
        mesh.positions,
        mesh.triangles,
        target_triangles=triangles,
        max_error=max_error,
        normals=mesh.normals,
        normal_weight=NORMAL_WEIGHT,
        steering=piece.steering,
        locked=piece.locked if piece.locked.any() else None,
    )


def shared_positions(parts: Sequence[Part]) -> list[NDArray[np.bool_]]:
    """(V,) per part: vertices at a place that another part has too, which must not move apart."""
    counts = [part.mesh.vertex_count for part in parts]
    if len(parts) == 1:
        return [np.zeros(counts[0], bool)]
    place, first = weld(np.concatenate([part.mesh.positions for part in parts]))
    owner = np.repeat(np.arange(len(parts)), counts)
    # Vertices that no triangle of their part uses do not touch anything.
    used = np.concatenate(
        [np.isin(np.arange(n), p.mesh.triangles) for n, p in zip(counts, parts, strict=True)]
    )
    low = np.full(len(first), len(parts))
    high = np.full(len(first), -1)
    np.minimum.at(low, place[used], owner[used])
    np.maximum.at(high, place[used], owner[used])
    shared = (low < high)[place]
    return np.split(shared, np.cumsum(counts)[:-1])
