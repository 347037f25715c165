"""Materials to glTF JSON, each once, with their images in the binary chunk, each content once."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from ._body import Body, added
from ._model import Image, Material

_LINEAR, _LINEAR_MIPMAP_LINEAR, _REPEAT = 9729, 9987, 10497
_SAMPLER = {
    "magFilter": _LINEAR,
    "minFilter": _LINEAR_MIPMAP_LINEAR,
    "wrapS": _REPEAT,
    "wrapT": _REPEAT,
}


class MaterialWriter:
    """Collects what the document says of materials, and the extensions that this takes."""

    def __init__(self, body: Body) -> None:
        self.materials: list[dict[str, Any]] = []
        self.textures: list[dict[str, Any]] = []
        self.images: list[dict[str, Any]] = []
        self.extensions: set[str] = set()
        self.required: set[str] = set()
        self._body = body
        self._texture_of: dict[bytes, int] = {}
        self._material_of: dict[int, int] = {}

    def textures_and_images(self) -> dict[str, Any]:
        """The document's lists of them, and the one sampler; nothing if there are none."""
        if not self.textures:
            return {}
        return {"samplers": [_SAMPLER], "textures": self.textures, "images": self.images}

    def index_of(self, material: Material) -> int:
        """Where ``material`` stands in :attr:`materials`; it is written the first time."""
        if id(material) not in self._material_of:
            written = {"name": material.name, **_surface_rules(material)}
            written["pbrMetallicRoughness"] = self._metallic_roughness(material)
            written |= self._other_textures(material)
            if material.extensions:
                written["extensions"] = dict(material.extensions)
                self.extensions.update(material.extensions)
            self._material_of[id(material)] = added(self.materials, written)
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
        entry: dict[str, Any] = {"bufferView": self._body.view(image.data), "mimeType": image.mime}
        if image.name:
            entry["name"] = image.name
        source = added(self.images, entry)
        texture: dict[str, Any] = {"sampler": 0}
        extension = {"image/webp": "EXT_texture_webp", "image/ktx2": "KHR_texture_basisu"}.get(
            image.mime
        )
        if extension is None:
            texture["source"] = source
        else:
            texture["extensions"] = {extension: {"source": source}}
            self.extensions.add(extension)
            self.required.add(extension)
        return added(self.textures, texture)


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
