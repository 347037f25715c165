"""Fewer triangles for a model that keeps its atlas and textures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, Model, Part

from . import meshopt
from ._errors import EmptyModel, FloorReached
from .facets import faceted, is_faceted, joined
from .measure import uv_patches
from .meshopt import Simplified
from .moving import pose_error, steering
from .pieces import Piece, share_out, shared_positions
from .shading import with_unit_normals
from .simplify import check_bounds, used_points
from .topology import unit
from .vertices import moving_rows


@dataclass(frozen=True, eq=False)
class Reduced:
    """The model and how far it is from the one it was made of."""

    model: Model
    error: float
    """Deviation in metres, as the simplifier estimates it; of a model that moves the largest
    distance measured in some poses, if that is more."""
    error_relative: float
    """The same over the model's diagonal."""
    report: dict[str, Any]


def reduce(
    model: Model,
    *,
    triangles: int,
    max_error: float = 0.05,
    at_floor: Literal["raise", "return"] = "raise",
) -> Reduced:
    """Collapse edges under the weight of normals; UV seams and part borders stay closed.

    Vertices are a subset of the model's, so that materials and images stay the same objects and
    every kept vertex its UV, normal, tangent, bones and shapes: a model that moves plays as before,
    and how its vertices move guides the collapses. Flat-shaded parts of one, whose every edge would
    be a seam, get the normals of their new triangles. Parts share the budget by their triangles.

    Args:
        model: what to reduce, usually LOD0.
        triangles: at most so many.
        max_error: relative to the largest side of each part; collapses stop there.
        at_floor: what to do when seams allow no fewer triangles than wanted.

    Raises:
        FloorReached: seams stall the collapse above ``triangles`` even without an error limit.
        EmptyModel: the model has no triangles.
        ShrunkenResult: the bounding box moved by more than 3 % of the diagonal.
    """
    total = model.triangle_count
    if total == 0:
        raise EmptyModel("the model has no triangles", fix="generate the model again")
    diagonal = float(np.linalg.norm(np.diff(model.bounds(), axis=0)))
    flat = [model.moves and is_faceted(part) for part in model.parts]
    whole = replace(model, parts=tuple(map(_without_facets, model.parts, flat)))
    meshes = [part.mesh for part in whole.parts]
    pieces = list(map(Piece, meshes, shared_positions(whole.parts), steering(whole)))
    found = share_out(pieces, min(triangles, total), max_error)
    reached = sum(len(item.triangles) for item in found)
    stopped = "budget"
    if reached > triangles:
        free = share_out(pieces, triangles, 1.0)
        floor = sum(len(item.triangles) for item in free)
        stopped = "error" if floor <= triangles else "floor"
        if stopped == "floor" and at_floor == "raise":
            raise FloorReached(
                requested=triangles,
                reached=floor,
                patches=sum(uv_patches(part.mesh) for part in model.parts),
                error=max((item.error for item in free), default=0.0),
            )
    parts = tuple(
        replace(part, mesh=_rebuilt(part.mesh, item.triangles, flat=is_flat))
        for part, item, is_flat in zip(whole.parts, found, flat, strict=True)
    )
    result = replace(model, parts=tuple(part for part in parts if part.mesh.triangle_count))
    check_bounds(_used(model.parts), _used(result.parts))
    report: dict[str, Any] = {
        "requested": triangles,
        "triangles": result.triangle_count,
        "stopped_by": stopped,
    }
    error = _estimated(whole.parts, found)
    if model.moves:
        report["pose_error_m"] = pose_error(model, result)
        error = max(error, report["pose_error_m"])
    return Reduced(
        model=result,
        error=error,
        error_relative=error / diagonal if diagonal > 0.0 else 0.0,
        report=report,
    )


def _estimated(parts: Sequence[Part], found: Sequence[Simplified]) -> float:
    """Metres: the simplifier's own are relative to the largest side of each part."""
    return max(
        item.error * float(np.ptp(part.mesh.positions, axis=0).max(initial=0.0))
        for part, item in zip(parts, found, strict=True)
        if part.mesh.vertex_count
    )


def _without_facets(part: Part, is_flat: bool) -> Part:
    return replace(part, mesh=joined(part.mesh)) if is_flat else part


def _rebuilt(mesh: Mesh, triangles: NDArray[np.uint32], *, flat: bool) -> Mesh:
    # Closed at rest, a triangle between two shapes or bones may be open in another pose.
    place = np.concatenate([mesh.positions, moving_rows(mesh)], axis=1)
    a, b, c = (place[triangles[:, corner]] for corner in range(3))
    # At a seam, two vertices of one place can end up in a triangle.
    lost = (a == b).all(axis=1) | (b == c).all(axis=1) | (c == a).all(axis=1)
    solid = replace(mesh, triangles=triangles[~lost])
    result = with_unit_normals(meshopt.optimize(faceted(solid) if flat else solid))
    if result.tangents is None:
        return result
    sign = np.where(result.tangents[:, 3] < 0.0, -1.0, 1.0)
    tangents = np.column_stack([unit(result.tangents[:, :3]), sign]).astype(np.float32)
    return replace(result, tangents=tangents)


def _used(parts: Sequence[Part]) -> NDArray[np.float32]:
    used = [used_points(part.mesh.positions, part.mesh.triangles) for part in parts]
    return np.concatenate(used) if used else np.zeros((0, 3), np.float32)
