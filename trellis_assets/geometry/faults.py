"""Faults of single triangles and edges: degenerate, duplicate, folded, pinched; and holes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .soup import Soup, areas
from .topology import components, edges, face_components, face_vectors, unit

Bool = NDArray[np.bool_]
_SPLIT_SHIFT = 4.0e-6  # of the diagonal: above the weld tolerance, far below a pixel


def degenerate(soup: Soup) -> Bool:
    """(T,) triangles with two corners in one place, or without area and outside closed surface.

    A sliver without area whose three edges all have a partner is kept: taking it out would open
    the surface.
    """
    welded = soup.welded
    a, b, c = welded.T
    collapsed = (a == b) | (b == c) | (c == a)
    flat = ~collapsed & ~np.any(face_vectors(soup.points, welded) != 0.0, axis=1)
    if flat.any():
        found = soup.edges
        paired = (found.faces[found.of_halfedge] == 2).reshape(-1, 3).all(axis=1)
        flat &= ~paired
    return np.asarray(collapsed | flat)


def duplicate(soup: Soup) -> Bool:
    """(T,) triangles that repeat an earlier one of the same corners and winding."""
    lowest = np.argmin(soup.welded, axis=1)[:, None]
    rotated = np.take_along_axis(soup.welded, (lowest + np.arange(3)) % 3, axis=1)
    first = np.unique(rotated, axis=0, return_index=True)[1]
    again = np.ones(len(rotated), bool)
    again[first] = False
    return again


def folded(soup: Soup, *, size: float) -> Bool:
    """(T,) back-to-back pairs that form a fin smaller than ``size`` times the diagonal.

    Taken only where the rest stays closed; a large double-sided card is a shape, not a fault.
    """
    chosen = np.zeros(len(soup.faces), bool)
    _, which, count = np.unique(
        np.sort(soup.welded, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    pair = np.flatnonzero(count[which.reshape(-1)] == 2)
    if len(pair) == 0:
        return chosen
    corners = soup.welded[pair]
    label = face_components(corners, len(soup.points))
    low = np.full((int(label.max()) + 1, 3), np.inf)
    high = -low
    for corner in range(3):
        np.minimum.at(low, label, soup.points[corners[:, corner]])
        np.maximum.at(high, label, soup.points[corners[:, corner]])
    small = np.linalg.norm(high - low, axis=1)[label] < size * soup.diagonal
    candidate = chosen.copy()
    candidate[pair[small]] = True
    found = soup.edges
    taken = np.bincount(
        found.of_halfedge, weights=np.repeat(candidate, 3), minlength=len(found.faces)
    )
    left = found.faces - taken
    opens = ((left == 1) & (taken > 0))[found.of_halfedge].reshape(-1, 3).any(axis=1)
    spoiled = np.bincount(label, weights=opens[pair], minlength=len(low)) > 0
    chosen[pair[small & ~spoiled[label]]] = True
    return chosen


def floating(soup: Soup, *, size: float) -> Bool:
    """(T,) triangles of pieces that are specks, or small and further from the rest than they are.

    A speck is smaller than a tenth of ``size`` times the diagonal; a small piece smaller than
    ``size``. The largest piece always stays.
    """
    from scipy.spatial import cKDTree

    piece = soup.pieces
    count = int(piece.max()) + 1
    low = np.full((count, 3), np.inf)
    high = -low
    for corner in range(3):
        np.minimum.at(low, piece, soup.points[soup.welded[:, corner]])
        np.maximum.at(high, piece, soup.points[soup.welded[:, corner]])
    extent = np.linalg.norm(high - low, axis=1)
    small = extent < size * soup.diagonal
    small[np.argmax(extent)] = False
    if not small.any():
        return np.zeros(len(piece), bool)
    speck = small & (extent < 0.1 * size * soup.diagonal)
    tree = cKDTree(np.unique(soup.points[soup.welded[~small[piece]].reshape(-1)], axis=0))
    corner_piece = np.repeat(piece, 3)
    mine = small[corner_piece]
    gap = np.full(count, np.inf)
    distance = tree.query(soup.points[soup.welded.reshape(-1)[mine]])[0]
    np.minimum.at(gap, corner_piece[mine], distance)
    return np.asarray((speck | (small & (gap > extent)))[piece])


def split_pinches(soup: Soup) -> tuple[Soup, int]:
    """Separate surfaces that touch in a vertex or an edge; returns the vertices added.

    Corners around a vertex belong together where triangles share a manifold edge; at an edge of
    four or more triangles each is joined with the one that bounds the same solid.
    """
    welded = soup.welded
    pair = np.concatenate([soup.pairs, _solid_pairs(soup, welded)])
    flat = welded.reshape(-1)
    left, right = pair[:, 0], pair[:, 1]
    left_end = left - left % 3 + (left + 1) % 3
    right_end = right - right % 3 + (right + 1) % 3
    same = flat[left] == flat[right]
    fan = components(
        len(flat),
        np.concatenate([left, left_end]),
        np.concatenate([np.where(same, right, right_end), np.where(same, right_end, right)]),
    )
    fans, first = np.unique(fan, return_index=True)
    owner = flat[first]
    order = np.lexsort((fans, owner))
    extra = np.zeros(len(fans), bool)
    extra[order[1:]] = owner[order[1:]] == owner[order[:-1]]
    if not extra.any():
        return soup, 0
    return _with_fans(soup, np.searchsorted(fans, fan), owner, extra), int(extra.sum())


def without_crowded_edges(
    points: NDArray[np.float32], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(W, 3) welded points and (T, 3) triangles of which no more than two share an edge.

    Collapses bring surfaces together that were apart. Each gets vertices of its own again, a hair
    from the other's.
    """
    if not edges(faces).crowded.any():
        return points, faces
    every = np.arange(len(points))
    diagonal = float(np.linalg.norm(np.ptp(points, axis=0)))
    count = len(faces)
    soup = Soup(
        points, every, every, faces, np.zeros(count, np.int64), np.zeros(count, bool), diagonal
    )
    split, _ = split_pinches(soup)
    return split.points, split.welded


def _with_fans(
    soup: Soup,
    fan: NDArray[np.int64],
    owner: NDArray[np.int64],
    extra: Bool,
) -> Soup:
    """Give every extra fan a place of its own, shifted a hair towards its triangles."""
    centre = np.repeat(soup.points[soup.welded].mean(axis=1), 3, axis=0)
    total = [np.bincount(fan, weights=centre[:, axis]) for axis in range(3)]
    aim = np.stack(total, axis=1) / np.bincount(fan)[:, None] - soup.points[owner]
    moved = soup.points[owner[extra]] + unit(aim[extra]) * (_SPLIT_SHIFT * soup.diagonal)
    new_place = np.where(extra, len(soup.points) + np.cumsum(extra) - 1, owner)
    corner_place = new_place[fan]
    vertex = soup.faces.reshape(-1)
    # A vertex is copied once per place it now has.
    key = vertex * (len(soup.points) + int(extra.sum())) + corner_place
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return replace(
        soup,
        points=np.concatenate([soup.points, moved.astype(np.float32)]),
        place=corner_place[first],
        origin=soup.origin[vertex[first]],
        faces=inverse.reshape(-1, 3),
    )


def _solid_pairs(soup: Soup, welded: NDArray[np.int64]) -> NDArray[np.int64]:
    """(M, 2) half-edges at crowded edges whose triangles bound the same solid.

    Sorted around the edge, the inside of a triangle that runs along it lies before the triangle;
    the one before must run against it.
    """
    found = soup.edges
    half = np.flatnonzero((found.crowded & (found.balance == 0))[found.of_halfedge])
    if len(half) == 0:
        return np.empty((0, 2), np.int64)
    edge = found.of_halfedge[half]
    start = soup.points[found.ends[edge, 0]].astype(np.float64)
    axis = unit(soup.points[found.ends[edge, 1]] - start)
    third = welded.reshape(-1)[half - half % 3 + (half + 2) % 3]
    arm = soup.points[third] - start
    helper = np.where(np.abs(axis[:, :1]) < 0.9, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    across = unit(np.cross(axis, helper))
    angle = np.arctan2(
        np.einsum("ij,ij->i", arm, np.cross(axis, across)), np.einsum("ij,ij->i", arm, across)
    )
    order = np.lexsort((angle, edge))
    edge, half = edge[order], half[order]
    first = np.searchsorted(edge, edge)
    last = np.searchsorted(edge, edge, side="right") - 1
    here = np.arange(len(edge))
    before = np.where(here == first, last, here - 1)
    forward = found.forward[half]
    joined = forward & ~forward[before]
    return np.stack([half[joined], half[before[joined]]], axis=1)


def fill_holes(soup: Soup, *, size: float) -> tuple[Soup, int]:
    """Close border loops shorter than ``size`` times the diagonal; returns the loops closed.

    A fan around the loop's centre takes its colour from the rim. A loop that is the outline of a
    small open sheet, rather than a hole in a larger one, stays open.
    """
    welded = soup.welded
    found = soup.edges
    rim = np.flatnonzero(found.border[found.of_halfedge])
    if len(rim) == 0:
        return soup, 0
    tail = welded.reshape(-1)[rim]
    next_corner = rim - rim % 3 + (rim + 1) % 3
    head = welded.reshape(-1)[next_corner]
    loop = components(len(soup.points), tail, head)[tail]
    loop = np.unique(loop, return_inverse=True)[1].reshape(-1)
    count = int(loop.max()) + 1
    simple = np.ones(count, bool)
    out, into = (
        np.bincount(tail, minlength=len(soup.points)),
        np.bincount(head, minlength=len(soup.points)),
    )
    simple[loop[(out[tail] != 1) | (into[tail] != 1)]] = False
    a, b = soup.points[tail].astype(np.float64), soup.points[head].astype(np.float64)
    length = np.bincount(loop, weights=np.linalg.norm(b - a, axis=1))
    edge_count = np.bincount(loop)
    total = [np.bincount(loop, weights=a[:, axis]) for axis in range(3)]
    centre = np.stack(total, axis=1) / edge_count[:, None]
    patch = np.bincount(
        loop, weights=np.linalg.norm(np.cross(a - centre[loop], b - centre[loop]), axis=1) / 2
    )
    piece = soup.pieces
    sheet_area = np.bincount(piece, weights=areas(soup))[piece[rim // 3]]
    smallest = np.full(count, np.inf)
    np.minimum.at(smallest, loop, sheet_area)
    fill = simple & (edge_count >= 3) & (length < size * soup.diagonal) & (patch < 0.25 * smallest)
    chosen = fill[loop]
    if not chosen.any():
        return soup, 0
    return _with_fill(soup, rim[chosen], next_corner[chosen], loop[chosen], centre), int(fill.sum())


def _with_fill(
    soup: Soup,
    rim: NDArray[np.int64],
    next_corner: NDArray[np.int64],
    loop: NDArray[np.int64],
    centre: NDArray[np.float64],
) -> Soup:
    used, number = np.unique(loop, return_inverse=True)
    tail, head = soup.faces.reshape(-1)[rim], soup.faces.reshape(-1)[next_corner]
    tip = len(soup.place) + np.arange(len(rim))
    return replace(
        soup,
        points=np.concatenate([soup.points, centre[used].astype(np.float32)]),
        place=np.concatenate([soup.place, len(soup.points) + number]),
        origin=np.concatenate([soup.origin, soup.origin[tail]]),
        faces=np.concatenate([soup.faces, np.stack([head, tail, tip], axis=1)]),
        part=np.concatenate([soup.part, soup.part[rim // 3]]),
        flipped=np.concatenate([soup.flipped, soup.flipped[rim // 3]]),
    )
