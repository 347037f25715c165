"""What a GLB holds that a static :class:`Model` does not: refused by name, or at least told.

What moves or bends a mesh is refused: simplifying it safely needs all poses, and leaving it out
would deliver another asset than the one that was given. What merely stands beside the meshes can be
left out, and :func:`left_out` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ._container import Glb
from ._errors import UnsupportedGlb
from ._json import object_at, objects_at
from ._materials import UNDERSTOOD_MATERIAL_EXTENSIONS

UNDERSTOOD_EXTENSIONS = UNDERSTOOD_MATERIAL_EXTENSIONS | {
    "EXT_meshopt_compression",
    "KHR_draco_mesh_compression",
    "KHR_mesh_quantization",
}
_KEPT_ATTRIBUTES = ("POSITION", "NORMAL", "TANGENT", "TEXCOORD_0", "COLOR_0")
_INSTANCES = "EXT_mesh_gpu_instancing"
_SHOWN = 3  # names in a message
_SAID = 6  # reasons in a message


def refuse_unsupported(document: dict[str, Any]) -> None:
    """Refuse what cannot be flattened into static triangles.

    Raises:
        UnsupportedGlb: names every skin, morph target and animation that there is, all at once; or
            a required extension that nobody here understands.
        MalformedGlb: the JSON is not what the specification says.
    """
    required = document.get("extensionsRequired", [])
    names = set(map(str, required)) if isinstance(required, list) else set()
    if unknown := sorted(names - UNDERSTOOD_EXTENSIONS):
        raise UnsupportedGlb(
            f"the GLB requires {', '.join(unknown)}",
            fix="export without these extensions; compressed files must be decompressed first",
        )
    if moving := [*_skins(document), *_targets(document), *_clips(document), *_copies(document)]:
        raise UnsupportedGlb(
            f"the GLB has {', '.join(moving[:_SAID])}",
            fix="this pipeline makes static props: apply the pose and the shape keys, make "
            "instances real, and export without skins and animations",
        )


def _skins(document: dict[str, Any]) -> Iterator[str]:
    for skin in objects_at(document, "skins"):
        joints = _count(_length(skin.get("joints")), "joint") or "no joints"
        yield f"a skin{_quoted(skin)} with {joints}"
    if not document.get("skins") and any("skin" in n for n in objects_at(document, "nodes")):
        yield "a node with a skin that is not there"


def _targets(document: dict[str, Any]) -> Iterator[str]:
    for mesh in objects_at(document, "meshes"):
        counts = [_length(each.get("targets")) for each in objects_at(mesh, "primitives")]
        if count := max(counts, default=0):
            yield f"{_count(count, 'morph target')} on mesh{_quoted(mesh)}"


def _clips(document: dict[str, Any]) -> Iterator[str]:
    if clips := objects_at(document, "animations"):
        names = _listed([str(clip.get("name") or "unnamed") for clip in clips])
        yield f"{_count(len(clips), 'animation')} ({names})"


def _copies(document: dict[str, Any]) -> Iterator[str]:
    nodes = objects_at(document, "nodes")
    if count := sum(_INSTANCES in object_at(node, "extensions") for node in nodes):
        yield f"{_count(count, 'node')} of instances ({_INSTANCES})"


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
    shown = [
        _count(len(objects_at(document, "scenes")) - 1, "further scene"),
        _count(len(objects_at(document, "cameras")), "camera"),
        *_nodes_beside(document),
        *_attributes(document),
        *_extensions(document),
    ]
    notes = [
        _extras(document),
        _count(len(glb.other_chunks), "chunk that glTF does not define"),
    ]
    told = [LeftOut(what) for what in shown] + [LeftOut(what, is_note=True) for what in notes]
    return tuple(each for each in told if each.what)


def _nodes_beside(document: dict[str, Any]) -> Iterator[str]:
    """Nodes that carry no mesh and no other node: sockets and other marks."""
    nodes = objects_at(document, "nodes")
    marks = [
        str(node.get("name") or "unnamed")
        for node in nodes
        if not {"mesh", "camera", "children"} & node.keys()
    ]
    if marks:
        yield f"{_count(len(marks), 'node')} without a mesh ({_listed(marks)})"


def _attributes(document: dict[str, Any]) -> Iterator[str]:
    found = {
        name
        for mesh in objects_at(document, "meshes")
        for primitive in objects_at(mesh, "primitives")
        for name in object_at(primitive, "attributes")
    }
    if others := sorted(found.difference(_KEPT_ATTRIBUTES)):
        yield f"vertex attributes {_listed(others)}"


def _extensions(document: dict[str, Any]) -> Iterator[str]:
    used = document.get("extensionsUsed", [])
    names = set(map(str, used)) if isinstance(used, list) else set()
    if others := sorted(names - UNDERSTOOD_EXTENSIONS):
        yield f"extensions {_listed(others)}"


def _extras(document: dict[str, Any]) -> str:
    """Those of ``asset`` are kept."""
    kinds = ("scenes", "nodes", "meshes", "materials", "images", "textures")
    number = sum("extras" in each for kind in kinds for each in objects_at(document, kind))
    return f"extras of {_count(number, 'object')}" if number else ""


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _count(number: int, what: str) -> str:
    """``2 cameras``; empty for none."""
    return f"{number} {what}{'' if number == 1 else 's'}" if number > 0 else ""


def _quoted(named: dict[str, Any]) -> str:
    name = str(named.get("name") or "")[:60]
    return f" {name!r}" if name else ""


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
