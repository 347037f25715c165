"""A model that moves, as it stands at some moments of its animations."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Channel, Mesh, Model, Part, Rig, RigNode

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pose:
    """What differs from the model at rest."""

    nodes: Mapping[int, Mapping[str, NDArray[np.float64]]] = field(default_factory=dict)
    """``translation``, ``rotation`` and ``scale`` of nodes of the rig."""
    shapes: Mapping[int, NDArray[np.float64]] = field(default_factory=dict)
    """The weights of the morph targets of the parts with that :attr:`Part.shape`."""


def clip_poses(model: Model, *, most: int) -> list[Pose]:
    """Moments spread over the keys of all animations.

    Between keys the way is taken as straight, whatever the file says: a pose near one that is
    played is as good to measure in.
    """
    moments = []
    for clip in model.rig.clips if model.rig else ():
        keys = [channel.times for channel in clip.channels]
        times = np.unique(np.concatenate(keys)) if keys else np.zeros(0)
        moments += [(clip, float(times[at])) for at in _spread(len(times), most)]
    chosen = (moments[at] for at in _spread(len(moments), most))
    return [_at(clip.channels, time) for clip, time in chosen]


def key_poses(model: Model, *, most: int) -> list[Pose]:
    """As :func:`clip_poses`; without animations, some shapes, each by itself."""
    if poses := clip_poses(model, most=most):
        return poses
    shapes = [
        (part.shape, row)
        for part in model.parts
        for row in np.eye(len(part.mesh.targets), dtype=np.float64)
    ]
    return [Pose(shapes=dict([shapes[at]])) for at in _spread(len(shapes), most)]


def posed(model: Model, pose: Pose = Pose()) -> Model:
    """The static model that is seen in a pose: positions alone, normals are those at rest."""
    with np.errstate(all="ignore"):  # keys may be anything
        rest, bones = (_worlds(model.rig, each) for each in (Pose(), pose))
        parts = tuple(_posed(part, model.rig, pose, rest, bones) for part in model.parts)
    return replace(model, parts=parts, rig=None)


def _spread(count: int, most: int) -> list[int]:
    if not count:
        return []
    spread = np.linspace(0, count - 1, min(count, most))
    return sorted({round(place) for place in spread.tolist()})


def _at(channels: tuple[Channel, ...], time: float) -> Pose:
    nodes: dict[int, dict[str, NDArray[np.float64]]] = {}
    shapes: dict[int, NDArray[np.float64]] = {}
    for channel in channels:
        if channel.path == "weights":
            shapes[channel.node] = _value(channel, time)
        else:
            nodes.setdefault(channel.node, {})[channel.path] = _value(channel, time)
    return Pose(nodes, shapes)


def _value(channel: Channel, time: float) -> NDArray[np.float64]:
    keys = channel.values.astype(np.float64)
    if channel.interpolation == "CUBICSPLINE":
        keys = keys[1::3]  # between the tangents
    after = int(np.searchsorted(channel.times, time))
    before, after = max(after - 1, 0), min(after, len(keys) - 1)
    span = float(channel.times[after] - channel.times[before])
    share = (time - float(channel.times[before])) / span if span > 0.0 else 1.0
    if channel.interpolation == "STEP" and share < 1.0:
        share = 0.0
    first, last = keys[before], keys[after]
    if channel.path == "rotation" and first @ last < 0.0:
        last = -last  # the same rotation, the short way round
    return np.asarray(first + share * (last - first))


def _worlds(rig: Rig | None, pose: Pose) -> NDArray[np.float64]:
    """(N, 4, 4) from each node's space into the model's."""
    if rig is None:
        return np.zeros((0, 4, 4))
    worlds = np.zeros((len(rig.nodes) + 1, 4, 4))
    worlds[-1] = rig.placement  # of a root's parent, which is -1
    known = np.zeros(len(worlds), bool)
    known[-1] = True
    for start in range(len(rig.nodes)):
        path = [start]
        while not known[path[-1]]:
            path.append(rig.nodes[path[-1]].parent)
        for parent, node in itertools.pairwise(reversed(path)):
            worlds[node] = worlds[parent] @ _local(rig.nodes[node], pose.nodes.get(node, {}))
            known[node] = True
    return worlds[:-1]


def _local(node: RigNode, changed: Mapping[str, Any]) -> Matrix:
    """Only nodes without a matrix are animated (glTF 2.0, section 3.5.3)."""
    if not changed:
        return node.local
    values = {**node.transform, **changed}
    matrix = np.eye(4)
    scale = np.asarray(values.get("scale", (1.0, 1.0, 1.0)), np.float64)
    matrix[:3, :3] = _rotation(np.asarray(values.get("rotation", (0, 0, 0, 1)), np.float64)) * scale
    matrix[:3, 3] = values.get("translation", (0.0, 0.0, 0.0))
    return matrix


def _rotation(quaternion: NDArray[np.float64]) -> Matrix:
    x, y, z, w = quaternion / max(float(np.linalg.norm(quaternion)), 1e-30)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def _posed(
    part: Part,
    rig: Rig | None,
    pose: Pose,
    rest: NDArray[np.float64],
    bones: NDArray[np.float64],
) -> Part:
    mesh = part.mesh
    weights = pose.shapes.get(part.shape, np.asarray(part.shape_weights, np.float64))
    points = mesh.positions.astype(np.float64)
    for weight, target in zip(weights, mesh.targets, strict=False):
        points = points + weight * target.positions
    if rig is not None and part.skin >= 0:
        skin = rig.skins[part.skin]
        points = _bent(mesh, points, bones[list(skin.joints)] @ skin.inverse_bind)
    elif rig is not None and part.node >= 0:
        points = _through(points, bones[part.node] @ np.linalg.inv(rest[part.node]))
    still = Mesh(points.astype(np.float32), mesh.triangles, mesh.normals, mesh.uvs)
    return Part(still, part.material, part.name)


def _bent(
    mesh: Mesh, points: NDArray[np.float64], bones: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Linear blend skinning (glTF 2.0, section 3.7.3.3)."""
    if mesh.joints is None or mesh.weights is None:
        return points
    result = np.zeros_like(points)
    for joint, weight in zip(mesh.joints.T, mesh.weights.T, strict=True):
        one = np.einsum("vij,vj->vi", bones[joint, :3, :3], points) + bones[joint, :3, 3]
        result += weight[:, None] * one
    return result


def _through(points: NDArray[np.float64], matrix: Matrix) -> NDArray[np.float64]:
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])
