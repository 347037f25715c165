"""Flat-shaded meshes: collapses across their edges, which are no seams of a texture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, MorphTarget, Part

from .shading import corner_normals, split_by_normals
from .topology import face_vectors, unit, weld
from .vertices import moving_rows, taken

_FLAT = 0.999  # cosine of 2.6 degrees: what rounded normals are off at most
_BENT = 0.996  # cosine of 5 degrees: from there on flat and smooth shading look different
_SHARE = 0.9  # of the corners in question; a few smooth ones may be among them
_TELLING = 0.1  # of all corners: fewer in question say nothing


def is_faceted(part: Part) -> bool:
    """Whether corners have the normal of their triangle where a smooth one would be another."""
    mesh = part.mesh
    if mesh.normals is None or mesh.triangle_count == 0 or part.material.normal is not None:
        return False
    faces = mesh.triangles.astype(np.int64)
    place, first = weld(mesh.positions)
    smooth, _ = corner_normals(mesh.positions[first], place[faces], crease_degrees=180.0)
    flat = unit(face_vectors(mesh.positions, faces))
    bent = np.einsum("tcj,tj->tc", smooth, flat) < _BENT
    along = np.einsum("tcj,tj->tc", mesh.normals[faces], flat) > _FLAT
    return bool(bent.mean() >= _TELLING and along[bent].mean() >= _SHARE)


def joined(mesh: Mesh) -> Mesh:
    """The mesh with vertices that differ in normal and tangent alone made one, without either.

    Vertices keep their UVs, colours, bones and the places that shapes move them to.
    """
    arrays = [mesh.positions, mesh.uvs, mesh.colors, moving_rows(mesh)]
    rows = np.concatenate([array for array in arrays if array is not None], axis=1)
    _, first, same = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    faces = same.reshape(-1)[mesh.triangles].astype(np.uint32)
    found = taken(mesh, first, faces)
    shapes = tuple(MorphTarget(target.positions) for target in found.targets)
    return replace(found, normals=None, tangents=None, targets=shapes)


def faceted(mesh: Mesh) -> Mesh:
    """The mesh with the normal of its triangle at every corner."""
    normals = unit(face_vectors(mesh.positions, mesh.triangles.astype(np.int64)))
    corners: NDArray[np.float32] = np.repeat(normals, 3, axis=0).astype(np.float32)
    return split_by_normals(mesh, corners)
