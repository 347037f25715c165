"""Several GLBs in one: what they share by content is stored once, nothing is decoded."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ._container import Glb
from ._json import element, indices_at, objects_at

_REFERENCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "nodes": (("mesh", "meshes"),),
    "textures": (("sampler", "samplers"), ("source", "images")),
    "images": (("bufferView", "bufferViews"),),
    "accessors": (("bufferView", "bufferViews"),),
    "bufferViews": (("buffer", "buffers"),),
}
"""Which fields of a top-level object are indices, and into what (glTF 2.0, section 5)."""
_EXTENSION_REFERENCES: Mapping[str, tuple[str, str]] = {
    "EXT_texture_webp": ("source", "images"),
    "KHR_texture_basisu": ("source", "images"),
    "KHR_draco_mesh_compression": ("bufferView", "bufferViews"),
    "EXT_meshopt_compression": ("buffer", "buffers"),
}
_ORDER = (
    "buffers",
    "bufferViews",
    "accessors",
    "images",
    "samplers",
    "textures",
    "materials",
    "meshes",
    "nodes",
)


@dataclass(frozen=True)
class Joined:
    """``glb`` has one scene with all roots; ``roots[i]`` are the root nodes that file i brought."""

    glb: Glb
    roots: tuple[tuple[int, ...], ...]


def join_glbs(files: Sequence[Glb], *, scene: str) -> Joined:
    """Put static GLBs side by side into one.

    Images, textures and materials that are equal become one, so that rungs of one atlas carry it
    once. Compressed geometry (meshopt, Draco) and KTX2 are copied as they are. The
    ``asset`` of the first file is kept.

    Args:
        files: as this package writes them: no skins, animations, cameras or sparse accessors.
        scene: name of the scene of the result.
    """
    joiner = _Joiner()
    roots = tuple(joiner.add(file) for file in files)
    return Joined(joiner.glb(dict(files[0].json["asset"]), scene, roots), roots)


class _Joiner:
    def __init__(self) -> None:
        self._body = bytearray()
        self._items: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _ORDER}
        self._known: dict[str, int] = {}
        self._used: set[str] = set()
        self._required: set[str] = set()

    def add(self, file: Glb) -> tuple[int, ...]:
        """Take in one file; returns its root nodes in the result."""
        document = file.json
        place: dict[str, list[int]] = {"buffers": self._buffers(document)}
        for kind in _ORDER[1:]:
            rename = _Rename(place).apply
            place[kind] = [
                self._view(file, item, rename)
                if kind == "bufferViews"
                else self._append(kind, rename(item, kind))
                for item in objects_at(document, kind)
                if kind != "nodes"
            ]
        first = len(self._items["nodes"])
        nodes = objects_at(document, "nodes")
        place["nodes"] = [first + index for index in range(len(nodes))]
        self._items["nodes"] += [_Rename(place).apply(node, "nodes") for node in nodes]
        self._used |= set(document.get("extensionsUsed", []))
        self._required |= set(document.get("extensionsRequired", []))
        scene = element(document, "scenes", document.get("scene", 0))
        return tuple(first + index for index in indices_at(scene, "nodes"))

    def glb(self, asset: dict[str, Any], scene: str, roots: tuple[tuple[int, ...], ...]) -> Glb:
        self._items["buffers"][0]["byteLength"] = len(self._body)
        document: dict[str, Any] = {
            "asset": asset,
            "scene": 0,
            "scenes": [{"name": scene, "nodes": [node for some in roots for node in some]}],
            **{kind: items for kind, items in self._items.items() if items},
        }
        if self._used:
            document["extensionsUsed"] = sorted(self._used)
        if self._required:
            document["extensionsRequired"] = sorted(self._required)
        return Glb(document, bytes(self._body))

    def _buffers(self, document: dict[str, Any]) -> list[int]:
        """The binary chunks become one; placeholders of compressed buffers stay apart."""
        if not self._items["buffers"]:
            self._items["buffers"].append({"byteLength": 0})
        places = [0]
        for buffer in objects_at(document, "buffers")[1:]:
            self._items["buffers"].append(dict(buffer))
            places.append(len(self._items["buffers"]) - 1)
        return places

    def _view(self, file: Glb, view: dict[str, Any], rename: Callable[..., Any]) -> int:
        moved = rename(view, "bufferViews")
        stored = moved.get("extensions", {}).get("EXT_meshopt_compression", moved)
        if stored["buffer"] != 0:
            return self._append("bufferViews", moved)
        start = stored.get("byteOffset", 0)
        data = bytes(memoryview(file.bin)[start : start + stored["byteLength"]])
        # Pictures are shared; vertex data is not: accessors of one view would need a stride.
        stored["byteOffset"] = 0
        key = f"view {sha256(data).hexdigest()} {json.dumps(moved, sort_keys=True)}"
        if "target" in moved or key not in self._known:
            self._body.extend(b"\0" * (-len(self._body) % 4))
            stored["byteOffset"] = len(self._body)
            self._body.extend(data)
            self._items["bufferViews"].append(moved)
            self._known[key] = len(self._items["bufferViews"]) - 1
        return self._known[key]

    def _append(self, kind: str, item: dict[str, Any]) -> int:
        key = f"{kind} {json.dumps(item, sort_keys=True)}"
        if key not in self._known:
            self._items[kind].append(item)
            self._known[key] = len(self._items[kind]) - 1
        return self._known[key]


class _Rename:
    """Copies a glTF object with its indices moved to where the joined file has them."""

    def __init__(self, place: Mapping[str, Sequence[int]]) -> None:
        self._place = place

    def apply(self, item: Mapping[str, Any], kind: str) -> Any:
        moved = json.loads(json.dumps(item))
        self._fields(moved, _REFERENCES.get(kind, ()))
        for name, body in moved.get("extensions", {}).items():
            if name in _EXTENSION_REFERENCES:
                self._fields(body, (_EXTENSION_REFERENCES[name],))
        if kind == "materials":
            self._texture_infos(moved)
        if kind == "meshes":
            for primitive in moved["primitives"]:
                self._primitive(primitive)
        if kind == "nodes" and "children" in moved:
            moved["children"] = [self._place["nodes"][child] for child in moved["children"]]
        return moved

    def _fields(self, item: dict[str, Any], references: Sequence[tuple[str, str]]) -> None:
        for name, kind in references:
            if name in item:
                item[name] = self._place[kind][item[name]]

    def _texture_infos(self, item: dict[str, Any]) -> None:
        for name, value in item.items():
            if not isinstance(value, dict):
                continue
            if name.endswith("Texture") and "index" in value:
                value["index"] = self._place["textures"][value["index"]]
            else:
                self._texture_infos(value)

    def _primitive(self, primitive: dict[str, Any]) -> None:
        self._fields(primitive, (("indices", "accessors"), ("material", "materials")))
        attributes = primitive["attributes"]
        self._fields(attributes, [(name, "accessors") for name in attributes])
        for name, body in primitive.get("extensions", {}).items():
            if name in _EXTENSION_REFERENCES:
                self._fields(body, (_EXTENSION_REFERENCES[name],))
