"""The marching cubes table, generated rather than typed: closed and 2-manifold by construction.

Corners are numbered x + 2y + 4z. Edges 0-3 run along x (number y + 2z), 4-7 along y (x + 2z),
8-11 along z (x + 2y). On a face with two diagonal inside corners the inside corners are always cut
off from each other; both cells that share the face see the same face, so they agree. A loop is
never triangulated with a diagonal that lies in a face of the cell, where a neighbour could draw the
same one.
Method: Lorensen & Cline 1987; ambiguity as in Dürst 1988.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

Triangle = tuple[int, int, int]
MAX_TRIANGLES = 5


def edge_corners() -> list[tuple[int, int]]:
    """The two corners of each of the twelve edges, lower one first."""
    along_x = [(2 * y + 4 * z, 1 + 2 * y + 4 * z) for z, y in product((0, 1), repeat=2)]
    along_y = [(x + 4 * z, x + 2 + 4 * z) for z, x in product((0, 1), repeat=2)]
    along_z = [(x + 2 * y, x + 2 * y + 4) for y, x in product((0, 1), repeat=2)]
    return along_x + along_y + along_z


@cache
def table() -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Triangles of each case, (256, 5, 3) edge numbers padded with -1, and their counts (256,)."""
    triangles = np.full((256, MAX_TRIANGLES, 3), -1, dtype=np.int8)
    counts = np.zeros(256, dtype=np.int64)
    for case in range(256):
        found = [t for loop in _loops(case) for t in _triangulate(loop)]
        counts[case] = len(found)
        for slot, triangle in enumerate(found):
            triangles[case, slot] = triangle
    return triangles, counts


@cache
def _faces() -> list[tuple[int, int, int, int]]:
    """The six faces, their corners counter-clockwise as seen from outside the cell."""
    faces: list[tuple[int, int, int, int]] = []
    for axis in range(3):
        u, v = (1 << ((axis + 1) % 3)), (1 << ((axis + 2) % 3))
        low = (0, v, u + v, u)
        side = 1 << axis
        faces.append(low)
        faces.append((side, side + u, side + u + v, side + v))
    return faces


@cache
def _edge_of() -> dict[frozenset[int], int]:
    return {frozenset(pair): number for number, pair in enumerate(edge_corners())}


def _loops(case: int) -> list[list[int]]:
    """Closed loops of edge numbers around the inside corners, oriented outwards."""
    inside = [bool(case >> corner & 1) for corner in range(8)]
    follows: dict[int, int] = {}
    for face in _faces():
        for position in range(4):
            here, after = face[position], face[(position + 1) % 4]
            if inside[here] or not inside[after]:
                continue
            # Entering the inside at this edge; it is left at the first edge that goes out again.
            end = position + 1
            while inside[face[(end + 1) % 4]]:
                end += 1
            leave = frozenset((face[end % 4], face[(end + 1) % 4]))
            follows[_edge_of()[leave]] = _edge_of()[frozenset((here, after))]
    loops: list[list[int]] = []
    while follows:
        start = min(follows)
        loop = [start]
        following = follows.pop(start)
        while following != start:
            loop.append(following)
            following = follows.pop(following)
        loops.append(loop)
    return loops


@cache
def _share_face(first: int, second: int) -> bool:
    corners = set(edge_corners()[first]) | set(edge_corners()[second])
    return any(corners <= set(face) for face in _faces())


def _triangulate(loop: list[int]) -> list[Triangle]:
    for candidate in _triangulations(tuple(loop)):
        sides = {frozenset((loop[i], loop[i - 1])) for i in range(len(loop))}
        diagonals = {
            frozenset(pair)
            for a, b, c in candidate
            for pair in ((a, b), (b, c), (c, a))
            if frozenset(pair) not in sides
        }
        if not any(_share_face(*sorted(pair)) for pair in diagonals):
            return candidate
    raise AssertionError(f"loop {loop} has no triangulation inside its cell")


def _triangulations(loop: tuple[int, ...]) -> Iterator[list[Triangle]]:
    if len(loop) == 3:
        yield [(loop[0], loop[1], loop[2])]
        return
    if len(loop) < 3:
        yield []
        return
    first, last = loop[0], loop[-1]
    for middle in range(1, len(loop) - 1):
        for left in _triangulations(loop[: middle + 1]):
            for right in _triangulations(loop[middle:]):
                yield [*left, (first, loop[middle], last), *right]
