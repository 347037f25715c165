"""Vertex and index streams of EXT_meshopt_compression, encoded and decoded behind checks.

Stream versions are those the extension defines (vertices 0, indices 1). The strip-ordered mesh of
:func:`.meshopt.optimize_for_compression` packs best.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._errors import InvalidMesh
from ._meshopt_library import library
from .arrays import float_array, triangles_array

_MAX_STRIDE = 256  # of the codec, in bytes


def encode_vertices(rows: NDArray[Any]) -> bytes:
    """Pack a (V, ...) array, one row per vertex; a row is a multiple of 4 bytes, at most 256.

    Raises:
        InvalidMesh: no rows, or a row size that the codec cannot take.
    """
    given = np.asarray(rows)
    if given.ndim < 1 or len(given) == 0 or given.dtype.hasobject:
        raise InvalidMesh(f"a vertex stream needs plain rows, not {given.shape} {given.dtype}")
    array = np.ascontiguousarray(given)
    stride = array.nbytes // len(array)
    if stride % 4 or not 0 < stride <= _MAX_STRIDE:
        raise InvalidMesh(f"vertex rows of {stride} bytes; need a multiple of 4 up to 256")
    buffer = np.empty(library.meshopt_encodeVertexBufferBound(len(array), stride), np.uint8)
    size = library.meshopt_encodeVertexBuffer(
        buffer.ctypes.data, buffer.size, array.ctypes.data, len(array), stride
    )
    return buffer[:size].tobytes()


def decode_vertices(stream: bytes, *, count: int, stride: int) -> NDArray[np.uint8]:
    """(count, stride) uint8 rows of a packed vertex stream.

    Raises:
        InvalidMesh: the stream is damaged or the sizes are not the codec's.
    """
    if not 0 < count < 2**32 or stride % 4 or not 0 < stride <= _MAX_STRIDE:
        raise InvalidMesh(f"cannot decode {count} vertex rows of {stride} bytes")
    source = np.frombuffer(stream, np.uint8)
    rows = np.empty((count, stride), np.uint8)
    code = library.meshopt_decodeVertexBuffer(
        rows.ctypes.data, count, stride, source.ctypes.data, source.size
    )
    if code != 0:
        raise InvalidMesh(f"damaged meshopt vertex stream (code {code})")
    return rows


def encode_triangles(triangles: Any, *, vertex_count: int) -> bytes:
    """Pack (T, 3) triangles; their order and rotation within each triangle may change on decode.

    Raises:
        InvalidMesh: an index out of range.
    """
    faces = triangles_array(triangles, vertex_count=vertex_count)
    bound = library.meshopt_encodeIndexBufferBound(faces.size, vertex_count)
    buffer = np.empty(bound, np.uint8)
    size = library.meshopt_encodeIndexBuffer(
        buffer.ctypes.data, buffer.size, faces.ctypes.data, faces.size
    )
    return buffer[:size].tobytes()


def decode_triangles(stream: bytes, *, count: int, vertex_count: int) -> NDArray[np.uint32]:
    """(count, 3) uint32 triangles of a packed index stream.

    Raises:
        InvalidMesh: the stream is damaged or refers to vertices that do not exist.
    """
    if not 0 <= count < 2**32 // 3:
        raise InvalidMesh(f"cannot decode {count} triangles")
    source = np.frombuffer(stream, np.uint8)
    faces = np.empty((count, 3), np.uint32)
    code = library.meshopt_decodeIndexBuffer(
        faces.ctypes.data, faces.size, 4, source.ctypes.data, source.size
    )
    if code != 0:
        raise InvalidMesh(f"damaged meshopt index stream (code {code})")
    return triangles_array(faces, vertex_count=vertex_count)


def encode_octahedral(vectors: Any, *, bits: int = 8) -> NDArray[np.int8] | NDArray[np.int16]:
    """Unit vectors (V, 4) packed for the extension's OCTAHEDRAL filter; w is kept in the fourth.

    ``bits`` up to 8 gives int8 rows of 4 bytes, up to 16 gives int16 rows of 8 bytes.

    Raises:
        InvalidMesh: not (V, 4) finite floats, or bits outside 2..16.
    """
    rows = float_array(vectors, width=4, name="vectors")
    if not 2 <= bits <= 16:
        raise InvalidMesh(f"octahedral bits must be 2 to 16, not {bits}")
    packed = np.empty((len(rows), 4), np.int8 if bits <= 8 else np.int16)
    if len(rows):
        library.meshopt_encodeFilterOct(
            packed.ctypes.data, len(rows), packed.itemsize * 4, bits, rows.ctypes.data
        )
    return packed
