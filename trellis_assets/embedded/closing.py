"""A decimated closed surface made 2-manifold again, also after welding by position.

Quadric decimators without a link condition pinch closed surfaces: two sheets come to share an edge
or a vertex. The sheets are taken apart again: pairs of triangles that cover each other go, each
fan of triangles around a vertex gets its own copy, copies move a little into their own fan, and an
edge that two sheets still share is split once per sheet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.connected import connected
from trellis_assets.embedded.halfedges import ends, next_half_edge, twins
from trellis_assets.embedded.silhouette import MAX_BODIES

Float = NDArray[np.float32]
Triangles = NDArray[np.uint32]
Int = NDArray[np.int64]

# Fraction of the way a copy moves towards the middle of its own fan.
STEP_ASIDE = 0.05
SMALLEST_FACES = 8
SMALLEST_AREA_SHARE = 2e-5
ROUNDS = 12


def closed(positions: Float, triangles: Triangles) -> tuple[Float, Triangles, Int] | None:
    """Positions, triangles and half-edge twins of a closed 2-manifold; None if that fails.

    Input: triangles whose edges are used equally often in both directions.
    """
    # Decimation leaves most vertices without a triangle.
    positions, triangles = _compact(positions, triangles)
    triangles = _without_folds(triangles)
    for _ in range(ROUNDS):
        if len(triangles) < 4:
            return None
        pairs, crowded = twins(triangles, len(positions))
        if (pairs < 0).any():
            return None
        positions, triangles = _one_vertex_per_fan(positions, triangles, pairs)
        crowded = _still_crowded(triangles, crowded, len(positions))
        if not crowded.any():
            break
        positions, triangles = _split_edges(positions, triangles, pairs, crowded)
    else:
        return None
    triangles, pairs = _without_crumbs(positions, triangles, pairs)
    positions, triangles = _compact(positions, triangles)
    if len(triangles) < 4 or not _distinct(positions):
        return None
    return positions, triangles, pairs


def _still_crowded(
    triangles: Triangles, crowded: NDArray[np.bool_], vertex_count: int
) -> NDArray[np.bool_]:
    """Which of the ``crowded`` half-edges share their edge with two others even now."""
    which = np.flatnonzero(crowded)
    start, end = triangles.ravel()[which], triangles[which // 3, (which + 1) % 3]
    key = np.minimum(start, end).astype(np.int64) * vertex_count + np.maximum(start, end)
    _, place, amount = np.unique(key, return_inverse=True, return_counts=True)
    result = np.zeros_like(crowded)
    result[which[amount[place] > 2]] = True
    return result


def components(triangles: Triangles, vertex_count: int) -> tuple[int, Int]:
    """Number of connected parts, and the part of each triangle."""
    corners = triangles.astype(np.int64)
    _, labels = connected(vertex_count, corners[:, :2].ravel(), corners[:, 1:].ravel())
    label = labels[triangles[:, 0]]
    used = np.zeros(vertex_count, dtype=bool)
    used[label] = True
    return int(used.sum()), (np.cumsum(used) - 1)[label]


def _without_folds(triangles: Triangles) -> Triangles:
    """Without pairs of triangles on the same three corners, facing each other."""
    corners = np.sort(triangles.astype(np.int64), axis=1)
    real = (corners[:, 0] != corners[:, 1]) & (corners[:, 1] != corners[:, 2])
    triangles, corners = triangles[real], corners[real]
    order = np.lexsort((corners[:, 2], corners[:, 1], corners[:, 0]))
    ordered = corners[order]
    same = np.flatnonzero((ordered[1:] == ordered[:-1]).all(axis=1))
    if same.size == 0:
        return triangles
    # In a run of equal ones, remove every second neighbouring pair: parity survives.
    run_start = np.concatenate([[True], np.diff(same) > 1])
    begin = np.maximum.accumulate(np.where(run_start, same, 0))
    chosen = same[(same - begin) % 2 == 0]
    keep = np.ones(len(triangles), dtype=bool)
    keep[order[chosen]] = keep[order[chosen + 1]] = False
    return triangles[keep]


def _one_vertex_per_fan(
    positions: Float, triangles: Triangles, pairs: Int
) -> tuple[Float, Triangles]:
    """A vertex of its own, moved a little aside, for every fan of triangles where several meet."""
    vertex = triangles.ravel().astype(np.int64)
    around = next_half_edge(pairs)
    pinched = _pinched(vertex, around, len(positions))[vertex]
    corner = np.flatnonzero(pinched)
    if corner.size == 0:
        return positions, triangles
    slot = np.cumsum(pinched) - 1
    count, fan = connected(corner.size, np.arange(corner.size), slot[around[corner]])
    amount = np.bincount(fan, minlength=count)[:, None]
    centres = positions[triangles[corner // 3]].mean(axis=1)
    centre = np.stack([np.bincount(fan, centres[:, axis], count) for axis in range(3)], axis=1)
    of_fan = np.zeros(count, dtype=np.int64)
    of_fan[fan] = vertex[corner]
    copies = positions[of_fan] + STEP_ASIDE * (centre / amount - positions[of_fan])
    vertex[corner] = len(positions) + fan
    return (
        np.concatenate([positions, copies.astype(np.float32)]),
        vertex.reshape(-1, 3).astype(np.uint32),
    )


def _pinched(vertex: Int, around: Int, count: int) -> NDArray[np.bool_]:
    """Vertices (count,) where walking ``around`` one fan does not pass all half-edges."""
    valence = np.bincount(vertex, minlength=count)
    home = np.zeros(count, dtype=np.int64)
    home[vertex] = np.arange(vertex.size)
    walking = np.flatnonzero(valence)
    at, steps = around[home[walking]], 1
    result = np.zeros(count, dtype=bool)
    while walking.size:
        back = at == home[walking]
        result[walking[back & (valence[walking] != steps)]] = True
        walking, at = walking[~back], around[at[~back]]
        steps += 1
    return result


def _split_edges(
    positions: Float, triangles: Triangles, pairs: Int, crowded: NDArray[np.bool_]
) -> tuple[Float, Triangles]:
    """A new vertex on every crowded pair of half-edges, at most one per triangle and round."""
    one = np.flatnonzero(crowded & (np.arange(pairs.size) < pairs))
    both = np.stack([one, pairs[one]])
    face = both // 3
    # Greedy: the first edge that names both of its triangles wins.
    rank = np.arange(one.size)
    best = np.full(len(triangles), one.size, dtype=np.int64)
    np.minimum.at(best, face[0], rank)
    np.minimum.at(best, face[1], rank)
    wins = (best[face[0]] == rank) & (best[face[1]] == rank) & (face[0] != face[1])
    both, face = both[:, wins], face[:, wins]
    middle = np.arange(both.shape[1]) + len(positions)
    start, end = ends(triangles)
    at = 0.5 * (positions[start[both[0]]] + positions[end[both[0]]])
    centre = positions[triangles[face]].mean(axis=(0, 2))
    at = at + STEP_ASIDE * (centre - at)
    result = triangles.copy()
    extra: list[Triangles] = []
    for side in range(2):
        edge = both[side]
        a, b = start[edge], end[edge]
        c = end[next_half_edge(edge)]
        result[face[side]] = np.stack([a, middle, c], axis=1)
        extra.append(np.stack([middle, b, c], axis=1).astype(np.uint32))
    return np.concatenate([positions, at.astype(np.float32)]), np.concatenate([result, *extra])


def _without_crumbs(positions: Float, triangles: Triangles, pairs: Int) -> tuple[Triangles, Int]:
    """Without whole parts that are inside out, tiny, of fewer than eight triangles, or beyond the
    64 largest (a pinch taken apart can make two bodies of one).
    """
    count, part = components(triangles, len(positions))
    if count == 1:
        return triangles, pairs
    corners = positions[triangles].astype(np.float64)
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.bincount(part, weights=np.linalg.norm(cross, axis=1), minlength=count)
    # Grid axes have y down, which turns the sign of the volume.
    volume = -np.bincount(
        part, weights=np.einsum("ij,ij->i", corners[:, 0], cross), minlength=count
    )
    faces = np.bincount(part, minlength=count)
    crumb = (faces < SMALLEST_FACES) | (area < SMALLEST_AREA_SHARE * area.sum()) | (volume <= 0.0)
    if crumb.all():
        crumb[:] = True
        crumb[np.argmax(area)] = False
    crumb[np.argsort(-np.where(crumb, 0.0, area), kind="stable")[MAX_BODIES:]] = True
    if not crumb.any():
        return triangles, pairs
    keep = ~crumb[part]
    number = np.cumsum(keep) - 1
    kept = pairs[np.repeat(keep, 3)]
    return triangles[keep], 3 * number[kept // 3] + kept % 3


def _compact(positions: Float, triangles: Triangles) -> tuple[Float, Triangles]:
    used = np.zeros(len(positions), dtype=bool)
    used[triangles] = True
    numbers = np.cumsum(used) - 1
    return positions[used], numbers[triangles].astype(np.uint32)


def _distinct(positions: Float) -> bool:
    """Whether no two vertices share a position (a welder would pinch them again)."""
    bits = np.ascontiguousarray(positions + np.float32(0.0)).view(np.uint32).astype(np.uint64)
    mixed = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (bits[:, 1] + np.uint64(0x7F4A7C15)) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= (bits[:, 2] + np.uint64(0x85EBCA6B)) * np.uint64(0x165667B19E3779F9)
    ordered = np.sort(mixed)
    return not bool((ordered[1:] == ordered[:-1]).any())
