"""GLB bytes to a :class:`Model`: all parts in one space, what moves them beside, refusals named."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._accessor import read_accessor, view_bytes
from ._container import Glb, read_glb
from ._draco import decode_draco
from ._errors import MalformedGlb, UnsupportedGlb
from ._json import EXPORT_AGAIN, element, object_at, objects_at, whole_number
from ._materials import read_material
from ._model import Material, Mesh, Model, Part
from ._nodes import scene_nodes
from ._read_bends import joint_sets, read_influences, read_targets, settled
from ._read_rig import Hold, read_motion
from ._refuse import refuse_unsupported
from ._transform import is_finite, transformed

_MAX_PARTS = 10_000
_MAX_VERTICES = 50_000_000  # of all parts: one mesh may be drawn by thousands of nodes
_ROUNDED = 0.01
"""Of a mesh: rounded to that at rest, a clip that blows it up shows another shape."""


def load_model(data: bytes | memoryview) -> Model:
    """Read a GLB as a textured triangle model, with what moves it.

    Node transforms are applied to positions, normals and tangents; a mirrored node has its winding
    turned. Vertices that no triangle uses stay, degenerate triangles stay: mending is not reading.
    Skins, morph targets and animations of the default scene are kept, see :class:`.Rig`.

    Raises:
        MalformedGlb: the bytes break the specification.
        UnsupportedGlb: instances, points or lines, external files, meshes without size at rest on
            a node that moves, or a required extension this package does not understand.
    """
    return model_from_glb(read_glb(data))


def model_from_glb(glb: Glb) -> Model:
    """As :func:`load_model`, for a GLB that is taken apart already."""
    document = glb.json
    refuse_unsupported(document)
    places = scene_nodes(document)
    motion = read_motion(glb, places)
    materials: dict[int, Material] = {}
    parts: list[Part] = []
    vertices = 0
    for place in places:
        if "mesh" not in place.node:
            continue
        mesh = element(document, "meshes", place.node.get("mesh"))
        hold = motion.hold(place)
        name = str(place.node.get("name") or mesh.get("name") or "mesh")
        for primitive in objects_at(mesh, "primitives"):
            material = _material(glb, primitive, materials)
            read = _read_primitive(glb, primitive, hold, motion.joint_count(hold.skin))
            parts.append(_part(read, material, name, hold))
            vertices += read.vertex_count * (1 + len(read.targets))
            if len(parts) > _MAX_PARTS or vertices > _MAX_VERTICES:
                raise UnsupportedGlb(
                    f"the GLB draws more than {_MAX_PARTS:,} primitives or {_MAX_VERTICES:,} "
                    "vertices",
                    fix="merge or reduce the meshes; repeated ones count each time, and so do "
                    "morph targets",
                )
    if not parts:
        raise UnsupportedGlb("the GLB shows no mesh", fix="put a mesh into the default scene")
    asset = object_at(document, "asset")
    extras = asset.get("extras")
    return Model(
        parts=tuple(parts),
        name=parts[0].name,
        generator=str(asset.get("generator", "")),
        copyright=str(asset.get("copyright", "")),
        extras=extras if isinstance(extras, dict) else {},
        rig=motion.rig,
    )


def _part(mesh: Mesh, material: Material, name: str, hold: Hold) -> Part:
    part = Part(mesh, material, name, node=hold.node, skin=hold.skin)
    if hold.shape is None:
        return part
    shape = hold.shape
    return replace(part, shape=shape.number, shape_weights=shape.weights, shape_names=shape.names)


def _material(glb: Glb, primitive: dict[str, Any], materials: dict[int, Material]) -> Material:
    """Shared, so that parts of one material stay parts of one material."""
    if "material" not in primitive:
        return materials.setdefault(-1, Material(name="default"))
    index = whole_number(primitive, "material")
    if index not in materials:
        materials[index] = read_material(glb, index)
    return materials[index]


def _read_primitive(glb: Glb, primitive: dict[str, Any], hold: Hold, joint_count: int) -> Mesh:
    attributes = object_at(primitive, "attributes")
    if "POSITION" not in attributes:
        raise MalformedGlb("a primitive has no POSITION", fix=EXPORT_AGAIN)
    packed = object_at(object_at(primitive, "extensions"), "KHR_draco_mesh_compression")
    mesh = _read_draco(glb, packed) if packed else _read_plain(glb, primitive, attributes)
    if hold.shape is not None:
        base = frozenset(attributes)
        mesh = replace(mesh, targets=read_targets(glb, primitive, mesh.vertex_count, base))
    if hold.skin >= 0:
        mesh = _bent(glb, attributes, mesh, joint_count)
    elif mesh.joints is not None:
        mesh = replace(mesh, joints=None, weights=None)
    moved = transformed(mesh, hold.matrix)
    if not is_finite(moved):
        raise MalformedGlb("a vertex position is not a finite number", fix=EXPORT_AGAIN)
    if (hold.node >= 0 or hold.skin >= 0) and _rounding(moved) > _ROUNDED >= _rounding(mesh):
        raise UnsupportedGlb(
            "a mesh that moves has next to no size at rest, so that its shape would be lost",
            fix="export it with a rest pose in which every mesh is to be seen",
        )
    return moved


def _rounding(mesh: Mesh) -> float:
    """How far apart the numbers are that float32 has for a vertex, over the size of the mesh."""
    if not mesh.vertex_count:
        return 0.0
    size = float(np.ptp(mesh.positions.astype(np.float64), axis=0).max())
    return float(np.spacing(np.abs(mesh.positions).max())) / size if size > 0.0 else math.inf


def _bent(glb: Glb, attributes: dict[str, Any], mesh: Mesh, joint_count: int) -> Mesh:
    if mesh.joints is None and (found := read_influences(glb, attributes, mesh.vertex_count)):
        mesh = replace(mesh, joints=found[0], weights=found[1])
    if mesh.joints is None or mesh.weights is None:
        raise MalformedGlb("a mesh with a skin has no JOINTS_0", fix=EXPORT_AGAIN)
    if mesh.joints.shape[1] != 4 * len(list(joint_sets(attributes))):
        raise UnsupportedGlb(
            "only some of the joints of a mesh are packed with Draco",
            fix="export without Draco: the pipeline compresses what it delivers",
        )
    joints, weights = settled(mesh.joints, mesh.weights, joint_count)
    return replace(mesh, joints=joints, weights=weights)


def _read_plain(glb: Glb, primitive: dict[str, Any], attributes: dict[str, Any]) -> Mesh:
    positions = read_accessor(glb, attributes["POSITION"], width=3).astype(np.float32)
    triangles = _triangles(glb, primitive, len(positions))
    arrays: dict[str, Any] = {}
    for semantic, field, width in (
        ("NORMAL", "normals", 3),
        ("TANGENT", "tangents", 4),
        ("TEXCOORD_0", "uvs", 2),
    ):
        if semantic in attributes:
            arrays[field] = read_accessor(glb, attributes[semantic], width=width).astype(np.float32)
    if "COLOR_0" in attributes:
        arrays["colors"] = _colors(glb, attributes["COLOR_0"])
    for field, values in arrays.items():
        if len(values) != len(positions):
            raise MalformedGlb(
                f"{field} has {len(values)} elements for {len(positions)} vertices",
                fix=EXPORT_AGAIN,
            )
    return Mesh(positions, triangles, **arrays)


def _read_draco(glb: Glb, packed: dict[str, Any]) -> Mesh:
    ids = object_at(packed, "attributes")
    attributes = {name: whole_number(ids, name) for name in ids}
    mesh = decode_draco(bytes(view_bytes(glb, packed.get("bufferView"))), attributes)
    if len(mesh.triangles) and int(mesh.triangles.max()) >= mesh.vertex_count:
        raise MalformedGlb("a Draco triangle uses a vertex that is not there", fix=EXPORT_AGAIN)
    return mesh


def _colors(glb: Glb, index: Any) -> NDArray[np.float32]:
    width = 3 if element(glb.json, "accessors", index).get("type") == "VEC3" else 4
    colors = read_accessor(glb, index, width=width).astype(np.float32)
    if width == 3:
        colors = np.concatenate([colors, np.ones((len(colors), 1), np.float32)], axis=1)
    return colors


def _triangles(glb: Glb, primitive: dict[str, Any], vertices: int) -> NDArray[np.uint32]:
    mode = primitive.get("mode", 4)
    if mode not in (4, 5, 6):
        raise UnsupportedGlb(
            f"a primitive is of mode {mode} (points or lines)", fix="export triangles only"
        )
    if "indices" in primitive:
        indices = read_accessor(glb, primitive["indices"], width=1)[:, 0]
        if indices.dtype.kind != "u":
            raise MalformedGlb("triangle indices are not unsigned", fix=EXPORT_AGAIN)
        indices = indices.astype(np.uint32)
    else:
        indices = np.arange(vertices, dtype=np.uint32)
    if len(indices) and int(indices.max()) >= vertices:
        raise MalformedGlb(
            f"a triangle uses vertex {int(indices.max())} of {vertices}",
            fix=EXPORT_AGAIN,
        )
    if mode == 4:
        if len(indices) % 3:
            raise MalformedGlb(f"{len(indices)} indices are no whole triangles", fix=EXPORT_AGAIN)
        return np.ascontiguousarray(indices.reshape(-1, 3))
    corners = max(len(indices) - 2, 0)
    step = np.arange(corners)
    if mode == 5:  # strip: every second triangle is turned (glTF 2.0, section 3.7.2.1)
        odd = step % 2
        rows = np.stack([step, step + 1 + odd, step + 2 - odd], axis=1)
    else:
        rows = np.stack([step + 1, step + 2, np.zeros_like(step)], axis=1)
    return np.ascontiguousarray(indices[rows])
