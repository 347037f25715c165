"""meshoptimizer behind one strict door: every array is checked before native code sees it.

The wrapper on PyPI validates almost nothing (an index out of range, a (n, 3) array of faces or a
strided view is a crash or silently wrong geometry), so nothing else in this project may call it.

What the bundled C++ 0.22 lacks against upstream: ``simplifyWithUpdate`` (collapses that move
vertices), ``simplifyPrune``, the options Permissive, Regularize and the Protect and Priority
lock flags, ``generatePositionRemap``, ``generateTangents``, ``remesh``, spatial clusters and the
meshlet codec. ``SIMPLIFY_PRUNE`` exists and is not offered: with a wide error limit it deletes
whole parts. Sloppy simplification is not offered either: it smears textures.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh
from trellis_assets.meshopt_library import LOCK_BORDER, library

from ._errors import InvalidMesh
from .arrays import flags_array, float_array, positions_array, triangles_array
from .vertices import taken

_OVERDRAW_THRESHOLD = 1.05  # upstream's advice: at most 5 % worse vertex cache use
_POSITION_STRIDE = 12  # bytes
_MOST_ATTRIBUTES = 32  # kMaxAttributes of simplifier.cpp


@dataclass(frozen=True, eq=False)
class Simplified:
    """Fewer triangles over the same vertices."""

    triangles: NDArray[np.uint32]  # (T', 3) indices into the positions given
    error: float
    """Deviation relative to the largest side of the bounding box, as the quadrics estimate it."""


def simplify(
    positions: Any,
    triangles: Any,
    *,
    target_triangles: int,
    max_error: float = 1.0,
    normals: Any | None = None,
    normal_weight: float = 0.1,
    steering: Any | None = None,
    lock_border: bool = False,
    locked: Any | None = None,
) -> Simplified:
    """Collapse edges until ``target_triangles`` or ``max_error`` is reached, whichever is first.

    Vertices are never moved: the result is a subset. Vertices at the same position count as one
    surface; where their other attributes differ (a UV seam) both sides are kept, so that a
    fragmented atlas stalls at about three triangles per UV patch, without an error.

    Args:
        positions: (V, 3) floating point, finite.
        triangles: (T, 3) integers below V.
        target_triangles: at least 0; the result can have more (the floor) and slightly fewer.
        max_error: relative to the largest side of the bounding box, 0 or more.
        normals: (V, 3) vertex normals. Given, creases and shading guide the collapses; a weight of
            0.1 cuts the mean normal error on hard edges from 18 to 5 degrees at no cost in shape.
        normal_weight: 0 or more; only with ``normals``.
        steering: (V, K) whatever else a collapse should keep, K at most 29; a difference of 1
            counts as much as the largest side of the bounding box.
        lock_border: keep open borders as they are.
        locked: (V,) booleans, vertices that must stay.

    Raises:
        InvalidMesh: an array or number is not what is asked for above.
    """
    points = positions_array(positions)
    faces = triangles_array(triangles, vertex_count=len(points))
    target = 3 * min(_count(target_triangles), len(faces))
    limit = _magnitude(max_error, "max_error")
    attributes, weights = _attributes(normals, normal_weight, steering, len(points))
    lock = None if locked is None else flags_array(locked, count=len(points), name="locked")
    if len(faces) == 0:
        return Simplified(faces, 0.0)

    result = np.empty(faces.size, np.uint32)
    error = ctypes.c_float(0.0)
    options = LOCK_BORDER if lock_border else 0
    head = (result.ctypes.data, faces.ctypes.data, faces.size)
    shape = (points.ctypes.data, len(points), _POSITION_STRIDE)
    tail = (target, limit, options, ctypes.byref(error))
    if attributes is None and lock is None:
        count = library.meshopt_simplify(*head, *shape, *tail)
    else:
        extra = (
            None if attributes is None else attributes.ctypes.data,
            0 if attributes is None else attributes.strides[0],
            None if attributes is None else weights.ctypes.data,
            0 if attributes is None else len(weights),
            None if lock is None else lock.ctypes.data,
        )
        count = library.meshopt_simplifyWithAttributes(*head, *shape, *extra, *tail)
    return Simplified(result[:count].reshape(-1, 3).copy(), float(error.value))


def _attributes(
    normals: Any, normal_weight: float, steering: Any, count: int
) -> tuple[NDArray[np.float32] | None, NDArray[np.float32]]:
    """(V, K) attributes side by side, and (K,) how much each counts."""
    columns, weights = [], []
    weight = _magnitude(normal_weight, "normal_weight")
    if normals is not None:
        columns.append(float_array(normals, width=3, name="normals", count=count))
        weights += [weight] * 3
    if steering is not None:
        width = np.shape(steering)[1] if np.ndim(steering) == 2 else 0
        if not 0 < width <= _MOST_ATTRIBUTES - 3:
            raise InvalidMesh(f"steering must have 1 to {_MOST_ATTRIBUTES - 3} columns")
        columns.append(float_array(steering, width=width, name="steering", count=count))
        weights += [1.0] * width
    if not columns:
        return None, np.zeros(0, np.float32)
    return np.ascontiguousarray(np.concatenate(columns, axis=1)), np.asarray(weights, np.float32)


def optimize(mesh: Mesh) -> Mesh:
    """The same triangles ordered for the vertex cache, overdraw and vertex fetch, in that order.

    Vertices that no triangle uses are dropped; all attributes follow the new vertex order.

    Raises:
        InvalidMesh: the mesh's arrays do not fit together.
    """
    points = positions_array(mesh.positions)
    faces = triangles_array(mesh.triangles, vertex_count=len(points))
    if len(faces) == 0:
        return taken(mesh, np.empty(0, np.int64), faces)
    cached = np.empty_like(faces)
    library.meshopt_optimizeVertexCache(
        cached.ctypes.data, faces.ctypes.data, faces.size, len(points)
    )
    ordered = np.empty_like(faces)
    library.meshopt_optimizeOverdraw(
        ordered.ctypes.data,
        cached.ctypes.data,
        faces.size,
        points.ctypes.data,
        len(points),
        _POSITION_STRIDE,
        _OVERDRAW_THRESHOLD,
    )
    return _in_fetch_order(mesh, ordered)


def optimize_for_compression(mesh: Mesh) -> Mesh:
    """The same triangles in strip-like order, which meshopt's index codec packs best.

    Raises:
        InvalidMesh: the mesh's arrays do not fit together.
    """
    faces = triangles_array(mesh.triangles, vertex_count=mesh.vertex_count)
    if len(faces) == 0:
        return taken(mesh, np.empty(0, np.int64), faces)
    ordered = np.empty_like(faces)
    library.meshopt_optimizeVertexCacheStrip(
        ordered.ctypes.data, faces.ctypes.data, faces.size, mesh.vertex_count
    )
    return _in_fetch_order(mesh, ordered)


def _in_fetch_order(mesh: Mesh, faces: NDArray[np.uint32]) -> Mesh:
    remap = np.empty(mesh.vertex_count, np.uint32)
    used = library.meshopt_optimizeVertexFetchRemap(
        remap.ctypes.data, faces.ctypes.data, faces.size, mesh.vertex_count
    )
    old = np.flatnonzero(remap != np.uint32(0xFFFFFFFF))
    order = np.empty(used, np.int64)
    order[remap[old]] = old
    return taken(mesh, order, remap[faces])


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
        raise InvalidMesh(f"target_triangles must be a whole number from 0, not {value!r}")
    return int(value)


def _magnitude(value: Any, name: str) -> float:
    number = float(value) if isinstance(value, (int, float, np.number)) else math.nan
    if not 0.0 <= number <= 1.0e9:
        raise InvalidMesh(f"{name} must be a number from 0 to 1e9, not {value!r}")
    return number
