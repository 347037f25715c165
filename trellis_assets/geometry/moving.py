"""Models that move: what a simplifier must see of it, and how far a rung is off in other poses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, Model

from .arrays import MAX_COORDINATE
from .measure import Deviation, deviation
from .pose import clip_poses, key_poses, posed
from .topology import face_vectors

MOST_COLUMNS = 29
"""What meshoptimizer takes besides a normal: 32 numbers per vertex (``kMaxAttributes``)."""
_BONE_COLUMNS = 8  # kept free of poses and shapes where there are bones
_BONE_WEIGHT = 0.1
"""Of the size: how far apart two bones move a vertex that hangs on one instead of the other."""
_POSES = 4
_SAMPLES = 4_000  # on each surface in each pose, where the error of a rung is measured
_FARTHEST = 1000.0  # sizes; keys may be anything


def steering(model: Model) -> list[NDArray[np.float32] | None]:
    """What moves each vertex of each part, as attributes that guide a collapse; None: nothing does.

    They are where a vertex goes in some poses of the animations (Mohr and Gleicher 2003,
    "Deformation Sensitive Decimation", sum the quadrics of poses), how far each morph target moves
    it, both over the size of the mesh, and its weight for each bone. Measured on a tube of 2 m that
    bends, with half its triangles: bent, the rung is 22.8 mm RMS off without any of them, 3.8 with
    bones and shapes, 0.6 with poses too.

    Returns:
        For each part (V, K) float32, K at most :data:`MOST_COLUMNS`.
    """
    bending = [bool(part.mesh.targets) or part.skin >= 0 for part in model.parts]
    if not any(bending):
        return [None] * len(model.parts)
    poses = [posed(model, pose) for pose in clip_poses(model, most=_POSES)]
    poses = [pose for pose in poses if _is_seen(pose)]
    return [
        _columns(part.mesh, [pose.parts[number].mesh for pose in poses]) if bends else None
        for number, (part, bends) in enumerate(zip(model.parts, bending, strict=True))
    ]


def _columns(mesh: Mesh, poses: Sequence[Mesh]) -> NDArray[np.float32] | None:
    size = np.float32(np.ptp(mesh.positions, axis=0).max()) if mesh.vertex_count else 0.0
    if size <= 0.0:
        return None
    columns = [_moves(mesh, pose) / size for pose in poses]
    joints = _used_joints(mesh)
    left = MOST_COLUMNS - 3 * len(columns) - min(len(joints), _BONE_COLUMNS)
    columns += [shape / size for shape in _shapes(mesh, left // 3)]
    left = MOST_COLUMNS - 3 * len(columns)
    if len(joints):
        columns.append(_BONE_WEIGHT * _bones(mesh, joints, left))
    if not columns:
        return None
    return np.clip(np.concatenate(columns, axis=1), -_FARTHEST, _FARTHEST).astype(np.float32)


def _moves(mesh: Mesh, pose: Mesh) -> NDArray[np.float32]:
    """(V, 3) metres, without what all have in common."""
    way = pose.positions - mesh.positions
    return np.asarray(way - way.mean(axis=0))


def _shapes(mesh: Mesh, most: int) -> list[NDArray[np.float32]]:
    """At most so many (V, 3) metres: every n-th morph target is added to the first ones.

    Neighbours in the list, which often are neighbours in the body, stay apart, and none is
    overlooked; the same goes for bones.
    """
    shapes = [target.positions.copy() for target in mesh.targets[:most]]
    for number, target in enumerate(mesh.targets[most:]):
        shapes[number % most] += target.positions
    return shapes


def _used_joints(mesh: Mesh) -> NDArray[np.uint16]:
    if mesh.joints is None or mesh.weights is None:
        return np.zeros(0, np.uint16)
    return np.unique(mesh.joints[mesh.weights > 0.0])


def _bones(mesh: Mesh, joints: NDArray[np.uint16], most: int) -> NDArray[np.float32]:
    """(V, at most so many) weights of joints."""
    count = min(len(joints), most)
    columns = np.zeros((mesh.vertex_count, count), np.float32)
    if mesh.joints is None or mesh.weights is None:
        return columns
    place = np.zeros(int(mesh.joints.max(initial=0)) + 1, np.int64)
    place[joints] = np.arange(len(joints)) % count
    every = np.arange(mesh.vertex_count)
    for joint, weight in zip(mesh.joints.T, mesh.weights.T, strict=True):
        columns[every, place[joint]] += weight
    return columns


def pose_deviation(first: Model, second: Model, *, samples: int) -> Deviation:
    """The largest of :func:`.measure.deviation` at rest and in a handful of key poses.

    Args:
        first: whose diagonal at rest the distances are relative to.
        second: with the rig of ``first``.
        samples: points on each surface in each pose.
    """
    still = deviation(first, second, samples=samples)
    if not first.moves:
        return still
    size = _diagonal(first)
    found = [still]
    for pose in key_poses(first, most=_POSES):
        one, other = posed(first, pose), posed(second, pose)
        if not (_is_seen(one) and _is_seen(other)):
            continue
        here, grown = deviation(one, other, samples=samples), _diagonal(one) / size
        found.append(Deviation(here.rms * grown, here.hausdorff * grown, here.normal_degrees))
    return Deviation(
        rms=max(each.rms for each in found),
        hausdorff=max(each.hausdorff for each in found),
        normal_degrees=max(each.normal_degrees for each in found),
    )


def pose_error(first: Model, second: Model) -> float:
    """Metres between two models in the worst of :func:`pose_deviation`'s poses."""
    return _diagonal(first) * pose_deviation(first, second, samples=_SAMPLES).hausdorff


def _is_seen(model: Model) -> bool:
    """An animation may scale everything to nothing, or out of all bounds."""
    if not np.abs(model.bounds()).max() <= MAX_COORDINATE:
        return False
    areas = (
        face_vectors(part.mesh.positions, part.mesh.triangles.astype(np.int64))
        for part in model.parts
    )
    return any(np.any(area) for area in areas)


def _diagonal(model: Model) -> float:
    return float(np.linalg.norm(np.diff(model.bounds(), axis=0)))
