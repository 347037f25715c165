"""Checks that numbers are a mesh before native code sees them.

Native libraries read what the counts promise: an index past the end, a strided view or a NaN is a
segmentation fault or silently wrong geometry there. Every array passes through here first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._errors import InvalidMesh

MAX_COORDINATE = 1.0e12
"""Squares and cubes of coordinates (quadrics) must stay inside float32 after scaling."""
MAX_TRIANGLES = 2**32 // 3 - 1
_Float32 = NDArray[np.float32]
_UInt32 = NDArray[np.uint32]


def positions_array(positions: Any, *, name: str = "positions") -> _Float32:
    """(V, 3) float32, C-contiguous, finite, below :data:`MAX_COORDINATE`; -0.0 becomes 0.0.

    Raises:
        InvalidMesh: what is wrong, with the offending count.
    """
    return float_array(positions, width=3, name=name)


def float_array(values: Any, *, width: int, name: str, count: int | None = None) -> _Float32:
    """(count, width) float32, C-contiguous and finite.

    Raises:
        InvalidMesh: another shape, not real numbers, NaN, infinite or beyond the limit.
    """
    array = np.asarray(values)
    if array.dtype.kind != "f":
        raise InvalidMesh(f"{name} must be floating point, not {array.dtype}")
    if array.ndim != 2 or array.shape[1] != width:
        raise InvalidMesh(f"{name} must have shape (n, {width}), not {array.shape}")
    if count is not None and len(array) != count:
        raise InvalidMesh(f"{name} has {len(array)} rows for {count} vertices")
    if len(array) >= 2**32 - 1:
        raise InvalidMesh(f"{name} has {len(array)} rows; 32-bit indices cannot reach them")
    # Written so that a NaN fails it too; the sum of minimum and maximum needs no temporary array.
    if array.size and not (
        float(array.min()) >= -MAX_COORDINATE and float(array.max()) <= MAX_COORDINATE
    ):
        bad = int(
            np.count_nonzero(~(np.abs(array.astype(np.float64)) <= MAX_COORDINATE).all(axis=1))
        )
        raise InvalidMesh(
            f"{bad} of {len(array)} {name} are not finite or exceed {MAX_COORDINATE:g}",
            fix="remove these vertices from the model",
        )
    # Adding zero copies and turns -0.0 into 0.0: equal points must have equal bytes.
    return np.ascontiguousarray(array, dtype=np.float32) + np.float32(0.0)


def triangles_array(triangles: Any, *, vertex_count: int) -> _UInt32:
    """(T, 3) uint32, C-contiguous, every index below ``vertex_count``.

    Raises:
        InvalidMesh: another shape, not integers, or an index out of range.
    """
    array = np.asarray(triangles)
    if array.dtype.kind not in "iu":
        raise InvalidMesh(f"triangles must be integers, not {array.dtype}")
    if array.ndim != 2 or array.shape[1] != 3:
        raise InvalidMesh(f"triangles must have shape (n, 3), not {array.shape}")
    if len(array) > MAX_TRIANGLES:
        raise InvalidMesh(f"{len(array)} triangles exceed the limit of {MAX_TRIANGLES}")
    if array.size and (int(array.min()) < 0 or int(array.max()) >= vertex_count):
        bad = int(np.count_nonzero(((array < 0) | (array >= vertex_count)).any(axis=1)))
        raise InvalidMesh(
            f"{bad} of {len(array)} triangles refer to vertices outside 0..{vertex_count - 1}",
            fix="export the model again; its index buffer is damaged",
        )
    return np.ascontiguousarray(array, dtype=np.uint32)


def interpolated(
    values: NDArray[Any], corners: NDArray[Any], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(N, C) values of (V, C) vertex attributes at (N, 3) weights of (N, 3) vertices."""
    # np.take gathers whole rows, twice as fast as an index.
    result = np.take(values, corners[:, 0], axis=0) * weights[:, :1]
    result += np.take(values, corners[:, 1], axis=0) * weights[:, 1:2]
    result += np.take(values, corners[:, 2], axis=0) * weights[:, 2:]
    return np.asarray(result, np.float32)


def required(values: _Float32 | None, name: str) -> _Float32:
    """An attribute that a step cannot do without.

    Raises:
        InvalidMesh: the mesh does not have it.
    """
    if values is None:
        raise InvalidMesh(f"the mesh has no {name}", fix="compute them before this step")
    return values


def flags_array(flags: Any, *, count: int, name: str) -> NDArray[np.uint8]:
    """(count,) uint8 of zeros and ones.

    Raises:
        InvalidMesh: not booleans or bytes, or another length.
    """
    array = np.asarray(flags)
    if array.dtype.kind not in "bu" or array.shape != (count,):
        raise InvalidMesh(f"{name} must be ({count},) booleans, not {array.shape} {array.dtype}")
    return np.ascontiguousarray(array != 0, dtype=np.uint8)
