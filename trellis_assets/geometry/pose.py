"""A model that moves, as it stands at some moments of its animations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Channel, Mesh, Model, Part, Rig, RigNode, local_matrix

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pose:
    """What differs from the model at rest."""

    nodes: Mapping[int, Mapping[str, NDArray[np.float64]]] = field(default_factory=dict)
    """``translation``, ``rotation`` and ``scale`` of nodes of the rig."""
    shapes: Mapping[int, NDArray[np.float64]] = field(default_factory=dict)
    """The weights of the morph targets of the parts with that :attr:`Part.shape`."""


def at_rest(model: Model) -> Model:
    """The static model that is seen before any animation plays.

    It is another than that of the vertices as they are stored where the bones of a file do not rest
    as they were bound (arms down, knees bent), and where morph targets show at rest.
    """
    return posed(model) if model.moves else model


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
        skins = model.rig.skins if model.rig else ()
        bends = [bones[list(skin.joints)] @ skin.inverse_bind for skin in skins]
        parts = tuple(_posed(part, pose, rest, bones, bends) for part in model.parts)
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
    changed = [pose.nodes.get(number, {}) for number in range(len(rig.nodes))]
    return rig.worlds([_local(*each) for each in zip(rig.nodes, changed, strict=True)])


def _local(node: RigNode, changed: Mapping[str, Any]) -> Matrix:
    """Only nodes without a matrix are animated (glTF 2.0, section 3.5.3)."""
    return local_matrix({**node.transform, **changed}) if changed else node.local


def _posed(
    part: Part,
    pose: Pose,
    rest: NDArray[np.float64],
    bones: NDArray[np.float64],
    bends: Sequence[NDArray[np.float64]],
) -> Part:
    """``bends`` are (J, 4, 4) of each skin: what its joints do to a vertex."""
    mesh = part.mesh
    weights = pose.shapes.get(part.shape, np.asarray(part.shape_weights, np.float64))
    points = mesh.positions.astype(np.float64)
    for weight, target in zip(weights, mesh.targets, strict=False):
        points = points + weight * target.positions
    if bends and part.skin >= 0:
        points = _bent(mesh, points, bends[part.skin])
    elif len(rest) and part.node >= 0:
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
