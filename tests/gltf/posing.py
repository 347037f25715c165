"""Where every vertex of a document stands at a time, straight from the words of the specification.

An evaluator of glTF 2.0 for tests, which shares no code with what it tests but reading accessors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Glb, read_accessor

Values = NDArray[np.float64]
_WIDTHS = {"translation": 3, "rotation": 4, "scale": 3, "weights": 1}


def posed(glb: Glb, clip: str = "", time: float = 0.0) -> list[tuple[Values, Values]]:
    """(V, 3) positions and unit normals of each drawn primitive, by the name of its node.

    Primitives are sorted by their corners at that time, for an order of nodes says nothing.
    """
    nodes = [dict(node) for node in glb.json["nodes"]]
    for animation in glb.json.get("animations", []):
        if animation.get("name") == clip:
            for channel in animation["channels"]:
                target = channel["target"]
                sampler = animation["samplers"][channel["sampler"]]
                nodes[target["node"]][target["path"]] = _sampled(glb, sampler, target["path"], time)
    worlds = _worlds(glb.json, nodes)
    drawn = [
        _drawn(glb, nodes, worlds, index, primitive)
        for index, node in enumerate(nodes)
        if "mesh" in node and index in worlds
        for primitive in glb.json["meshes"][node["mesh"]]["primitives"]
    ]
    return sorted(drawn, key=lambda one: np.round(one[0].min(axis=0), 3).tolist())


def _drawn(
    glb: Glb, nodes: list[dict[str, Any]], worlds: dict[int, Values], index: int, primitive: Any
) -> tuple[Values, Values]:
    node = nodes[index]
    attributes = primitive["attributes"]
    points = _read(glb, attributes["POSITION"], 3)
    normals = _read(glb, attributes["NORMAL"], 3)
    targets = primitive.get("targets", [])
    default = glb.json["meshes"][node["mesh"]].get("weights", [0] * len(targets))
    for weight, target in zip(node.get("weights", default), targets, strict=True):
        points = points + weight * _read(glb, target["POSITION"], 3)
        if "NORMAL" in target:
            normals = normals + weight * _read(glb, target["NORMAL"], 3)
    matrix = worlds[index][None]
    if "skin" in node:
        matrix = _skinned(glb, worlds, glb.json["skins"][node["skin"]], attributes)
    points = (
        np.einsum("vij,vj->vi", matrix, np.pad(points, ((0, 0), (0, 1)), constant_values=1))
        if len(matrix) > 1
        else np.pad(points, ((0, 0), (0, 1)), constant_values=1) @ matrix[0].T
    )
    turn = np.linalg.inv(matrix[:, :3, :3]).transpose(0, 2, 1)
    normals = (turn @ normals[:, :, None])[:, :, 0]
    return points[:, :3], normals / np.linalg.norm(normals, axis=1, keepdims=True)


def _skinned(glb: Glb, worlds: dict[int, Values], skin: Any, attributes: Any) -> Values:
    binds = _read(glb, skin["inverseBindMatrices"], 16).reshape(-1, 4, 4).transpose(0, 2, 1)
    joints = np.stack(
        [worlds[joint] @ bind for joint, bind in zip(skin["joints"], binds, strict=True)]
    )
    total = np.zeros(())
    number = 0
    while f"JOINTS_{number}" in attributes:
        places = read_accessor(glb, attributes[f"JOINTS_{number}"], width=4)
        weights = _read(glb, attributes[f"WEIGHTS_{number}"], 4)
        total = total + (joints[places] * weights[:, :, None, None]).sum(axis=1)
        number += 1
    return np.asarray(total)


def _worlds(document: dict[str, Any], nodes: list[dict[str, Any]]) -> dict[int, Values]:
    worlds: dict[int, Values] = {}
    queue = [(root, np.eye(4)) for root in document["scenes"][document["scene"]]["nodes"]]
    while queue:
        index, above = queue.pop()
        worlds[index] = above @ _local(nodes[index])
        queue += [(child, worlds[index]) for child in nodes[index].get("children", [])]
    return worlds


def _local(node: dict[str, Any]) -> Values:
    if "matrix" in node:
        return np.array(node["matrix"], float).reshape(4, 4).T
    axis = np.array(node.get("rotation", [0, 0, 0, 1]), float)
    axis, real = axis[:3] / np.linalg.norm(axis), axis[3] / np.linalg.norm(axis)
    cross = np.array(
        [[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]], float
    )
    matrix = np.eye(4)
    matrix[:3, :3] += 2 * real * cross + 2 * cross @ cross
    matrix[:3, :3] *= np.array(node.get("scale", [1, 1, 1]), float)
    matrix[:3, 3] = node.get("translation", [0, 0, 0])
    return matrix


def _sampled(glb: Glb, sampler: Any, path: str, time: float) -> list[float]:
    times = _read(glb, sampler["input"], 1)[:, 0]
    how = sampler.get("interpolation", "LINEAR")
    rows = _read(glb, sampler["output"], _WIDTHS[path])
    parts = 3 if how == "CUBICSPLINE" else 1
    keys = rows.reshape(len(times), parts, -1)
    values = keys[:, parts // 2]
    if time <= times[0] or time >= times[-1]:
        found = values[0] if time <= times[0] else values[-1]
    else:
        at = int(np.searchsorted(times, time, side="right")) - 1
        gap = times[at + 1] - times[at]
        share = (time - times[at]) / gap
        if how == "STEP":
            found = values[at]
        elif how == "LINEAR":
            between = _slerp if path == "rotation" else _lerp
            found = between(values[at], values[at + 1], share)
        else:
            found = _spline(keys[at], keys[at + 1], share, gap)
    if path == "rotation":
        found = found / np.linalg.norm(found)
    return [float(value) for value in found]


def _lerp(first: Values, second: Values, share: float) -> Values:
    return np.asarray(first * (1 - share) + second * share)


def _slerp(first: Values, second: Values, share: float) -> Values:
    first, second = first / np.linalg.norm(first), second / np.linalg.norm(second)
    cosine = float(first @ second)
    second, angle = second * np.sign(cosine or 1), np.arccos(min(abs(cosine), 1.0))
    if angle < 1e-6:
        return first
    parts = np.sin((1 - share) * angle) * first + np.sin(share * angle) * second
    return np.asarray(parts / np.sin(angle))


def _spline(before: Values, after: Values, t: float, gap: float) -> Values:
    """Appendix C.4: in-tangent, value and out-tangent of two keys."""
    return np.asarray(
        (2 * t**3 - 3 * t**2 + 1) * before[1]
        + gap * (t**3 - 2 * t**2 + t) * before[2]
        + (3 * t**2 - 2 * t**3) * after[1]
        + gap * (t**3 - t**2) * after[0]
    )


def _read(glb: Glb, index: int, width: int) -> Values:
    return read_accessor(glb, index, width=width).astype(np.float64)
