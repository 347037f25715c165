"""A :class:`Model` to GLB bytes: the smallest correct file, the same bytes for the same model.

Aligned buffer views with targets, bounds on POSITION, 16-bit indices where they reach (65,535 is
the restart value and never used), images shared by content. The Khronos validator has nothing to
say about what comes out.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._container import Glb, write_glb
from ._model import Image, Material, Mesh, Model

_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_FLOAT, _UNSIGNED_INT, _UNSIGNED_SHORT = 5126, 5125, 5123
_LINEAR, _LINEAR_MIPMAP_LINEAR, _REPEAT = 9729, 9987, 10497


def model_to_glb(model: Model) -> bytes:
    """Write ``model`` as binary glTF 2.0.

    WebP images go through EXT_texture_webp (used and required, no fallback); KTX2 images through
    KHR_texture_basisu. One node per part under one scene.
    """
    return write_glb(_Writer(model).glb())


class _Writer:
    """Collects buffer views, and shares what is equal."""

    def __init__(self, model: Model) -> None:
        self._model = model
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
            primitive = self._primitive(part.mesh)
            primitive["material"] = self._material(part.material)
            meshes.append({"name": part.name, "primitives": [primitive]})
            nodes.append({"name": part.name, "mesh": index})
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

    def _primitive(self, mesh: Mesh) -> dict[str, Any]:
        attributes = {"POSITION": self._vertices(mesh.positions, "VEC3", bounds=True)}
        if mesh.normals is not None:
            attributes["NORMAL"] = self._vertices(mesh.normals, "VEC3")
        if mesh.tangents is not None:
            attributes["TANGENT"] = self._vertices(mesh.tangents, "VEC4")
        if mesh.uvs is not None:
            attributes["TEXCOORD_0"] = self._vertices(mesh.uvs, "VEC2")
        if mesh.colors is not None:
            attributes["COLOR_0"] = self._vertices(mesh.colors, "VEC4")
        small = mesh.vertex_count < 65535
        indices = np.ascontiguousarray(mesh.triangles, "<u2" if small else "<u4").reshape(-1)
        accessor = {
            "bufferView": self._view(indices.tobytes(), _ELEMENT_ARRAY_BUFFER),
            "componentType": _UNSIGNED_SHORT if small else _UNSIGNED_INT,
            "count": len(indices),
            "type": "SCALAR",
        }
        return {"attributes": attributes, "indices": self._append(self._accessors, accessor)}

    def _vertices(self, values: NDArray[np.float32], kind: str, *, bounds: bool = False) -> int:
        array = np.ascontiguousarray(values, "<f4")
        accessor: dict[str, Any] = {
            "bufferView": self._view(array.tobytes(), _ARRAY_BUFFER),
            "componentType": _FLOAT,
            "count": len(array),
            "type": kind,
        }
        if bounds and len(array):
            accessor["min"] = [float(value) for value in array.min(axis=0)]
            accessor["max"] = [float(value) for value in array.max(axis=0)]
        return self._append(self._accessors, accessor)

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

    def _view(self, data: bytes, target: int | None = None) -> int:
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
