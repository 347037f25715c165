"""Some vertices of a mesh with all that they carry: the one place that knows every attribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, MorphTarget

from ._errors import InvalidMesh
from .topology import concatenated

_ATTRIBUTES = ("normals", "uvs", "tangents", "colors", "joints", "weights")


def taken(mesh: Mesh, order: NDArray[np.int64], triangles: NDArray[np.uint32]) -> Mesh:
    """The mesh with the vertices ``order``, each with its bones and shapes.

    Args:
        mesh: where they are taken from.
        order: (V',) vertices of ``mesh``; any may be left out or come several times.
        triangles: (T, 3) that already refer to the result.

    Raises:
        InvalidMesh: an attribute has not one row per vertex.
    """
    arrays = {name: _rows(mesh, name, getattr(mesh, name), order) for name in _ATTRIBUTES}
    return replace(
        mesh,
        positions=np.ascontiguousarray(mesh.positions[order]),
        triangles=np.ascontiguousarray(triangles),
        targets=tuple(_target(mesh, target, order) for target in mesh.targets),
        **arrays,
    )


def side_by_side(meshes: Sequence[Mesh]) -> Mesh:
    """Positions and triangles of several meshes as one, with what moves their vertices.

    Where one has fewer bones or shapes than another, those that are missing do nothing.
    """
    positions, faces = concatenated(meshes)
    most = max(len(mesh.targets) for mesh in meshes)
    joints, weights = _influences(meshes)
    return Mesh(
        positions,
        faces.astype(np.uint32),
        joints=joints,
        weights=weights,
        targets=tuple(_shape_of_all(meshes, number) for number in range(most)),
    )


def _influences(
    meshes: Sequence[Mesh],
) -> tuple[NDArray[np.uint16] | None, NDArray[np.float32] | None]:
    width = max(0 if mesh.joints is None else mesh.joints.shape[1] for mesh in meshes)
    if width == 0:
        return None, None
    count = sum(mesh.vertex_count for mesh in meshes)
    joints, weights = np.zeros((count, width), np.uint16), np.zeros((count, width), np.float32)
    start = 0
    for mesh in meshes:
        end = start + mesh.vertex_count
        if mesh.joints is not None and mesh.weights is not None:
            joints[start:end, : mesh.joints.shape[1]] = mesh.joints
            weights[start:end, : mesh.weights.shape[1]] = mesh.weights
        start = end
    return joints, weights


def _shape_of_all(meshes: Sequence[Mesh], number: int) -> MorphTarget:
    """Where a morph target moves the vertices: normals and tangents are made anew."""
    moves = [
        mesh.targets[number].positions
        if number < len(mesh.targets)
        else np.zeros_like(mesh.positions)
        for mesh in meshes
    ]
    return MorphTarget(np.concatenate(moves))


def moving_rows(mesh: Mesh) -> NDArray[np.float32]:
    """(V, K) what moves each vertex: equal rows at one place stay together in every pose."""
    arrays = [array for array in (mesh.joints, mesh.weights) if array is not None]
    arrays += [target.positions for target in mesh.targets]
    rows = [np.asarray(array, np.float32) for array in arrays]
    return np.concatenate(rows, axis=1) if rows else np.zeros((mesh.vertex_count, 0), np.float32)


def _target(mesh: Mesh, target: MorphTarget, order: NDArray[np.int64]) -> MorphTarget:
    positions = _rows(mesh, "a morph target", target.positions, order)
    return MorphTarget(
        np.asarray(positions),
        _rows(mesh, "a morph target", target.normals, order),
        _rows(mesh, "a morph target", target.tangents, order),
    )


def _rows(mesh: Mesh, name: str, values: Any, order: NDArray[np.int64]) -> Any:
    if values is None:
        return None
    if len(values) != mesh.vertex_count:
        raise InvalidMesh(f"{name} has {len(values)} rows for {mesh.vertex_count} vertices")
    return np.ascontiguousarray(values[order])
