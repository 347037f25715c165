"""Who refers to whom in a glTF document, and how to take something out of it.

glTF 2.0 refers to things by their place in a list: taking one out renumbers all that follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trellis_assets.gltf import MalformedGlb

from .document import items, object_of

COLLECTIONS = (
    "nodes", "meshes", "skins", "cameras", "materials", "textures", "images", "samplers",
    "accessors", "bufferViews",
)  # fmt: skip
_KNOWN_EXTENSIONS = (
    "EXT_mesh_gpu_instancing",
    "EXT_texture_webp",
    "KHR_draco_mesh_compression",
    "KHR_lights_punctual",
    "KHR_materials_",
    "KHR_mesh_quantization",
    "KHR_texture_basisu",
    "KHR_texture_transform",
)


@dataclass(frozen=True)
class Reference:
    """``holder[key]`` is a place in ``document[collection]``."""

    collection: str
    holder: Any
    key: Any

    @property
    def index(self) -> int:
        return int(self.holder[self.key])


def unused(document: dict[str, Any]) -> dict[str, set[int]]:
    """What nothing refers to, by collection; nodes are used by scenes, nodes, skins, animations."""
    used: dict[str, set[int]] = {name: set() for name in COLLECTIONS}
    for reference in references(document):
        used.setdefault(reference.collection, set()).add(reference.index)
    return {
        name: set(range(len(found))) - used[name]
        for name in COLLECTIONS
        if isinstance(found := document.get(name), list)
    }


def knows_all_references(document: dict[str, Any]) -> bool:
    """False when an extension that this module does not know may refer to anything."""
    return all(name.startswith(_KNOWN_EXTENSIONS) for name in _extension_names(document))


def drop(document: dict[str, Any], collection: str, gone: set[int]) -> None:
    """Take elements out that nothing refers to, and renumber the references to the others.

    Raises:
        MalformedGlb: something refers to an element that does not exist.
    """
    if not gone:
        return
    kept = [index for index in range(len(document[collection])) if index not in gone]
    number = {old: new for new, old in enumerate(kept)}
    for reference in references(document):
        if reference.collection == collection:
            if reference.index not in number:
                raise MalformedGlb(
                    f"{collection}[{reference.index}] does not exist", fix="export the file again"
                )
            reference.holder[reference.key] = number[reference.index]
    document[collection] = [document[collection][index] for index in kept]
    if not document[collection]:
        del document[collection]


def references(document: dict[str, Any]) -> Iterator[Reference]:
    """Every reference of glTF 2.0 and of the extensions named above."""
    for walk in (_scenes, _nodes, _meshes, _materials, _textures, _binary, _animations):
        yield from walk(document)


def _scenes(document: dict[str, Any]) -> Iterator[Reference]:
    for scene in items(document, "scenes"):
        yield from _each("nodes", scene, "nodes")


def _nodes(document: dict[str, Any]) -> Iterator[Reference]:
    for node in items(document, "nodes"):
        yield from _each("nodes", node, "children")
        for key, collection in (("mesh", "meshes"), ("skin", "skins"), ("camera", "cameras")):
            yield from _one(collection, node, key)
        instancing = object_of(object_of(node, "extensions"), "EXT_mesh_gpu_instancing")
        yield from _values("accessors", object_of(instancing, "attributes"))
    for skin in items(document, "skins"):
        yield from _each("nodes", skin, "joints")
        yield from _one("nodes", skin, "skeleton")
        yield from _one("accessors", skin, "inverseBindMatrices")


def _meshes(document: dict[str, Any]) -> Iterator[Reference]:
    for mesh in items(document, "meshes"):
        for primitive in items(mesh, "primitives"):
            yield from _values("accessors", object_of(primitive, "attributes"))
            for target in items(primitive, "targets"):
                yield from _values("accessors", target)
            yield from _one("accessors", primitive, "indices")
            yield from _one("materials", primitive, "material")
            extensions = object_of(primitive, "extensions")
            draco = object_of(extensions, "KHR_draco_mesh_compression")
            yield from _one("bufferViews", draco, "bufferView")
            for mapping in items(object_of(extensions, "KHR_materials_variants"), "mappings"):
                yield from _one("materials", mapping, "material")


def _materials(document: dict[str, Any]) -> Iterator[Reference]:
    """Texture references hide at any depth, in extensions too."""
    stack: list[Any] = items(document, "materials")
    while stack:
        for key, value in stack.pop().items():
            if isinstance(value, dict) and key != "extras":
                stack.append(value)
                if key.endswith("Texture"):
                    yield from _one("textures", value, "index")


def _textures(document: dict[str, Any]) -> Iterator[Reference]:
    for texture in items(document, "textures"):
        yield from _one("images", texture, "source")
        yield from _one("samplers", texture, "sampler")
        for extension in object_of(texture, "extensions").values():
            if isinstance(extension, dict):
                yield from _one("images", extension, "source")


def _binary(document: dict[str, Any]) -> Iterator[Reference]:
    for owner in (*items(document, "images"), *items(document, "accessors")):
        yield from _one("bufferViews", owner, "bufferView")
        sparse = object_of(owner, "sparse")
        yield from _one("bufferViews", object_of(sparse, "indices"), "bufferView")
        yield from _one("bufferViews", object_of(sparse, "values"), "bufferView")


def _animations(document: dict[str, Any]) -> Iterator[Reference]:
    for animation in items(document, "animations"):
        for sampler in items(animation, "samplers"):
            yield from _one("accessors", sampler, "input")
            yield from _one("accessors", sampler, "output")
        for channel in items(animation, "channels"):
            yield from _one("nodes", object_of(channel, "target"), "node")


def _one(collection: str, holder: dict[str, Any], key: str) -> Iterator[Reference]:
    if _is_index(holder.get(key)):
        yield Reference(collection, holder, key)


def _values(collection: str, holder: dict[str, Any]) -> Iterator[Reference]:
    for key, value in holder.items():
        if _is_index(value):
            yield Reference(collection, holder, key)


def _each(collection: str, owner: dict[str, Any], key: str) -> Iterator[Reference]:
    found = owner.get(key)
    if isinstance(found, list):
        for place, value in enumerate(found):
            if _is_index(value):
                yield Reference(collection, found, place)


def _is_index(value: Any) -> bool:
    return type(value) is int and value >= 0


def _extension_names(document: dict[str, Any]) -> Iterator[str]:
    stack: list[Any] = [document]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield from object_of(item, "extensions")
            stack.extend(value for key, value in item.items() if key != "extras")
        elif isinstance(item, list):
            stack.extend(item)
