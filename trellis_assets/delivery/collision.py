"""Convex hulls for physics: few, small, and around the whole model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.geometry.pose import at_rest
from trellis_assets.gltf import Glb, Material, Mesh, Model, Part, model_to_glb, read_glb, write_glb

from ._errors import DeliveryError
from .budget import CollisionBudget

_VOXELS = 20_000
_THINNEST = 0.01
"""A flat model's hull is given this share of its diagonal as thickness: physics wants a volume."""


_WORTH_SPLITTING = 0.9
"""Several hulls must fill at most this share of the one hull's volume: a barrel stays whole."""


@dataclass(frozen=True, eq=False)
class Hull:
    """One closed convex mesh."""

    positions: NDArray[np.float32]  # (V, 3) metres
    triangles: NDArray[np.uint32]  # (T, 3)


def collision_hulls(model: Model, budget: CollisionBudget) -> list[Hull]:
    """Approximate ``model`` by at most ``budget.hulls`` convex hulls.

    V-HACD (Mamou; the library is ``vhacdx``) splits the volume; where that gains little, or the
    budget is one hull, it is the convex hull of all vertices. The same input gives the same hulls.
    No hull has more vertices than the budget allows, so that corners are cut rather than limits
    broken.

    Raises:
        DeliveryError: the model has no point to put a hull around.
    """
    positions, triangles = _one_mesh(model)
    if len(positions) < 4 or not np.isfinite(positions).all():
        raise DeliveryError("no collision hull: the model has no volume", fix="build LOD0 again")
    thick = _thickened(positions)
    whole = _within(thick, budget.vertices.limit)
    if budget.hulls.limit == 1 or thick is not positions:
        return [whole]
    parts = _split(positions, triangles, budget)
    hulls = [_within(part, budget.vertices.limit) for part in parts]
    worth_it = sum(map(_volume, hulls)) <= _WORTH_SPLITTING * _volume(whole)
    return hulls if worth_it else [whole]


def hulls_glb(hulls: Sequence[Hull], names: Sequence[str], scene: str) -> Glb:
    """The hulls as a GLB of bare meshes: one node each, no materials."""
    invisible = Material(name="collision")
    parts = tuple(
        Part(Mesh(hull.positions, hull.triangles), invisible, name)
        for hull, name in zip(hulls, names, strict=True)
    )
    glb = read_glb(model_to_glb(Model(parts=parts, name=scene)))
    for mesh in glb.json["meshes"]:
        for primitive in mesh["primitives"]:
            del primitive["material"]
    del glb.json["materials"]
    return glb


def hulls_file(hulls: Sequence[Hull], names: Sequence[str], scene: str) -> bytes:
    """:func:`hulls_glb` as bytes."""
    return write_glb(hulls_glb(hulls, names, scene))


def _one_mesh(model: Model) -> tuple[NDArray[np.float64], NDArray[np.uint32]]:
    meshes = [part.mesh for part in at_rest(model).parts]
    starts = np.cumsum([0, *(mesh.vertex_count for mesh in meshes)])[:-1]
    positions = np.concatenate([mesh.positions for mesh in meshes]).astype(np.float64)
    triangles = [mesh.triangles + start for mesh, start in zip(meshes, starts, strict=True)]
    return positions, np.concatenate(triangles).astype(np.uint32)


def _thickened(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Flat models pushed apart along their thinnest axis."""
    middle = positions.mean(axis=0)
    _, _, axes = np.linalg.svd(positions - middle, full_matrices=False)
    depth = (positions - middle) @ axes[2]
    diagonal = float(np.linalg.norm(np.ptp(positions, axis=0)))
    if np.ptp(depth) >= 1e-4 * diagonal:
        return positions
    push = axes[2] * diagonal * _THINNEST / 2.0
    return np.concatenate([positions - push, positions + push])


def _split(
    positions: NDArray[np.float64], triangles: NDArray[np.uint32], budget: CollisionBudget
) -> list[NDArray[np.float64]]:
    import vhacdx

    faces = np.column_stack([np.full(len(triangles), 3, np.uint32), triangles])
    found = vhacdx.compute_vhacd(
        positions,
        np.ascontiguousarray(faces.reshape(-1), np.uint32),
        maxConvexHulls=budget.hulls.limit,
        maxNumVerticesPerCH=budget.vertices.limit,
        resolution=_VOXELS,
        asyncACD=False,  # in the calling thread: the order of hulls is then always the same
    )
    parts = [_solid(np.asarray(points, np.float64)) for points, _ in found]
    return parts or [positions]


def _solid(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points; pushed apart where they span no volume, as a lid beside a box does."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        ConvexHull(points)
    except QhullError:
        return _thickened(points)
    return points


def _within(points: NDArray[np.float64], limit: int) -> Hull:
    """The convex hull of ``points`` with at most ``limit`` vertices.

    Too many: the hull of the points that lie farthest out in ``limit`` evenly spread directions.
    """
    from scipy.spatial import ConvexHull

    corners = points[ConvexHull(points).vertices]
    if len(corners) > limit:
        farthest = np.argmax(corners @ _directions(limit).T, axis=0)
        corners = corners[np.unique(farthest)]
    hull = ConvexHull(corners)
    kept = np.sort(hull.vertices)
    place = np.full(len(corners), -1)
    place[kept] = np.arange(len(kept))
    return Hull(corners[kept].astype(np.float32), _outward(corners, hull, place))


def _outward(corners: NDArray[np.float64], hull: Any, place: NDArray[Any]) -> NDArray[np.uint32]:
    """Triangles turned so that their normals point out, as the hull's planes say."""
    a, b, c = (corners[hull.simplices[:, corner]] for corner in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), hull.equations[:, :3]) < 0.0
    triangles = place[hull.simplices]
    triangles[inward] = triangles[inward][:, ::-1]
    return np.asarray(triangles, np.uint32)


def _volume(hull: Hull) -> float:
    a, b, c = (hull.positions[hull.triangles[:, corner]].astype(np.float64) for corner in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def _directions(count: int) -> NDArray[np.float64]:
    """(count, 3) unit vectors on a Fibonacci sphere."""
    step = np.arange(count) + 0.5
    z = 1.0 - 2.0 * step / count
    turn = np.pi * (1.0 + 5.0**0.5) * step
    radius = np.sqrt(1.0 - z**2)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), z], axis=1)
