"""Accessors to numpy arrays: bounds-checked, sparse and interleaved ones included.

glTF 2.0, section 3.6.2. Normalized integers become floats by the formulas of section 3.6.2.2
(and KHR_mesh_quantization), so that callers see float32 whatever the file stored.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._container import Glb
from ._errors import MalformedGlb, UnsupportedGlb
from ._json import EXPORT_AGAIN, element, object_at, whole_number
from ._meshopt_codec import decode_stream

_DTYPES: dict[int, np.dtype[Any]] = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
MAX_ELEMENTS = 50_000_000


def view_bytes(glb: Glb, index: Any) -> memoryview:
    """The bytes of ``bufferViews[index]``, decoded if EXT_meshopt_compression packed them.

    Raises:
        MalformedGlb: out of bounds, or a damaged stream.
        UnsupportedGlb: the bytes are in an external file.
    """
    view = element(glb.json, "bufferViews", index)
    packed = object_at(object_at(view, "extensions"), "EXT_meshopt_compression")
    if packed:
        return _unpacked(glb, index, packed)
    return _stored(glb, index, view)


def stored_view(glb: Glb, index: Any) -> tuple[dict[str, Any], memoryview]:
    """The object that says where ``bufferViews[index]`` lies in the binary chunk, and its bytes.

    Of a view that EXT_meshopt_compression packed these are the extension and the packed bytes.

    Raises:
        MalformedGlb: out of bounds.
        UnsupportedGlb: the bytes are in an external file.
    """
    view = element(glb.json, "bufferViews", index)
    place = object_at(object_at(view, "extensions"), "EXT_meshopt_compression") or view
    return place, _stored(glb, index, place)


def _unpacked(glb: Glb, index: Any, packed: dict[str, Any]) -> memoryview:
    rows = decode_stream(
        _stored(glb, index, packed),
        count=whole_number(packed, "count"),
        stride=whole_number(packed, "byteStride"),
        mode=str(packed.get("mode")),
        filter=str(packed.get("filter", "NONE")),
    )
    return rows.reshape(-1).data


def _stored(glb: Glb, index: Any, view: dict[str, Any]) -> memoryview:
    buffer_index = whole_number(view, "buffer")
    buffer = element(glb.json, "buffers", buffer_index)
    if buffer_index != 0 or "uri" in buffer:
        raise UnsupportedGlb(
            f"bufferViews[{index}] points outside the GLB (buffers[{buffer_index}])",
            fix="embed every buffer and image in the GLB; external files are never followed",
        )
    start = whole_number(view, "byteOffset", 0)
    length = whole_number(view, "byteLength")
    if start + length > len(glb.bin):
        raise MalformedGlb(
            f"bufferViews[{index}] ends at byte {start + length}, the binary chunk has "
            f"{len(glb.bin)}",
            fix=EXPORT_AGAIN,
        )
    return memoryview(glb.bin)[start : start + length]


def read_accessor(glb: Glb, index: Any, *, width: int, zeros: bool = False) -> NDArray[Any]:
    """Accessor ``index`` as stored.

    Args:
        glb: the file.
        index: of the accessor.
        width: numbers per element.
        zeros: take an accessor without data for zeros, which it is (section 5.1.1) and which no
            mesh is made of.

    Returns:
        (count, width) array of the stored component type, converted to float32 if the accessor is
        normalized. A view into the file where its layout allows one.

    Raises:
        MalformedGlb: out of bounds, unknown component type, or another width than asked for.
    """
    accessor = element(glb.json, "accessors", index)
    dtype = _DTYPES.get(whole_number(accessor, "componentType"))
    found = _WIDTHS.get(str(accessor.get("type")), 0)
    if dtype is None or found != width:
        raise MalformedGlb(
            f"accessors[{index}] is {accessor.get('type')} of {accessor.get('componentType')}, "
            f"{width} components were expected",
            fix=EXPORT_AGAIN,
        )
    count = whole_number(accessor, "count")
    if count > MAX_ELEMENTS:
        raise UnsupportedGlb(
            f"accessors[{index}] has {count} elements, the limit is {MAX_ELEMENTS}",
            fix="split or reduce the model",
        )
    if "bufferView" in accessor:
        values = _strided(glb, accessor, index, dtype, count, width)
    elif "sparse" in accessor or zeros:
        values = np.zeros((count, width), dtype)
    else:
        raise MalformedGlb(f"accessors[{index}] has no data", fix=EXPORT_AGAIN)
    if "sparse" in accessor:
        values = _with_sparse(glb, object_at(accessor, "sparse"), index, values)
    return _normalized(values) if accessor.get("normalized") else values


def _strided(
    glb: Glb, accessor: dict[str, Any], index: Any, dtype: np.dtype[Any], count: int, width: int
) -> NDArray[Any]:
    data = view_bytes(glb, accessor.get("bufferView"))
    view = element(glb.json, "bufferViews", accessor.get("bufferView"))
    offset = whole_number(accessor, "byteOffset", 0)
    size = dtype.itemsize * width
    stride = whole_number(view, "byteStride", size) or size
    needed = offset + (stride * (count - 1) + size if count else 0)
    if needed > len(data) or stride < size:
        raise MalformedGlb(
            f"accessors[{index}] needs {needed} bytes, its bufferView has {len(data)}",
            fix=EXPORT_AGAIN,
        )
    flat = np.frombuffer(data, np.uint8)
    if stride == size:
        return flat[offset : offset + size * count].view(dtype).reshape(count, width)
    rows = np.lib.stride_tricks.as_strided(flat[offset:], (count, size), (stride, 1))
    return np.ascontiguousarray(rows).view(dtype).reshape(count, width)


def _with_sparse(
    glb: Glb, sparse: dict[str, Any], index: Any, values: NDArray[Any]
) -> NDArray[Any]:
    count = whole_number(sparse, "count")
    places, replaced = object_at(sparse, "indices"), object_at(sparse, "values")
    place_type = _DTYPES.get(whole_number(places, "componentType"))
    if place_type is None or place_type.kind != "u":
        raise MalformedGlb(f"accessors[{index}].sparse indices are not unsigned", fix=EXPORT_AGAIN)
    at = _strided(glb, places, index, place_type, count, 1)[:, 0]
    if len(at) and int(at.max()) >= len(values):
        raise MalformedGlb(
            f"accessors[{index}].sparse replaces element {int(at.max())} of {len(values)}",
            fix=EXPORT_AGAIN,
        )
    merged = values.copy()
    merged[at] = _strided(glb, replaced, index, values.dtype, count, values.shape[1])
    return merged


def _normalized(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "f":
        return values
    scale = float(np.iinfo(values.dtype).max)
    floats: NDArray[np.float32] = values.astype(np.float32) / np.float32(scale)
    return np.maximum(floats, np.float32(-1.0))
