"""GLB bytes to a :class:`Model`: the node tree flattened, every refusal named."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._accessor import read_accessor, view_bytes
from ._container import Glb, read_glb
from ._draco import decode_draco
from ._errors import MalformedGlb, UnsupportedGlb
from ._json import EXPORT_AGAIN, element, indices_at, object_at, objects_at, whole_number
from ._materials import read_material
from ._model import Material, Mesh, Model, Part
from ._refuse import refuse_unsupported

_MAX_NODES = 100_000
_MAX_PARTS = 10_000
_MAX_VERTICES = 50_000_000  # of all parts: one mesh may be drawn by thousands of nodes


def load_model(data: bytes | memoryview) -> Model:
    """Read a GLB as a static, textured triangle model.

    Node transforms are applied to positions, normals and tangents; a mirrored node has its winding
    turned. Vertices that no triangle uses stay, degenerate triangles stay: mending is not reading.

    Raises:
        MalformedGlb: the bytes break the specification.
        UnsupportedGlb: skins, morph targets, animations, instances, points or lines, external
            files, or a required extension this package does not understand.
    """
    return model_from_glb(read_glb(data))


def model_from_glb(glb: Glb) -> Model:
    """As :func:`load_model`, for a GLB that is taken apart already."""
    document = glb.json
    refuse_unsupported(document)
    materials: dict[int, Material] = {}
    parts: list[Part] = []
    vertices = 0
    for node, matrix in mesh_nodes(document):
        mesh = element(document, "meshes", node.get("mesh"))
        for primitive in objects_at(mesh, "primitives"):
            material = _material(glb, primitive, materials)
            name = str(node.get("name") or mesh.get("name") or "mesh")
            parts.append(Part(_read_primitive(glb, primitive, matrix), material, name))
            vertices += parts[-1].mesh.vertex_count
            if len(parts) > _MAX_PARTS or vertices > _MAX_VERTICES:
                raise UnsupportedGlb(
                    f"the GLB draws more than {_MAX_PARTS:,} primitives or {_MAX_VERTICES:,} "
                    "vertices",
                    fix="merge or reduce the meshes; repeated ones count each time",
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
    )


def _material(glb: Glb, primitive: dict[str, Any], materials: dict[int, Material]) -> Material:
    """Shared, so that parts of one material stay parts of one material."""
    if "material" not in primitive:
        return materials.setdefault(-1, Material(name="default"))
    index = whole_number(primitive, "material")
    if index not in materials:
        materials[index] = read_material(glb, index)
    return materials[index]


def mesh_nodes(document: dict[str, Any]) -> list[tuple[dict[str, Any], NDArray[np.float64]]]:
    """Nodes with a mesh in the default scene and their world matrices (4, 4), depth first.

    :func:`load_model` makes its parts in this order, one for each primitive of the node's mesh.

    Raises:
        MalformedGlb: a loop, a node with two parents, or an index that leads nowhere.
    """
    nodes = objects_at(document, "nodes")
    scenes = objects_at(document, "scenes")
    if scenes:
        roots = indices_at(element(document, "scenes", document.get("scene", 0)), "nodes")
    else:
        children = {child for node in nodes for child in indices_at(node, "children")}
        roots = [index for index in range(len(nodes)) if index not in children]
    found: list[tuple[dict[str, Any], NDArray[np.float64]]] = []
    stack = [(index, np.eye(4)) for index in reversed(roots)]
    visits = 0
    while stack:
        index, parent = stack.pop()
        visits += 1
        if visits > min(_MAX_NODES, len(nodes)):
            raise MalformedGlb(
                "the node tree has a loop or a node with two parents", fix=EXPORT_AGAIN
            )
        node = element(document, "nodes", index)
        world = parent @ _local_matrix(node)
        if "mesh" in node:
            found.append((node, world))
        stack.extend((child, world) for child in reversed(indices_at(node, "children")))
    return found


def _local_matrix(node: dict[str, Any]) -> NDArray[np.float64]:
    matrix = np.eye(4)
    if "matrix" in node:
        return _numbers(node["matrix"], 16, "matrix").reshape(4, 4).T.copy()
    x, y, z, w = _numbers(node.get("rotation", [0, 0, 0, 1]), 4, "rotation")
    length = math.sqrt(x * x + y * y + z * z + w * w)
    if length < 1e-6:
        raise MalformedGlb("a node's rotation is not a unit quaternion", fix=EXPORT_AGAIN)
    x, y, z, w = x / length, y / length, z / length, w / length
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix[:3, :3] = rotation * _numbers(node.get("scale", [1, 1, 1]), 3, "scale")
    matrix[:3, 3] = _numbers(node.get("translation", [0, 0, 0]), 3, "translation")
    return matrix


def _numbers(values: Any, count: int, what: str) -> NDArray[np.float64]:
    try:
        array = np.array(values, np.float64)
    except (TypeError, ValueError) as error:
        raise MalformedGlb(f"{what} is not {count} numbers", fix=EXPORT_AGAIN) from error
    if array.shape != (count,) or not np.isfinite(array).all():
        raise MalformedGlb(f"{what} is not {count} finite numbers", fix=EXPORT_AGAIN)
    return array


def _read_primitive(glb: Glb, primitive: dict[str, Any], matrix: NDArray[np.float64]) -> Mesh:
    attributes = object_at(primitive, "attributes")
    if "POSITION" not in attributes:
        raise MalformedGlb("a primitive has no POSITION", fix=EXPORT_AGAIN)
    packed = object_at(object_at(primitive, "extensions"), "KHR_draco_mesh_compression")
    if packed:
        return _transformed(_read_draco(glb, packed), matrix)
    positions = read_accessor(glb, attributes["POSITION"], width=3).astype(np.float32)
    triangles = _triangles(glb, primitive, len(positions))
    arrays: dict[str, NDArray[np.float32]] = {}
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
    if not np.isfinite(positions).all():
        raise MalformedGlb("a vertex position is not a finite number", fix=EXPORT_AGAIN)
    return _transformed(Mesh(positions, triangles, **arrays), matrix)


def _read_draco(glb: Glb, packed: dict[str, Any]) -> Mesh:
    ids = object_at(packed, "attributes")
    attributes = {name: whole_number(ids, name) for name in ids}
    mesh = decode_draco(bytes(view_bytes(glb, packed.get("bufferView"))), attributes)
    if len(mesh.triangles) and int(mesh.triangles.max()) >= mesh.vertex_count:
        raise MalformedGlb("a Draco triangle uses a vertex that is not there", fix=EXPORT_AGAIN)
    if not np.isfinite(mesh.positions).all():
        raise MalformedGlb("a vertex position is not a finite number", fix=EXPORT_AGAIN)
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


def _transformed(mesh: Mesh, matrix: NDArray[np.float64]) -> Mesh:
    if np.array_equal(matrix, np.eye(4)):
        return mesh
    linear = matrix[:3, :3]
    positions = (mesh.positions @ linear.T + matrix[:3, 3]).astype(np.float32)
    mirrored = np.linalg.det(linear) < 0
    triangles = mesh.triangles[:, ::-1].copy() if mirrored else mesh.triangles
    normals, tangents = mesh.normals, mesh.tangents
    if normals is not None:
        # Normals turn with the cofactor matrix, which exists for flattened nodes as well.
        cofactor = np.stack(
            [
                np.cross(linear[1], linear[2]),
                np.cross(linear[2], linear[0]),
                np.cross(linear[0], linear[1]),
            ]
        )
        normals = _unit(normals @ (cofactor.T * (-1.0 if mirrored else 1.0)))
    if tangents is not None:
        turned = _unit(tangents[:, :3] @ linear.T)
        sign = tangents[:, 3:] * np.float32(-1.0 if mirrored else 1.0)
        tangents = np.concatenate([turned, sign], axis=1)
    return Mesh(positions, triangles, normals, mesh.uvs, tangents, mesh.colors)


def _unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(length, 1e-20)).astype(np.float32)
    return unit
