"""What a GLB holds that a :class:`Model` does not: refused by name, or at least told.

What makes more meshes than the file has is refused: leaving it out would deliver another asset than
the one that was given. What merely stands beside the meshes can be left out, and :func:`left_out`
says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._container import Glb
from ._errors import UnsupportedGlb
from ._json import object_at, objects_at
from ._materials import UNDERSTOOD_MATERIAL_EXTENSIONS
from ._nodes import Place, scene_nodes
from ._read_bends import TARGET_ATTRIBUTES, Shape, joint_sets, read_shapes
from ._read_clips import aims
from ._read_rig import moves_nodes, used_skins

UNDERSTOOD_EXTENSIONS = UNDERSTOOD_MATERIAL_EXTENSIONS | {
    "EXT_meshopt_compression",
    "KHR_draco_mesh_compression",
    "KHR_mesh_quantization",
}
_KEPT_ATTRIBUTES = ("POSITION", "NORMAL", "TANGENT", "TEXCOORD_0", "COLOR_0")
_INSTANCES = "EXT_mesh_gpu_instancing"
_SHOWN = 3  # names in a message


def refuse_unsupported(document: dict[str, Any]) -> None:
    """Refuse what is no part of a :class:`Model` and cannot be left out.

    Raises:
        UnsupportedGlb: instances, or a required extension that nobody here understands.
        MalformedGlb: the JSON is not what the specification says.
    """
    required = document.get("extensionsRequired", [])
    names = set(map(str, required)) if isinstance(required, list) else set()
    if unknown := sorted(names - UNDERSTOOD_EXTENSIONS):
        raise UnsupportedGlb(
            f"the GLB requires {', '.join(unknown)}",
            fix="export without these extensions; compressed files must be decompressed first",
        )
    nodes = objects_at(document, "nodes")
    if count := sum(_INSTANCES in object_at(node, "extensions") for node in nodes):
        raise UnsupportedGlb(
            f"the GLB has {_count(count, 'node')} of instances ({_INSTANCES})",
            fix="make instances real: meshes of their own",
        )


@dataclass(frozen=True)
class LeftOut:
    """Something that the Model does not have."""

    what: str
    is_note: bool = False
    """Data of some tool's own, which no engine shows."""


def left_out(glb: Glb) -> tuple[LeftOut, ...]:
    """What is beside the meshes of a GLB that :func:`.load_model` reads, and not in the Model.

    Raises:
        MalformedGlb: the JSON is not what the specification says.
    """
    document = glb.json
    places = scene_nodes(document)
    shapes = read_shapes(document, places)
    shown = [
        _count(len(objects_at(document, "scenes")) - 1, "further scene"),
        _count(len(objects_at(document, "cameras")), "camera"),
        *_skins_beside(document, places),
        *_nodes_beside(document, places, keeps_nodes=moves_nodes(document, places, shapes)),
        *_channels(document, places, shapes),
        *_attributes(document, places),
        *_extensions(document),
    ]
    notes = [
        _extras(document),
        _count(len(glb.other_chunks), "chunk that glTF does not define"),
    ]
    told = [LeftOut(what) for what in shown] + [LeftOut(what, is_note=True) for what in notes]
    return tuple(each for each in told if each.what)


def _skins_beside(document: dict[str, Any], places: Sequence[Place]) -> Iterator[str]:
    number = len(objects_at(document, "skins")) - len(used_skins(places))
    yield _count(number, "skin") + " that no mesh has" if number > 0 else ""


def _nodes_beside(
    document: dict[str, Any], places: Sequence[Place], *, keeps_nodes: bool
) -> Iterator[str]:
    """Nodes that carry no mesh and no other node: sockets and other marks."""
    kept = {place.index for place in places} if keeps_nodes else set()
    marks = [
        str(node.get("name") or "unnamed")
        for index, node in enumerate(objects_at(document, "nodes"))
        if index not in kept and not {"mesh", "camera", "children"} & node.keys()
    ]
    if marks:
        yield f"{_count(len(marks), 'node')} without a mesh ({_listed(marks)})"


def _channels(
    document: dict[str, Any], places: Sequence[Place], shapes: Mapping[int, Shape]
) -> Iterator[str]:
    """Of animations, what moves nothing that is kept."""
    shown = {place.index for place in places}
    lost = [
        str(object_at(channel, "target").get("path"))
        for clip in objects_at(document, "animations")
        for channel, aim in aims(document, clip, shown, shapes)
        if aim is None
    ]
    if lost:
        yield f"{_count(len(lost), 'animation channel')} ({_listed(sorted(set(lost)))})"


def _attributes(document: dict[str, Any], places: Sequence[Place]) -> Iterator[str]:
    """Vertex attributes, and those that morph targets would change."""
    bent = {_key(p.node.get("mesh")) for p in places if {"mesh", "skin"} <= p.node.keys()}
    found: set[str] = set()
    deltas: set[str] = set()
    for index, mesh in enumerate(objects_at(document, "meshes")):
        for primitive in objects_at(mesh, "primitives"):
            attributes = object_at(primitive, "attributes")
            kept = _influences(attributes) if index in bent else set()
            found |= attributes.keys() - kept
            for target in objects_at(primitive, "targets"):
                deltas |= target.keys() - set(TARGET_ATTRIBUTES)
    if others := sorted(found.difference(_KEPT_ATTRIBUTES)):
        yield f"vertex attributes {_listed(others)}"
    if deltas:
        yield f"{_listed(sorted(deltas))} of morph targets"


def _influences(attributes: dict[str, Any]) -> set[str]:
    return {name for pair in joint_sets(attributes) for name in pair}


def _key(index: Any) -> int:
    return index if isinstance(index, int) else -1


def _extensions(document: dict[str, Any]) -> Iterator[str]:
    used = document.get("extensionsUsed", [])
    names = set(map(str, used)) if isinstance(used, list) else set()
    for material in objects_at(document, "materials"):
        names |= object_at(material, "extensions").keys()
    if others := sorted(names - UNDERSTOOD_EXTENSIONS):
        yield f"extensions {_listed(others)}"


def _extras(document: dict[str, Any]) -> str:
    """Those of ``asset`` are kept, and the names of morph targets."""
    kinds = ("scenes", "nodes", "materials", "images", "textures", "skins", "animations")
    number = sum("extras" in each for kind in kinds for each in objects_at(document, kind))
    for mesh in objects_at(document, "meshes"):
        extras = mesh.get("extras", {})
        number += not isinstance(extras, dict) or bool(extras.keys() - {"targetNames"})
    return f"extras of {_count(number, 'object')}" if number else ""


def _count(number: int, what: str) -> str:
    """``2 cameras``; empty for none."""
    return f"{number} {what}{'' if number == 1 else 's'}" if number > 0 else ""


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
