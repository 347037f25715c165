"""Some vertices of a mesh with all that they carry: the one place that knows every attribute."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, MorphTarget

from ._errors import InvalidMesh

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
