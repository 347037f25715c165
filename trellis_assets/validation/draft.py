"""A GLB under repair: what no repair touches stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Glb, Image, MalformedGlb, read_accessor, stored_view, view_bytes

from .document import element_at, items, label, object_of
from .references import drop, knows_all_references, unused

_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
_WIDTHS = {kind: width for width, kind in _TYPES.items()}
_EXPECTED = {"POSITION": 3, "NORMAL": 3, "TANGENT": 4}
_NO_WIDTH = -1
_FLOAT, _UNSIGNED_INT, _UNSIGNED_SHORT = 5126, 5125, 5123
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963


@dataclass(frozen=True)
class Primitive:
    """A primitive and the name of its mesh."""

    mesh: str
    json: dict[str, Any]


class Draft:
    """A GLB's JSON, to be edited in place, and its binary chunk, to be added to.

    Arrays are never changed where they lie, because others may share them: a repair writes a new
    accessor and points at it. :meth:`packed` leaves out what lost its last user this way.
    """

    def __init__(self, glb: Glb) -> None:
        self._glb = Glb(deepcopy(glb.json), bytes(glb.bin), glb.other_chunks)
        self._idle = unused(glb.json)

    @property
    def json(self) -> dict[str, Any]:
        return self._glb.json

    def primitives(self) -> Iterator[Primitive]:
        """Every primitive that is a plain list of triangles."""
        for mesh in items(self.json, "meshes"):
            for primitive in items(mesh, "primitives"):
                compressed = "KHR_draco_mesh_compression" in object_of(primitive, "extensions")
                if primitive.get("mode", 4) == 4 and not compressed:
                    yield Primitive(label(mesh) or "mesh", primitive)

    def array(self, primitive: Primitive, semantic: str) -> NDArray[Any] | None:
        """(V, K) values of an attribute as stored; None if it is not there.

        Raises:
            GltfError: it cannot be read.
        """
        index = object_of(primitive.json, "attributes").get(semantic)
        if index is None:
            return None
        kind = str(element_at(self.json, "accessors", index).get("type"))
        width = _EXPECTED.get(semantic) or _WIDTHS.get(kind, _NO_WIDTH)
        return read_accessor(self._glb, index, width=width)

    def bends(self, primitive: Primitive) -> bool:
        """Bones or shapes move its vertices: what lies in one place at rest need not stay there."""
        attributes = object_of(primitive.json, "attributes")
        return "JOINTS_0" in attributes or bool(items(primitive.json, "targets"))

    def triangles(self, primitive: Primitive) -> NDArray[np.int64]:
        """(T, 3) vertex numbers.

        Raises:
            GltfError: no whole triangles, or a vertex that does not exist.
        """
        positions = self.array(primitive, "POSITION")
        count = 0 if positions is None else len(positions)
        flat = np.arange(count)
        if "indices" in primitive.json:
            stored = read_accessor(self._glb, primitive.json["indices"], width=1)[:, 0]
            flat = stored.astype(np.int64)
        if len(flat) % 3 or (len(flat) and not 0 <= int(flat.min()) <= int(flat.max()) < count):
            raise MalformedGlb(
                f"the triangles of {primitive.mesh!r} are damaged", fix="export the file again"
            )
        return flat.reshape(-1, 3)

    def set_triangles(self, primitive: Primitive, triangles: NDArray[Any]) -> None:
        """Write (T, 3) vertex numbers, in 16 bits where they reach."""
        small = int(triangles.max(initial=0)) < 65535
        flat = np.ascontiguousarray(triangles, "<u2" if small else "<u4").reshape(-1)
        accessor = {
            "bufferView": self.add_view(flat.tobytes(), target=_ELEMENT_ARRAY_BUFFER),
            "componentType": _UNSIGNED_SHORT if small else _UNSIGNED_INT,
            "count": len(flat),
            "type": "SCALAR",
        }
        primitive.json["indices"] = self._append("accessors", accessor)

    def set_array(self, primitive: Primitive, semantic: str, values: NDArray[Any]) -> None:
        """Write (V, K) float32 values of an attribute."""
        array = np.ascontiguousarray(values, "<f4")
        accessor: dict[str, Any] = {
            "bufferView": self.add_view(array.tobytes(), target=_ARRAY_BUFFER),
            "componentType": _FLOAT,
            "count": len(array),
            "type": _TYPES[array.shape[1]],
        }
        if semantic == "POSITION":
            accessor["min"] = [float(value) for value in array.min(axis=0)]
            accessor["max"] = [float(value) for value in array.max(axis=0)]
        object_of(primitive.json, "attributes")[semantic] = self._append("accessors", accessor)

    def keep_vertices(self, primitive: Primitive, kept: NDArray[np.int64]) -> None:
        """Every attribute reduced to the (K,) kept vertices, in their stored type."""
        for semantic, index in list(object_of(primitive.json, "attributes").items()):
            values = self.array(primitive, semantic)
            old = element_at(self.json, "accessors", index)
            if values is None or (len(kept) and int(kept.max()) >= len(values)):
                raise MalformedGlb(f"{semantic} is too short", fix="export the file again")
            if old.get("normalized") or old.get("componentType") != _FLOAT:
                self._set_stored(primitive, semantic, old, kept)
            else:
                self.set_array(primitive, semantic, values[kept])

    def image(self, index: Any) -> Image | None:
        """An embedded picture; None if it is not in the file."""
        entry = element_at(self.json, "images", index)
        if "bufferView" not in entry:
            return None
        data = bytes(view_bytes(self._glb, entry["bufferView"]))
        return Image(data, str(entry.get("mimeType", "")), label(entry))

    def set_image(self, index: int, data: bytes) -> None:
        """Put other bytes of the same format in an image's place."""
        element_at(self.json, "images", index)["bufferView"] = self.add_view(data)

    def add_view(self, data: bytes, *, target: int | None = None, stride: int | None = None) -> int:
        """Append bytes to the binary chunk; returns the number of their view."""
        body = bytes(self._glb.bin)
        body += b"\0" * (-len(body) % 4)
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(body), "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        if stride is not None:
            view["byteStride"] = stride
        self._glb.bin = body + data
        return self._append("bufferViews", view)

    def packed(self) -> Glb:
        """The repaired GLB, without the arrays and pictures that were replaced."""
        if knows_all_references(self.json):
            for collection in ("accessors", "bufferViews"):
                idle = self._idle.get(collection, set())
                drop(self.json, collection, unused(self.json).get(collection, set()) - idle)
        body = bytearray()
        for index in range(len(items(self.json, "bufferViews"))):
            place, data = stored_view(self._glb, index)
            body.extend(b"\0" * (-len(body) % 4))
            place["byteOffset"] = len(body)
            body.extend(data)
        if not body:
            self.json.pop("buffers", None)
        return Glb(self.json, bytes(body), self._glb.other_chunks)

    def _set_stored(
        self,
        primitive: Primitive,
        semantic: str,
        old: dict[str, Any],
        kept: NDArray[np.int64],
    ) -> None:
        """Integers stay integers, each vertex on a 4-byte boundary (glTF 2.0, section 3.6.2.4)."""
        index = self._append("accessors", {**old, "normalized": False})
        values = read_accessor(self._glb, index, width=_WIDTHS[str(old["type"])])[kept]
        size = values.dtype.itemsize * values.shape[1]
        stride = size + -size % 4
        rows = np.zeros((len(values), stride), np.uint8)
        rows[:, :size] = np.ascontiguousarray(values).view(np.uint8).reshape(len(values), size)
        view = self.add_view(rows.tobytes(), target=_ARRAY_BUFFER, stride=stride)
        accessor = {key: value for key, value in old.items() if key not in ("byteOffset", "sparse")}
        accessor |= {"bufferView": view, "count": len(values)}
        if semantic == "POSITION":
            accessor["min"] = values.min(axis=0).tolist()
            accessor["max"] = values.max(axis=0).tolist()
        self.json["accessors"][index] = accessor
        object_of(primitive.json, "attributes")[semantic] = index

    def _append(self, collection: str, item: dict[str, Any]) -> int:
        found = self.json.setdefault(collection, [])
        found.append(item)
        return len(found) - 1
