"""A :class:`Model` to GLB bytes: the smallest correct file, the same bytes for the same model.

Aligned buffer views with targets, bounds on POSITION, 16-bit indices where they reach (65,535 is
the restart value and never used), images shared by content. The Khronos validator has nothing to
say about what comes out. Geometry can be packed in the three ways that extensions define.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._container import Glb, write_glb
from ._draco import encode_draco
from ._geometry import GEOMETRY_EXTENSIONS, Geometry
from ._meshopt_codec import encode_triangles, encode_vertices
from ._model import Image, Material, Mesh, Model
from ._quantize import FLOAT, UNSIGNED_SHORT, Grid, Stream, quantize

_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_UNSIGNED_INT = 5125
_LINEAR, _LINEAR_MIPMAP_LINEAR, _REPEAT = 9729, 9987, 10497


def model_to_glb(model: Model, *, geometry: Geometry = "none") -> bytes:
    """Write ``model`` as binary glTF 2.0.

    WebP images go through EXT_texture_webp (used and required, no fallback); KTX2 images through
    KHR_texture_basisu. One node per part under one scene.

    Args:
        model: what to write.
        geometry: packed geometry loses precision, see :mod:`._quantize` and :mod:`._draco`; with
            ``quantized`` and ``meshopt`` each node carries the scale and translation of its grid.

    Raises:
        GltfError: geometry that cannot be packed in this way.
    """
    return write_glb(_Writer(model, geometry).glb())


class _Writer:
    """Collects buffer views, and shares what is equal."""

    def __init__(self, model: Model, geometry: Geometry) -> None:
        self._model = model
        self._geometry = geometry
        self._unpacked = 0  # bytes of the buffer that a reader fills by decoding
        self._body = bytearray()
        self._views: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []
        self._images: list[dict[str, Any]] = []
        self._textures: list[dict[str, Any]] = []
        self._materials: list[dict[str, Any]] = []
        self._texture_of: dict[bytes, int] = {}
        self._material_of: dict[int, int] = {}
        self._extensions: set[str] = set()
        self._required: set[str] = set()

    def glb(self) -> Glb:
        meshes, nodes = [], []
        for index, part in enumerate(self._model.parts):
            primitive, grid = self._primitive(part.mesh)
            primitive["material"] = self._material(part.material)
            meshes.append({"name": part.name, "primitives": [primitive]})
            nodes.append({"name": part.name, "mesh": index, **(grid.undone if grid else {})})
        asset: dict[str, Any] = {"version": "2.0", "generator": self._model.generator}
        if self._model.copyright:
            asset["copyright"] = self._model.copyright
        if self._model.extras:
            asset["extras"] = dict(self._model.extras)
        document: dict[str, Any] = {
            "asset": asset,
            "scene": 0,
            "scenes": [{"name": self._model.name, "nodes": list(range(len(nodes)))}],
            "nodes": nodes,
            "meshes": meshes,
            "materials": self._materials,
            "accessors": self._accessors,
            "bufferViews": self._views,
            "buffers": [{"byteLength": len(self._body)}],
        }
        if self._unpacked:
            fallback = {"EXT_meshopt_compression": {"fallback": True}}
            document["buffers"].append({"byteLength": self._unpacked, "extensions": fallback})
        if self._textures:
            document["samplers"] = [
                {
                    "magFilter": _LINEAR,
                    "minFilter": _LINEAR_MIPMAP_LINEAR,
                    "wrapS": _REPEAT,
                    "wrapT": _REPEAT,
                }
            ]
            document["textures"] = self._textures
            document["images"] = self._images
        if self._extensions:
            document["extensionsUsed"] = sorted(self._extensions)
        if self._required:
            document["extensionsRequired"] = sorted(self._required)
        return Glb(document, bytes(self._body))

    def _primitive(self, mesh: Mesh) -> tuple[dict[str, Any], Grid | None]:
        needed = GEOMETRY_EXTENSIONS[self._geometry] if mesh.triangle_count else ()
        self._extensions.update(needed)
        self._required.update(needed)
        if self._geometry == "none" or not mesh.triangle_count:
            return self._plain(mesh), None
        if self._geometry == "draco":
            return self._draco(mesh), None
        streams, grid = quantize(mesh, self._geometry)
        attributes = {stream.semantic: self._stream(stream) for stream in streams}
        return {"attributes": attributes, "indices": self._indices(mesh)}, grid

    def _plain(self, mesh: Mesh) -> dict[str, Any]:
        attributes = {
            name: self._accessor(name, values, kind, self._view(values, _ARRAY_BUFFER))
            for name, values, kind in _attributes(mesh)
        }
        return {"attributes": attributes, "indices": self._indices(mesh)}

    def _draco(self, mesh: Mesh) -> dict[str, Any]:
        """The accessors describe what decoding gives; the bytes are in the extension's view."""
        packed = encode_draco(mesh)
        attributes = {
            name: self._accessor(name, values, kind)
            for name, values, kind in _attributes(packed.decoded)
        }
        faces = packed.decoded.triangles
        indices = {"componentType": _UNSIGNED_INT, "count": faces.size, "type": "SCALAR"}
        extension = {"bufferView": self._view(packed.data), "attributes": packed.attributes}
        return {
            "attributes": attributes,
            "indices": self._append(self._accessors, indices),
            "extensions": {"KHR_draco_mesh_compression": extension},
        }

    def _accessor(
        self, name: str, values: NDArray[np.float32], kind: str, view: int | None = None
    ) -> int:
        accessor: dict[str, Any] = {} if view is None else {"bufferView": view}
        accessor |= {"componentType": FLOAT, "count": len(values), "type": kind}
        if name == "POSITION" and len(values):
            accessor["min"] = [float(value) for value in values.min(axis=0)]
            accessor["max"] = [float(value) for value in values.max(axis=0)]
        return self._append(self._accessors, accessor)

    def _stream(self, stream: Stream) -> int:
        rows = np.ascontiguousarray(stream.rows)
        if self._geometry == "meshopt":
            packed = encode_vertices(rows)
            view = self._packed_view(packed, rows, "ATTRIBUTES", stream.filter)
        else:
            view = self._view(rows, _ARRAY_BUFFER)
            self._views[view]["byteStride"] = stream.stride
        accessor: dict[str, Any] = {
            "bufferView": view,
            "componentType": stream.component,
            "count": len(rows),
            "type": stream.kind,
        }
        if stream.normalized:
            accessor["normalized"] = True
        if stream.bounds is not None:
            accessor["min"], accessor["max"] = stream.bounds
        return self._append(self._accessors, accessor)

    def _indices(self, mesh: Mesh) -> int:
        small = mesh.vertex_count < 65535
        indices = np.ascontiguousarray(mesh.triangles, "<u2" if small else "<u4").reshape(-1)
        if self._geometry == "meshopt" and len(indices):
            packed = encode_triangles(mesh.triangles, vertex_count=mesh.vertex_count)
            view = self._packed_view(packed, indices, "TRIANGLES")
        else:
            view = self._view(indices, _ELEMENT_ARRAY_BUFFER)
        accessor = {
            "bufferView": view,
            "componentType": UNSIGNED_SHORT if small else _UNSIGNED_INT,
            "count": len(indices),
            "type": "SCALAR",
        }
        return self._append(self._accessors, accessor)

    def _packed_view(self, packed: bytes, rows: NDArray[Any], mode: str, name: str = "NONE") -> int:
        """A view into the buffer that exists only once it is decoded (EXT_meshopt_compression)."""
        stored = self._views.pop(self._view(packed))
        stride = rows.nbytes // len(rows)
        extension = {**stored, "byteStride": stride, "count": len(rows), "mode": mode}
        if name != "NONE":
            extension["filter"] = name
        view: dict[str, Any] = {
            "buffer": 1,
            "byteOffset": self._unpacked,
            "byteLength": rows.nbytes,
            "target": _ELEMENT_ARRAY_BUFFER if mode == "TRIANGLES" else _ARRAY_BUFFER,
            "extensions": {"EXT_meshopt_compression": extension},
        }
        if mode == "ATTRIBUTES":
            view["byteStride"] = stride
        self._unpacked += rows.nbytes + -rows.nbytes % 4
        return self._append(self._views, view)

    def _material(self, material: Material) -> int:
        if id(material) not in self._material_of:
            written = {"name": material.name, **_surface_rules(material)}
            written["pbrMetallicRoughness"] = self._metallic_roughness(material)
            written |= self._other_textures(material)
            if material.extensions:
                written["extensions"] = dict(material.extensions)
                self._extensions.update(material.extensions)
            self._material_of[id(material)] = self._append(self._materials, written)
        return self._material_of[id(material)]

    def _metallic_roughness(self, material: Material) -> dict[str, Any]:
        written: dict[str, Any] = {
            "baseColorFactor": list(material.base_color_factor),
            "metallicFactor": material.metallic_factor,
            "roughnessFactor": material.roughness_factor,
        }
        if material.base_color is not None:
            written["baseColorTexture"] = self._texture(material.base_color)
        if material.orm is not None:
            written["metallicRoughnessTexture"] = self._texture(material.orm)
        return written

    def _other_textures(self, material: Material) -> dict[str, Any]:
        occlusion = material.orm if material.occlusion else material.occlusion_texture
        written: dict[str, Any] = {}
        if occlusion is not None:
            written["occlusionTexture"] = self._texture(occlusion)
        if material.normal is not None:
            written["normalTexture"] = self._texture(material.normal)
            if material.normal_scale != 1.0:
                written["normalTexture"]["scale"] = material.normal_scale
        if material.emissive is not None:
            written["emissiveTexture"] = self._texture(material.emissive)
        return written

    def _texture(self, image: Image) -> dict[str, Any]:
        digest = sha256(image.data).digest()
        if digest not in self._texture_of:
            self._texture_of[digest] = self._new_texture(image)
        return {"index": self._texture_of[digest]}

    def _new_texture(self, image: Image) -> int:
        entry: dict[str, Any] = {"bufferView": self._view(image.data), "mimeType": image.mime}
        if image.name:
            entry["name"] = image.name
        source = self._append(self._images, entry)
        texture: dict[str, Any] = {"sampler": 0}
        extension = {"image/webp": "EXT_texture_webp", "image/ktx2": "KHR_texture_basisu"}.get(
            image.mime
        )
        if extension is None:
            texture["source"] = source
        else:
            texture["extensions"] = {extension: {"source": source}}
            self._extensions.add(extension)
            self._required.add(extension)
        return self._append(self._textures, texture)

    def _view(self, content: bytes | NDArray[Any], target: int | None = None) -> int:
        data = content if isinstance(content, bytes) else content.tobytes()
        self._body.extend(b"\0" * (-len(self._body) % 4))
        view = {"buffer": 0, "byteOffset": len(self._body), "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self._body.extend(data)
        return self._append(self._views, view)

    @staticmethod
    def _append(items: list[dict[str, Any]], item: dict[str, Any]) -> int:
        items.append(item)
        return len(items) - 1


def _attributes(mesh: Mesh) -> list[tuple[str, NDArray[np.float32], str]]:
    """The attributes that are there: glTF's name, little-endian float32 values, accessor type."""
    known = (
        ("POSITION", mesh.positions, "VEC3"),
        ("NORMAL", mesh.normals, "VEC3"),
        ("TANGENT", mesh.tangents, "VEC4"),
        ("TEXCOORD_0", mesh.uvs, "VEC2"),
        ("COLOR_0", mesh.colors, "VEC4"),
    )
    return [
        (name, np.ascontiguousarray(values, "<f4"), kind)
        for name, values, kind in known
        if values is not None
    ]


def _surface_rules(material: Material) -> dict[str, Any]:
    rules: dict[str, Any] = {}
    if any(material.emissive_factor):
        rules["emissiveFactor"] = list(material.emissive_factor)
    if material.alpha_mode != "OPAQUE":
        rules["alphaMode"] = material.alpha_mode
    if material.alpha_mode == "MASK":
        rules["alphaCutoff"] = material.alpha_cutoff
    if material.double_sided:
        rules["doubleSided"] = True
    return rules
