"""Fewer triangles for a welded mesh, within a budget that is always met."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import meshopt
from ._errors import EmptyModel, ShrunkenResult
from .rods import lost_rods
from .shading import corner_angles
from .topology import face_components, face_vectors, unit

BOUNDS_TOLERANCE = 0.03
"""Largest shift of a side of the bounding box, relative to the diagonal."""
_TIP_TOLERANCE = 0.01
_SMALLEST_ROD = 0.001  # of the size: a pixel where the model fills the screen
_DEAREST_RODS = 1.5  # times the error without them
NORMAL_WEIGHT = 0.1
"""Cuts the mean normal error on hard edges from 18 to 5 degrees at no cost in shape."""


@dataclass(frozen=True, eq=False)
class Budgeted:
    """Triangles over the vertices given."""

    faces: NDArray[np.int64]  # (T', 3)
    error: float
    """Metres, as the quadrics estimate it."""
    dropped: int
    """Pieces of the surface that the result has not: collapsed to nothing or left out."""
    rods: bool
    """Rods are held that a plain collapse would have flattened or lost."""


def to_budget(
    positions: NDArray[Any],
    faces: NDArray[Any],
    *,
    triangles: int,
    normal_weight: float = NORMAL_WEIGHT,
    held: NDArray[np.bool_] | None = None,
) -> Budgeted:
    """Simplify welded triangles to at most ``triangles``.

    Creases are kept by the weight of vertex normals. Where collapses alone cannot reach the
    budget, because every piece keeps a few triangles, the pieces with the least area are left out.

    Args:
        positions: (W, 3) welded.
        faces: (T, 3).
        triangles: at most so many.
        normal_weight: how much creases count beside the shape.
        held: (W,) vertices that stay as long as the budget can be met with them.

    Raises:
        EmptyModel: no triangle has an area.
    """
    solid = without_degenerate(positions, faces)
    if len(solid) == 0:
        raise EmptyModel(
            f"none of {len(faces)} triangles has an area", fix="generate the model again"
        )
    extent = float(np.ptp(used_points(positions, solid), axis=0).max())
    found, rods = _with_rods(positions, solid, triangles, extent, normal_weight, held)
    result, error = found.triangles.astype(np.int64), found.error
    if len(result) > triangles:
        # Normals of opposite sheets can hold collapses back; shape alone goes further.
        again = collapse(positions, result, target_triangles=triangles)
        result, error = again.triangles.astype(np.int64), max(error, again.error)
    result = without_degenerate(positions, result)
    kept = largest_pieces(positions, result, triangles)
    dropped = max(piece_count(positions, solid) - piece_count(positions, kept), 0)
    return Budgeted(kept, error * extent, dropped, rods)


def _with_rods(
    positions: NDArray[Any],
    faces: NDArray[np.int64],
    triangles: int,
    extent: float,
    normal_weight: float,
    held: NDArray[np.bool_] | None,
) -> tuple[meshopt.Simplified, bool]:
    """Collapse to the budget; once more with rods held where the first time lost some.

    And whether any are held.

    Quadrics flatten a rod or let go of it as soon as its thickness is the error of the rest, and a
    flat one is gone from every second side. At half that error it has its three or four sides
    still, and there it is held, as long as the rest becomes only a little coarser by it.
    """
    options: dict[str, Any] = {
        "normals": vertex_normals(positions, faces),
        "normal_weight": normal_weight,
    }
    found = collapse(positions, faces, target_triangles=triangles, locked=held, **options)
    if found.error < _SMALLEST_ROD:
        return found, False
    half = {"target_triangles": triangles, "max_error": found.error / 2.0, "locked": held}
    finer = without_degenerate(positions, collapse(positions, faces, **half, **options).triangles)
    coarse = found.triangles.astype(np.int64)
    lost = lost_rods(positions, finer, coarse, thickness=found.error * extent)
    if not lost.any():
        return found, False
    locked = np.zeros(len(positions), bool) if held is None else held.copy()
    locked[finer[lost]] = True
    again = collapse(positions, finer, target_triangles=triangles, locked=locked, **options)
    fits = len(again.triangles) <= triangles and again.error <= _DEAREST_RODS * found.error
    if not fits:
        return found, False
    # The second error is that from the finer triangles alone.
    return replace(again, error=max(found.error, again.error)), True


def without_degenerate(positions: NDArray[Any], faces: NDArray[Any]) -> NDArray[np.int64]:
    """Triangles with three different corners and an area."""
    wide = np.asarray(faces, np.int64)
    a, b, c = wide.T
    distinct = (a != b) & (b != c) & (c != a)
    solid = distinct & np.any(face_vectors(positions, wide) != 0.0, axis=1)
    return np.asarray(wide[solid])


def vertex_normals(positions: NDArray[Any], faces: NDArray[np.int64]) -> NDArray[np.float32]:
    """(W, 3) unit normals weighted by corner angle; zero where no triangle is."""
    weights = corner_angles(positions, faces).reshape(-1)
    normal = np.repeat(unit(face_vectors(positions, faces)), 3, axis=0)
    flat = faces.reshape(-1)
    total = [
        np.bincount(flat, weights=weights * normal[:, axis], minlength=len(positions))
        for axis in range(3)
    ]
    return unit(np.stack(total, axis=1)).astype(np.float32)


def collapse(positions: NDArray[Any], faces: NDArray[Any], **options: Any) -> meshopt.Simplified:
    """:func:`.meshopt.simplify`, a second time with tips held where the first lost one.

    Quadrics let go of an antenna early: it costs almost no volume. Where the bounding box moves by
    more than 1 % of its diagonal, the six outermost triangles are locked in place.
    """
    found = meshopt.simplify(positions, faces, **options)
    before, after = used_points(positions, faces), used_points(positions, found.triangles)
    if len(after) and bounds_shift(before, after) <= _TIP_TOLERANCE:
        return found
    held = _tips(positions, faces)
    if options.get("locked") is not None:
        held |= np.asarray(options["locked"], bool)
    again = meshopt.simplify(positions, faces, **{**options, "locked": held})
    fits = len(again.triangles) <= max(len(found.triangles), options["target_triangles"])
    return again if fits else found


def _tips(positions: NDArray[Any], faces: NDArray[Any]) -> NDArray[np.bool_]:
    """(V,) vertices of the outermost triangle along each axis, both ways, and their copies."""
    centre = positions[faces].mean(axis=1)
    outermost = np.concatenate([centre.argmin(axis=0), centre.argmax(axis=0)])
    _, place = np.unique(positions, axis=0, return_inverse=True)
    place = place.reshape(-1)
    return np.isin(place, place[np.asarray(faces)[outermost].reshape(-1)])


def used_points(positions: NDArray[Any], faces: NDArray[Any]) -> NDArray[Any]:
    """The positions that triangles use, each once, in vertex order."""
    used = np.zeros(len(positions), bool)
    used[np.asarray(faces).reshape(-1)] = True
    return np.asarray(positions[used])


def check_bounds(before: NDArray[Any], after: NDArray[Any]) -> None:
    """Refuse a result that no longer fills the space of its original.

    Raises:
        ShrunkenResult: no points are left, or a side of the box moved too far.
    """
    if len(after) == 0:
        raise ShrunkenResult("simplification left no triangles", fix="raise the triangle budget")
    shift = bounds_shift(before, after)
    if shift > BOUNDS_TOLERANCE:
        raise ShrunkenResult(
            f"simplification moved the bounding box by {shift:.1%} of the diagonal "
            f"(limit {BOUNDS_TOLERANCE:.0%})",
            fix="raise the triangle budget of this rung",
        )


def bounds_shift(before: NDArray[Any], after: NDArray[Any]) -> float:
    """Largest move of a side of the bounding box of some points over its diagonal."""
    old = np.stack([before.min(axis=0), before.max(axis=0)]).astype(np.float64)
    new = np.stack([after.min(axis=0), after.max(axis=0)]).astype(np.float64)
    diagonal = float(np.linalg.norm(old[1] - old[0]))
    return float(np.abs(new - old).max()) / diagonal if diagonal > 0.0 else 0.0


def largest_pieces(
    positions: NDArray[Any], faces: NDArray[np.int64], triangles: int
) -> NDArray[np.int64]:
    """(T', 3) the triangles of the pieces with the largest areas, in all at most so many.

    The largest of all stays, whatever it has.
    """
    if len(faces) <= triangles:
        return faces
    piece = face_components(faces, len(positions))
    area = np.bincount(piece, weights=np.linalg.norm(face_vectors(positions, faces), axis=1))
    size = np.bincount(piece)
    order = np.argsort(-area, kind="stable")
    fits = np.cumsum(size[order]) <= triangles
    fits[0] = True
    keep = np.zeros(len(size), bool)
    keep[order[fits]] = True
    return np.asarray(faces[keep[piece]])


def piece_count(positions: NDArray[Any], faces: NDArray[np.int64]) -> int:
    """Of how many pieces that do not touch a surface is."""
    return int(face_components(faces, len(positions)).max(initial=-1)) + 1
