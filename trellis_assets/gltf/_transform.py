"""A mesh under a matrix: positions, directions, morph targets, and the outside stays outside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._model import Mesh, MorphTarget

_SHORTEST = 1e-20  # nothing shorter is a direction
_SMALLEST = 1e-12
_MOST_STRETCHED = 1e12
"""Longest axis by the shortest one from which on a matrix counts as flat: float32 has 7 digits."""


def inverse_of(matrix: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The inverse of an affine matrix (4, 4); None if it flattens what goes through it."""
    sizes = np.linalg.svd(matrix[:3, :3], compute_uv=False)
    if not sizes[2] > max(sizes[0] / _MOST_STRETCHED, _SMALLEST):
        return None
    back = np.asarray(np.linalg.inv(matrix), np.float64)
    back[3] = 0.0, 0.0, 0.0, 1.0
    return back


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def transformed(mesh: Mesh, matrix: NDArray[np.float64]) -> Mesh:
    """``mesh`` after ``matrix`` (4, 4), affine; one that mirrors turns the winding.

    What morph targets add goes through the linear part; for normals and tangents it is shortened
    as their vectors are, so that a shape that shows by half looks the same before and after.
    """
    if np.array_equal(matrix, np.eye(4)):
        return mesh
    linear = matrix[:3, :3]
    positions = (mesh.positions @ linear.T + matrix[:3, 3]).astype(np.float32)
    mirrored = np.linalg.det(linear) < 0
    side = -1.0 if mirrored else 1.0
    triangles = mesh.triangles[:, ::-1].copy() if mirrored else mesh.triangles
    normals, tangents = mesh.normals, mesh.tangents
    # Normals turn with the cofactor matrix, which exists for flattened nodes as well.
    cofactor = np.stack(
        [
            np.cross(linear[1], linear[2]),
            np.cross(linear[2], linear[0]),
            np.cross(linear[0], linear[1]),
        ]
    )
    turn = cofactor.T * side
    normal_lengths = tangent_lengths = np.ones((mesh.vertex_count, 1))
    if normals is not None:
        turned = normals @ turn
        normal_lengths = _lengths(turned)
        normals = (turned / normal_lengths).astype(np.float32)
    if tangents is not None:
        turned = tangents[:, :3] @ linear.T
        tangent_lengths = _lengths(turned)
        along = (turned / tangent_lengths).astype(np.float32)
        tangents = np.concatenate([along, tangents[:, 3:] * np.float32(side)], axis=1)
    targets = tuple(
        MorphTarget(
            (target.positions @ linear.T).astype(np.float32),
            _shortened(target.normals, turn, normal_lengths),
            _shortened(target.tangents, linear.T, tangent_lengths),
        )
        for target in mesh.targets
    )
    return replace(
        mesh,
        positions=positions,
        triangles=triangles,
        normals=normals,
        tangents=tangents,
        targets=targets,
    )


def is_finite(mesh: Mesh) -> bool:
    """Whether all positions, and what morph targets add to them, are numbers."""
    moved = (mesh.positions, *(target.positions for target in mesh.targets))
    return all(bool(np.isfinite(values).all()) for values in moved)


def _shortened(
    deltas: NDArray[np.float32] | None, turn: NDArray[np.float64], lengths: NDArray[Any]
) -> NDArray[np.float32] | None:
    return None if deltas is None else (deltas @ turn / lengths).astype(np.float32)


def _lengths(vectors: NDArray[Any]) -> NDArray[Any]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.maximum(lengths, _SHORTEST))
