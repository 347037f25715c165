"""Models that move: what a simplifier must see of it, and how far a rung is off in other poses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, Model

from .measure import Deviation, deviation
from .pose import clip_poses, key_poses, posed

MOST_COLUMNS = 29
"""What meshoptimizer takes besides a normal: 32 numbers per vertex (``kMaxAttributes``)."""
_BONE_COLUMNS = 8  # kept free of poses and shapes where there are bones
_BONE_WEIGHT = 0.1
"""Of the size: how far apart two bones move a vertex that hangs on one instead of the other."""
_POSES = 4


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
    return [
        _columns(part.mesh, [pose.parts[number].mesh for pose in poses]) if bends else None
        for number, (part, bends) in enumerate(zip(model.parts, bending, strict=True))
    ]


def _columns(mesh: Mesh, poses: Sequence[Mesh]) -> NDArray[np.float32] | None:
    size = np.float32(np.ptp(mesh.positions, axis=0).max(initial=0.0))
    if size <= 0.0:
        return None
    bones = _bones(mesh)
    columns = [(pose.positions - mesh.positions) / size for pose in poses]
    left = MOST_COLUMNS - 3 * len(columns)
    shapes = [target.positions / size for target in mesh.targets]
    columns += _folded(shapes, (left - min(len(bones), _BONE_COLUMNS)) // 3)
    left = MOST_COLUMNS - 3 * len(columns)
    columns += _folded([_BONE_WEIGHT * bone for bone in bones], left)
    return np.concatenate(columns, axis=1).astype(np.float32) if columns else None


def _folded(arrays: Sequence[NDArray[np.float32]], most: int) -> list[NDArray[np.float32]]:
    """At most so many: every n-th is added to the first ones.

    Neighbours in the list, which often are neighbours in the body, stay apart, and none is
    overlooked.
    """
    return [np.sum(arrays[first::most], axis=0) for first in range(min(most, len(arrays)))]


def _bones(mesh: Mesh) -> list[NDArray[np.float32]]:
    """(V, 1) weights of each joint that any vertex hangs on."""
    if mesh.joints is None or mesh.weights is None:
        return []
    named = [
        np.where(mesh.joints == joint, mesh.weights, np.float32(0.0)).sum(axis=1, keepdims=True)
        for joint in np.unique(mesh.joints)
    ]
    return [weights for weights in named if weights.any()]


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
        here, grown = deviation(one, other, samples=samples), _diagonal(one) / size
        found.append(Deviation(here.rms * grown, here.hausdorff * grown, here.normal_degrees))
    return Deviation(
        rms=max(each.rms for each in found),
        hausdorff=max(each.hausdorff for each in found),
        normal_degrees=max(each.normal_degrees for each in found),
    )


def _diagonal(model: Model) -> float:
    return float(np.linalg.norm(np.diff(model.bounds(), axis=0)))
