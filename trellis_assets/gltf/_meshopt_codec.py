"""The streams of EXT_meshopt_compression, encoded and decoded behind checks.

Stream versions are those the extension defines (vertices 0, indices 1). A strip-ordered mesh
(``geometry.meshopt.optimize_for_compression``) packs best. Decoding takes untrusted bytes: sizes
are bounded before anything is allocated, and the library checks the stream itself.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trellis_assets.meshopt_library import library

from ._errors import GltfError, MalformedGlb
from ._json import EXPORT_AGAIN

Mode = Literal["ATTRIBUTES", "TRIANGLES", "INDICES"]

_MAX_STRIDE = 256  # of the codec, in bytes
_MAX_BYTES = 1 << 30
_FILTERS = {
    "OCTAHEDRAL": (library.meshopt_decodeFilterOct, (4, 8)),
    "QUATERNION": (library.meshopt_decodeFilterQuat, (8,)),
    "EXPONENTIAL": (library.meshopt_decodeFilterExp, tuple(range(4, _MAX_STRIDE + 1, 4))),
}


def encode_vertices(rows: NDArray[Any]) -> bytes:
    """Pack a (V, ...) array, one row per vertex; a row is a multiple of 4 bytes, at most 256.

    Raises:
        GltfError: no rows, or a row size that the codec cannot take.
    """
    given = np.asarray(rows)
    if given.ndim < 1 or len(given) == 0 or given.dtype.hasobject:
        raise GltfError(f"a vertex stream needs plain rows, not {given.shape} {given.dtype}")
    array = np.ascontiguousarray(given)
    stride = array.nbytes // len(array)
    if stride % 4 or not 0 < stride <= _MAX_STRIDE:
        raise GltfError(f"vertex rows of {stride} bytes; need a multiple of 4 up to 256")
    buffer = np.empty(library.meshopt_encodeVertexBufferBound(len(array), stride), np.uint8)
    size = library.meshopt_encodeVertexBuffer(
        buffer.ctypes.data, buffer.size, array.ctypes.data, len(array), stride
    )
    return buffer[:size].tobytes()


def encode_triangles(triangles: NDArray[np.uint32], *, vertex_count: int) -> bytes:
    """Pack (T, 3) triangles; their rotation may change on decode, their order does not.

    Raises:
        GltfError: another shape, or an index out of range.
    """
    faces = np.ascontiguousarray(triangles, np.uint32)
    if faces.ndim != 2 or faces.shape[1] != 3 or (faces.size and faces.max() >= vertex_count):
        raise GltfError(f"triangles {faces.shape} do not fit {vertex_count} vertices")
    bound = library.meshopt_encodeIndexBufferBound(faces.size, vertex_count)
    buffer = np.empty(bound, np.uint8)
    size = library.meshopt_encodeIndexBuffer(
        buffer.ctypes.data, buffer.size, faces.ctypes.data, faces.size
    )
    return buffer[:size].tobytes()


def encode_octahedral(vectors: NDArray[np.float32], *, bits: int = 8) -> NDArray[Any]:
    """Unit vectors (V, 4) packed for the extension's OCTAHEDRAL filter; w is kept in the fourth.

    ``bits`` up to 8 gives int8 rows of 4 bytes, up to 16 gives int16 rows of 8 bytes.

    Raises:
        GltfError: not (V, 4) finite floats, or bits outside 2..16.
    """
    rows = np.ascontiguousarray(vectors, np.float32)
    if rows.ndim != 2 or rows.shape[1] != 4 or not np.isfinite(rows).all():
        raise GltfError(f"octahedral packing needs finite (n, 4) vectors, not {rows.shape}")
    if not 2 <= bits <= 16:
        raise GltfError(f"octahedral bits must be 2 to 16, not {bits}")
    packed = np.empty((len(rows), 4), np.int8 if bits <= 8 else np.int16)
    if len(rows):
        library.meshopt_encodeFilterOct(
            packed.ctypes.data, len(rows), packed.itemsize * 4, bits, rows.ctypes.data
        )
    return packed


def decode_stream(
    stream: bytes | memoryview,
    *,
    count: int,
    stride: int,
    mode: str,
    filter: str = "NONE",  # noqa: A002 -- the extension's word
) -> NDArray[np.uint8]:
    """(count, stride) uint8 rows of a compressed buffer view.

    Raises:
        MalformedGlb: the stream is damaged, or the numbers are not those of the extension.
    """
    _check(count, stride, mode, filter)
    source = np.frombuffer(stream, np.uint8)
    rows = np.empty((count, stride), np.uint8)
    decode = {
        "ATTRIBUTES": library.meshopt_decodeVertexBuffer,
        "TRIANGLES": library.meshopt_decodeIndexBuffer,
        "INDICES": library.meshopt_decodeIndexSequence,
    }[mode]
    code = decode(rows.ctypes.data, count, stride, source.ctypes.data, source.size)
    if code != 0:
        raise MalformedGlb(f"damaged meshopt stream ({mode}, code {code})", fix=EXPORT_AGAIN)
    if filter != "NONE" and count:
        _FILTERS[filter][0](rows.ctypes.data, count, stride)
    return rows


def _check(count: int, stride: int, mode: str, name: str) -> None:
    strides: tuple[int, ...] = (2, 4)
    if mode == "ATTRIBUTES":
        strides = tuple(range(4, _MAX_STRIDE + 1, 4)) if name == "NONE" else ()
        strides = _FILTERS[name][1] if name in _FILTERS else strides
    known = mode in {"ATTRIBUTES", "TRIANGLES", "INDICES"} and (
        name == "NONE" or (mode == "ATTRIBUTES" and name in _FILTERS)
    )
    whole = mode != "TRIANGLES" or count % 3 == 0
    if not known or stride not in strides or not whole or count * stride > _MAX_BYTES:
        raise MalformedGlb(
            f"EXT_meshopt_compression cannot hold {count} rows of {stride} bytes as {mode} "
            f"with filter {name}",
            fix=EXPORT_AGAIN,
        )
