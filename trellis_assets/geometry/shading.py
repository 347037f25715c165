"""Vertex normals and tangents, as engines expect them.

Normals are weighted by corner angle (Thürmer and Wüthrich 1998) and split at creases. Tangents
follow MikkTSpace (Mikkelsen 2008): per-triangle tangents projected on the vertex normal, weighted
by the corner angle seen along that normal, shared by corners of equal position, normal and UV
whose triangles hang together there by edges and are mirrored alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh

from .arrays import required
from .topology import components, edges, face_vectors, neighbours, unit
from .vertices import taken

_TINY = 1.0e-20


def corner_normals(
    positions: NDArray[Any],
    faces: NDArray[Any],
    *,
    crease_degrees: float,
    smooth: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Normals per triangle corner, averaged across every edge flatter than the crease angle.

    Args:
        positions: (W, 3) welded.
        faces: (T, 3) welded.
        crease_degrees: edges whose triangles differ by more are sharp; 180 smooths everything.
        smooth: (T * 3,) half-edges that never are sharp, whatever their angle.

    Returns:
        (T, 3, 3) unit normals and (T, 3) number of the group each corner was averaged in.
    """
    vectors = face_vectors(positions, faces)
    normal = unit(vectors)
    pair = neighbours(edges(faces))
    left, right = pair[:, 0], pair[:, 1]
    bend = np.einsum("ij,ij->i", normal[left // 3], normal[right // 3])
    joined = bend >= np.cos(np.radians(crease_degrees)) - 1e-9
    if smooth is not None:
        joined |= smooth[left] & smooth[right]
    group = corner_groups(faces, left[joined], right[joined])
    weights = corner_angles(positions, faces).reshape(-1)
    total = np.stack(
        [np.bincount(group, weights=weights * np.repeat(normal[:, axis], 3)) for axis in range(3)],
        axis=1,
    )
    result = unit(total)[group].reshape(-1, 3, 3)
    lost = np.einsum("ijk,ijk->ij", result, result) < 0.5
    fallback = np.where(np.any(normal, axis=1)[:, None], normal, (0.0, 1.0, 0.0))
    result[lost] = np.broadcast_to(fallback[:, None, :], result.shape)[lost]
    return result, group.reshape(-1, 3)


def corner_groups(
    faces: NDArray[Any], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(T * 3,) corners that meet at a vertex and are linked through joined half-edge pairs."""
    flat = np.asarray(faces).reshape(-1)
    left_end = left - left % 3 + (left + 1) % 3
    right_end = right - right % 3 + (right + 1) % 3
    # Opposite half-edges start where the other ends; equally directed ones (a winding conflict)
    # start at the same vertex.
    same = flat[left] == flat[right]
    return components(
        len(flat),
        np.concatenate([left, left_end]),
        np.concatenate([np.where(same, right, right_end), np.where(same, right_end, right)]),
    )


def corner_angles(positions: NDArray[Any], faces: NDArray[Any]) -> NDArray[np.float64]:
    """(T, 3) interior angles in radians; 0 where two corners coincide."""
    points = positions[faces].astype(np.float64)
    ahead = unit((np.roll(points, -1, axis=1) - points).reshape(-1, 3))
    back = unit((np.roll(points, 1, axis=1) - points).reshape(-1, 3))
    cosine = np.einsum("ij,ij->i", ahead, back)
    valid = np.any(ahead, axis=1) & np.any(back, axis=1)
    angles: NDArray[np.float64] = np.where(valid, np.arccos(np.clip(cosine, -1.0, 1.0)), 0.0)
    return angles.reshape(-1, 3)


def with_normals(mesh: Mesh, *, crease_degrees: float = 50.0) -> Mesh:
    """The mesh with computed normals; vertices are repeated where a crease splits them."""
    from .topology import weld

    group, first = weld(mesh.positions)
    normals, _ = corner_normals(
        mesh.positions[first], group[mesh.triangles], crease_degrees=crease_degrees
    )
    return split_by_normals(mesh, normals.reshape(-1, 3).astype(np.float32))


def split_by_normals(mesh: Mesh, normals: NDArray[np.float32]) -> Mesh:
    """The mesh with (T * 3, 3) corner normals, repeating a vertex that has several."""
    flat = mesh.triangles.reshape(-1).astype(np.int64)
    key = np.empty((len(flat), 4), np.int32)
    key[:, 0] = flat
    key[:, 1:] = np.round(normals * 32767.0)
    _, first, inverse = np.unique(key, axis=0, return_index=True, return_inverse=True)
    source = flat[first]
    return replace(
        taken(mesh, source, inverse.reshape(-1, 3).astype(np.uint32)),
        normals=unit(normals[first]).astype(np.float32),
        tangents=None,
    )


def with_unit_normals(mesh: Mesh) -> Mesh:
    """The mesh with its normals scaled to length 1; lost ones point up or come from triangles."""
    if mesh.normals is None:
        return mesh
    normals = unit(mesh.normals)
    lost = ~np.any(normals, axis=1)
    if lost.any():
        faces = mesh.triangles.astype(np.int64)
        vectors = np.repeat(face_vectors(mesh.positions, faces), 3, axis=0)
        total = np.stack(
            [
                np.bincount(faces.reshape(-1), weights=vectors[:, axis], minlength=len(normals))
                for axis in range(3)
            ],
            axis=1,
        )
        normals[lost] = unit(total[lost])
        normals[~np.any(normals, axis=1)] = (0.0, 1.0, 0.0)
    return replace(mesh, normals=normals.astype(np.float32))


def with_tangents(mesh: Mesh) -> Mesh:
    """The mesh with MikkTSpace tangents; vertices shared by mirrored UVs are split.

    A mesh without normals or UVs comes back unchanged: glTF defines no tangents for it.
    """
    if mesh.normals is None or mesh.uvs is None or mesh.triangle_count == 0:
        return mesh
    faces = mesh.triangles.astype(np.int64)
    raw, sign = _triangle_tangents(mesh.positions, mesh.uvs, faces)
    rows = np.concatenate([mesh.positions, mesh.normals, mesh.uvs], axis=1) + np.float32(0.0)
    keys = np.ascontiguousarray(rows, np.float32).view(np.dtype((np.void, 32))).reshape(-1)
    shared = np.unique(keys, return_inverse=True)[1].reshape(-1)
    corner_sign = _fill_signs(faces, shared, sign)
    group = _tangent_groups(shared[faces], corner_sign)

    normal = unit(mesh.normals)[faces.reshape(-1)]
    corner = np.repeat(raw, 3, axis=0)
    flat = unit(corner - normal * np.einsum("ij,ij->i", corner, normal)[:, None])
    usable = np.repeat(sign != 0.0, 3)
    weights = np.where(usable, _angles_seen_along(normal, mesh.positions, faces), 0.0)
    total: NDArray[np.float64] = np.stack(
        [np.bincount(group, weights=weights * flat[:, axis]) for axis in range(3)], axis=1
    ).astype(np.float64)
    return _split_by_group(mesh, faces, corner_sign, total[group], group)


def _angles_seen_along(
    normal: NDArray[np.float64], positions: NDArray[Any], faces: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(T * 3,) angles in radians between a corner's edges as they look along its (T * 3, 3) normal,
    which is how MikkTSpace weighs the triangles around a vertex.
    """
    points = positions[faces].astype(np.float64)
    edges_of = (np.roll(points, -1, axis=1) - points, np.roll(points, 1, axis=1) - points)
    ahead, back = (
        unit(edge - normal * np.einsum("ij,ij->i", edge, normal)[:, None])
        for edge in (item.reshape(-1, 3) for item in edges_of)
    )
    return np.asarray(np.arccos(np.clip(np.einsum("ij,ij->i", ahead, back), -1.0, 1.0)))


def _triangle_tangents(
    positions: NDArray[Any], uvs: NDArray[Any], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(T, 3) direction of growing u, and (T,) +1, -1 (mirrored) or 0 (no UV area)."""
    points, texel = positions[faces].astype(np.float64), uvs[faces].astype(np.float64)
    e1, e2 = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    # MikkTSpace and the normal texture convention of glTF count v upwards.
    s, t = texel[:, 1:, 0] - texel[:, :1, 0], -(texel[:, 1:, 1] - texel[:, :1, 1])
    area = s[:, 0] * t[:, 1] - s[:, 1] * t[:, 0]
    sign = np.where(np.abs(area) > _TINY, np.sign(area), 0.0)
    tangent = (t[:, 1:] * e1 - t[:, :1] * e2) * sign[:, None]
    return unit(tangent), sign


def _fill_signs(
    faces: NDArray[np.int64], shared: NDArray[np.int64], sign: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(T * 3,) sign per corner; triangles without UV area take that of their vertex."""
    flat = shared[faces.reshape(-1)]
    corner = np.repeat(sign, 3)
    votes = np.bincount(flat, weights=corner)
    return np.where(corner != 0.0, corner, np.where(votes[flat] < 0.0, -1.0, 1.0))


def _tangent_groups(
    faces: NDArray[np.int64], corner_sign: NDArray[np.float64]
) -> NDArray[np.int64]:
    """(T * 3,) which corners share a tangent: those of one vertex whose triangles hang together
    there by edges and are mirrored alike.
    """
    pair = neighbours(edges(faces))
    left, right = pair[:, 0], pair[:, 1]
    alike = corner_sign[left] == corner_sign[right]
    return corner_groups(faces, left[alike], right[alike])


def _split_by_group(
    mesh: Mesh,
    faces: NDArray[np.int64],
    corner_sign: NDArray[np.float64],
    corner_tangent: NDArray[np.float64],
    group: NDArray[np.int64],
) -> Mesh:
    flat = faces.reshape(-1)
    key = flat * (int(group.max()) + 1) + group
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    source = flat[first]
    normal = unit(required(mesh.normals, "normals"))[source]
    tangent = corner_tangent[first]
    tangent = unit(tangent - normal * np.einsum("ij,ij->i", tangent, normal)[:, None])
    lost = np.einsum("ij,ij->i", tangent, tangent) < 0.5
    tangent[lost] = any_perpendicular(normal[lost])
    return replace(
        taken(mesh, source, inverse.reshape(-1, 3).astype(np.uint32)),
        normals=normal.astype(np.float32),
        tangents=np.column_stack([tangent, corner_sign[first]]).astype(np.float32),
    )


def any_perpendicular(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 3) unit vectors at right angles to the given unit vectors."""
    helper = np.where(np.abs(normals[:, :1]) < 0.9, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    return unit(np.cross(normals, helper))
