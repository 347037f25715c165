"""The node tree of the default scene: who stands where (glTF 2.0, section 3.5)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._errors import MalformedGlb
from ._json import EXPORT_AGAIN, element, indices_at, objects_at

Matrix = NDArray[np.float64]
FARTHEST = 1e12
"""Metres, or times as large: products and inverses of such matrices are still numbers."""
_MAX_NODES = 100_000


@dataclass(frozen=True, eq=False)
class Place:
    """A node of the default scene."""

    index: int  # in the document
    parent: int  # in the document; -1 for a root
    node: dict[str, Any]
    local: Matrix  # (4, 4)
    world: Matrix  # (4, 4)


def mesh_nodes(document: dict[str, Any]) -> list[tuple[dict[str, Any], Matrix]]:
    """Nodes with a mesh in the default scene and their world matrices (4, 4), depth first.

    :func:`load_model` makes its parts in this order, one for each primitive of the node's mesh.

    Raises:
        MalformedGlb: a loop, a node with two parents, or an index that leads nowhere.
    """
    return [(place.node, place.world) for place in scene_nodes(document) if "mesh" in place.node]


def scene_nodes(document: dict[str, Any]) -> list[Place]:
    """All nodes of the default scene, depth first; of all nodes where there is no scene.

    Raises:
        MalformedGlb: a loop, a node with two parents, or an index that leads nowhere.
    """
    nodes = objects_at(document, "nodes")
    found: list[Place] = []
    seen: set[int] = set()
    stack = [(index, -1, np.eye(4)) for index in reversed(_roots(document, nodes))]
    while stack:
        index, parent, above = stack.pop()
        if index in seen or len(seen) >= _MAX_NODES:
            raise MalformedGlb(
                "the node tree has a loop or a node with two parents", fix=EXPORT_AGAIN
            )
        seen.add(index)
        node = element(document, "nodes", index)
        local = local_matrix(node)
        with np.errstate(over="ignore", invalid="ignore"):
            world = above @ local
        if not (np.abs(world) < FARTHEST).all():
            raise MalformedGlb(f"nodes[{index}] is absurdly large or far", fix=EXPORT_AGAIN)
        found.append(Place(index, parent, node, local, world))
        stack.extend((child, index, world) for child in reversed(indices_at(node, "children")))
    return found


def _roots(document: dict[str, Any], nodes: list[dict[str, Any]]) -> list[int]:
    if objects_at(document, "scenes"):
        return indices_at(element(document, "scenes", document.get("scene", 0)), "nodes")
    children = {child for node in nodes for child in indices_at(node, "children")}
    return [index for index in range(len(nodes)) if index not in children]


def local_matrix(node: dict[str, Any]) -> Matrix:
    """(4, 4) from the node's space into its parent's."""
    matrix = np.eye(4)
    if "matrix" in node:
        return finite_numbers(node["matrix"], 16, "matrix").reshape(4, 4).T.copy()
    x, y, z, w = unit_quaternion(node.get("rotation", [0, 0, 0, 1]))
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix[:3, :3] = rotation * finite_numbers(node.get("scale", [1, 1, 1]), 3, "scale")
    matrix[:3, 3] = finite_numbers(node.get("translation", [0, 0, 0]), 3, "translation")
    return matrix


def unit_quaternion(values: Any) -> tuple[float, float, float, float]:
    """A node's rotation, of length 1."""
    x, y, z, w = finite_numbers(values, 4, "rotation").tolist()
    length = math.hypot(x, y, z, w)
    if length < 1e-6:
        raise MalformedGlb("a node's rotation is not a unit quaternion", fix=EXPORT_AGAIN)
    return x / length, y / length, z / length, w / length


def finite_numbers(values: Any, count: int, what: str) -> NDArray[np.float64]:
    """``count`` finite numbers out of JSON."""
    try:
        array = np.array(values, np.float64)
    except (TypeError, ValueError) as error:
        raise MalformedGlb(f"{what} is not {count} numbers", fix=EXPORT_AGAIN) from error
    if array.shape != (count,) or not np.isfinite(array).all():
        raise MalformedGlb(f"{what} is not {count} finite numbers", fix=EXPORT_AGAIN)
    return array
