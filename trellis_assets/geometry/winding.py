"""Consistent and outward winding of triangles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

from .rays import RayScene, hemisphere
from .shading import any_perpendicular
from .soup import Soup, areas
from .topology import components, face_vectors, unit

_FACES_PER_SHEET = 128
_DIRECTIONS = 32
_MOST_FACES = 60_000
Bool = NDArray[np.bool_]


def sheets(soup: Soup) -> NDArray[np.int64]:
    """(T,) piece of surface each triangle belongs to, joined by edges of exactly two triangles."""
    pair = soup.pairs // 3
    return components(len(soup.faces), pair[:, 0], pair[:, 1])


def make_consistent(soup: Soup) -> tuple[Soup, int]:
    """Turn triangles so that neighbours agree; returns how many were turned.

    Orientation spreads along a minimum spanning tree that prefers flat edges, so that a surface
    that cannot be oriented (a Moebius strip) conflicts along its sharpest edges. Of the two ways to
    orient a sheet, the one that leaves more area as it was is taken.
    """
    welded = soup.welded
    found, pair = soup.edges, soup.pairs
    if len(pair) == 0 or not np.any((found.faces == 2) & (found.balance != 0)):
        return soup, 0
    count = len(soup.faces)
    left, right = pair[:, 0] // 3, pair[:, 1] // 3
    agrees = found.forward[pair[:, 0]] != found.forward[pair[:, 1]]
    normal = unit(face_vectors(soup.points, welded))
    cosine = np.einsum("ij,ij->i", normal[left], normal[right]) * np.where(agrees, 1.0, -1.0)
    # A sparse matrix holds no zero and adds duplicates up: weights start at 1, links are unique.
    low, high = np.minimum(left, right), np.maximum(left, right)
    _, single = np.unique(low * count + high, return_index=True)
    weight = 2.0 - cosine[single]
    tree = minimum_spanning_tree(
        coo_matrix((weight, (low[single], high[single])), shape=(count, count)).tocsr()
    ).tocoo()
    links = low[single] * count + high[single]
    order = np.argsort(links)
    at = order[np.searchsorted(links[order], tree.row.astype(np.int64) * count + tree.col)]
    same = agrees[single[at]]
    # Two nodes per triangle, as it is and turned: a tree joins them into two copies of each sheet.
    label = components(
        2 * count,
        np.concatenate([tree.row, tree.row + count]),
        np.concatenate(
            [np.where(same, tree.col, tree.col + count), np.where(same, tree.col + count, tree.col)]
        ),
    )
    kept = np.bincount(label[:count], weights=areas(soup), minlength=2 * count)
    turned = kept[label[:count]] < kept[label[count:]]
    return soup.turn(turned), int(np.count_nonzero(turned))


def visibility(soup: Soup, opaque: Bool) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """How much open sky each sheet sees from its front and its back.

    Args:
        soup: triangles.
        opaque: (T,) triangles that block the view.

    Returns:
        (T,) sheet of each triangle and (S, 2) share of escaping rays, front and back.
    """
    sheet = sheets(soup)
    sheet = np.unique(sheet, return_inverse=True)[1].reshape(-1)
    sampled = _sampled(sheet)
    welded = soup.welded
    scene = RayScene(soup.points, welded[opaque])
    centres = soup.points[welded[sampled]].mean(axis=1)
    normals = unit(face_vectors(soup.points, welded[sampled]))
    count = int(sheet.max()) + 1
    total = np.bincount(sheet[sampled], minlength=count) * float(_DIRECTIONS)
    result = np.zeros((count, 2))
    lift = np.float32(1.0e-5 * soup.diagonal)
    for side, sign in enumerate((1.0, -1.0)):
        facing = normals * sign
        across = any_perpendicular(facing)
        other = np.cross(facing, across)
        start = (centres + facing * lift).astype(np.float32)
        free = np.zeros(len(sampled))
        for x, y, z in hemisphere(_DIRECTIONS):
            direction = (across * x + other * y + facing * z).astype(np.float32)
            free += ~scene.blocked(start, direction, 4.0 * soup.diagonal)
        result[:, side] = np.bincount(sheet[sampled], weights=free, minlength=count) / total
    return sheet, result


def _sampled(sheet: NDArray[np.int64]) -> NDArray[np.int64]:
    """Some triangles of every sheet, evenly spread over its triangle numbers."""
    order = np.argsort(sheet, kind="stable")
    size = np.bincount(sheet)
    most = int(np.clip(_MOST_FACES // max(len(size), 1), 4, _FACES_PER_SHEET))
    rank = np.arange(len(sheet)) - np.repeat(np.cumsum(size) - size, size)
    length = np.repeat(size, size)
    wanted = np.minimum(length, most)
    taken = (rank * wanted) // length != ((rank - 1) * wanted) // length
    return np.asarray(order[taken | (rank == 0)])


def judge_sheets(soup: Soup, opaque: Bool) -> tuple[Bool, Bool]:
    """What the view from outside says about each sheet.

    Returns:
        (T,) triangles of sheets that no ray from outside reaches on either side, and (T,)
        triangles of sheets whose back sees clearly more of the sky than their front.
    """
    sheet, free = visibility(soup, opaque)
    hidden = free.max(axis=1) == 0.0
    inside_out = free[:, 1] > 1.5 * free[:, 0] + 1e-3
    return np.asarray(hidden[sheet]), np.asarray(inside_out[sheet])
