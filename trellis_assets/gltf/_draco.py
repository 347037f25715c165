"""KHR_draco_mesh_compression: meshes to Draco's bit stream and back, through DracoPy.

About half the size of meshopt's, slower to decode, and vertices come back in another order: for
downloads that are kept, not for streaming.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._errors import MalformedGlb, UnsupportedGlb
from ._json import EXPORT_AGAIN
from ._model import Mesh
from ._read_bends import joint_sets

_POSITION_BITS, _NORMAL_BITS, _UV_BITS = 14, 10, 16
"""Of the longest side; gltf-transform's defaults but for UVs, where 12 bits are half a texel of a
2048 texture and no margin."""
_LEVEL = 6
"""Of compression; from 7 on, Draco drops degenerate triangles without a word."""
_TANGENT_ID = 9  # beyond those that the encoder numbers itself
_MAX_BYTES = 256 << 20


@dataclass(frozen=True, eq=False)
class DracoMesh:
    """A compressed mesh, and what decoding it gives."""

    data: bytes
    attributes: dict[str, int]
    """Draco's id of each glTF attribute."""
    decoded: Mesh


def encode_draco(mesh: Mesh) -> DracoMesh:
    """Compress a mesh; vertex colours as 8 bit, tangents as floats (Draco has no type for them)."""
    import DracoPy

    colors, tangents = mesh.colors, mesh.tangents
    data = DracoPy.encode(
        np.ascontiguousarray(mesh.positions, np.float32),
        np.ascontiguousarray(mesh.triangles, np.uint32),
        quantization_bits=_POSITION_BITS,
        compression_level=_LEVEL,
        colors=None if colors is None else np.rint(np.clip(colors, 0, 1) * 255).astype(np.uint8),
        tex_coord=None if mesh.uvs is None else mesh.uvs.astype(np.float64),
        normals=None if mesh.normals is None else mesh.normals.astype(np.float64),
        tex_coord_quantization_bits=_UV_BITS,
        normal_quantization_bits=_NORMAL_BITS,
        generic_attributes=None if tangents is None else {_TANGENT_ID: tangents.astype(np.float32)},
    )
    found = _decode(data)
    # Draco's own numbers of attribute types (GeometryAttribute::Type).
    semantics = {0: "POSITION", 1: "NORMAL", 2: "COLOR_0", 3: "TEXCOORD_0", 4: "TANGENT"}
    ids = {semantics[int(one["attribute_type"])]: int(one["unique_id"]) for one in found.attributes}
    return DracoMesh(
        data, ids, _as_mesh({key: _values(found, at) for key, at in ids.items()}, found)
    )


def decode_draco(data: bytes, attributes: dict[str, int]) -> Mesh:
    """The mesh of a Draco stream; ``attributes`` are the extension's ids.

    Raises:
        MalformedGlb: a damaged stream, or an attribute that is not in it.
    """
    found = _decode(data)
    known = {key: at for key, at in attributes.items() if key in _FIELDS}
    mesh = _as_mesh({key: _values(found, at) for key, at in known.items()}, found)
    sets = list(joint_sets(attributes))
    if not sets:
        return mesh
    joints = [_stored(found, attributes[name]) for name, _ in sets]
    weights = [_values(found, attributes[name]) for _, name in sets]
    if any(rows.shape != (mesh.vertex_count, 4) for rows in (*joints, *weights)):
        raise MalformedGlb("joints of a Draco stream do not come in fours", fix=EXPORT_AGAIN)
    return replace(
        mesh,
        joints=np.concatenate(joints, axis=1).astype(np.uint16),
        weights=np.concatenate(weights, axis=1),
    )


_FIELDS = {
    "POSITION": "positions",
    "NORMAL": "normals",
    "TANGENT": "tangents",
    "TEXCOORD_0": "uvs",
    "COLOR_0": "colors",
}


def _decode(data: bytes) -> Any:
    import DracoPy

    if len(data) > _MAX_BYTES:
        raise UnsupportedGlb(
            f"a Draco stream of {len(data)} bytes, the limit is {_MAX_BYTES}", fix="split the model"
        )
    try:
        found = DracoPy.decode(data)
    except (
        ValueError,
        RuntimeError,
        DracoPy.FileTypeException,
        DracoPy.EncodingFailedException,
    ) as error:
        raise MalformedGlb(f"damaged Draco stream: {error}", fix=EXPORT_AGAIN) from error
    if not hasattr(found, "faces"):
        raise UnsupportedGlb("the Draco stream holds points", fix="export triangles only")
    return found


def _values(found: Any, unique_id: int) -> NDArray[np.float32]:
    values = _stored(found, unique_id)
    if values.dtype.kind == "u":  # bytes stay bytes, DracoPy widens what has 16 bits
        most = np.float32(255 if values.dtype.itemsize == 1 else 65535)
        return values.astype(np.float32) / most
    return np.ascontiguousarray(values, np.float32)


def _stored(found: Any, unique_id: int) -> NDArray[Any]:
    attribute = found.get_attribute_by_unique_id(unique_id)
    if attribute is None:
        raise MalformedGlb(f"the Draco stream has no attribute {unique_id}", fix=EXPORT_AGAIN)
    return np.asarray(attribute["data"])


def _as_mesh(values: dict[str, NDArray[np.float32]], found: Any) -> Mesh:
    if "POSITION" not in values:
        raise MalformedGlb("a Draco stream without POSITION", fix=EXPORT_AGAIN)
    faces = np.ascontiguousarray(found.faces, np.uint32).reshape(-1, 3)
    fields: dict[str, Any] = {_FIELDS[key]: array for key, array in values.items()}
    return Mesh(positions=fields.pop("positions"), triangles=faces, **fields)
