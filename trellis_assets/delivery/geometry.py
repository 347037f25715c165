"""The geometry of a file packed for its target, and read back to see what a reader gets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.geometry import meshopt
from trellis_assets.gltf import (
    Geometry,
    Mesh,
    Model,
    in_reading_order,
    load_model,
    model_to_glb,
)

from ._errors import DeliveryError

_POSITION_LIMIT = 1 / 8192
"""Of the longest side: 0.2 mm on a prop of 2 m, below a pixel at any useful distance."""
_UV_LIMIT = 0.5
"""Texels: beyond, bilinear filtering reads the neighbour across a chart's edge."""
_LOST_LIMIT = 0.001
"""Share of triangles; what Draco drops has no area left after quantization."""


@dataclass(frozen=True, eq=False)
class PackedGeometry:
    """A written file, the model that a reader finds in it, and how far that is off."""

    data: bytes
    model: Model
    how: Geometry
    position_error: float
    """Largest distance of a vertex, in metres."""
    uv_error: float
    """Largest distance of a UV, in texels of the largest texture."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "packing": self.how,
            "position_error_m": float(f"{self.position_error:.3g}"),
            "uv_error_texels": float(f"{self.uv_error:.3g}"),
        }


def pack_geometry(model: Model, how: Geometry, *, texture_size: int) -> PackedGeometry:
    """``model`` as a GLB with geometry packed as ``how`` says; the file is read back and compared.

    Args:
        model: what to write, with its final materials.
        how: ``none`` loses nothing.
        texture_size: longest side of its textures in texels, for the error of UVs.

    Raises:
        DeliveryError: what comes back is further off than filtering and eyes forgive.
        GltfError: the geometry cannot be packed in this way.
    """
    if how == "none":
        return PackedGeometry(model_to_glb(model), model, how, 0.0, 0.0)
    parts = in_reading_order(model)
    if how == "meshopt":
        parts = tuple(
            replace(part, mesh=meshopt.optimize_for_compression(part.mesh)) for part in parts
        )
    ordered = replace(model, parts=parts)
    data = model_to_glb(ordered, geometry=how)
    found = load_model(data)
    errors = [
        _errors(part.mesh, back.mesh, same_order=how != "draco")
        for part, back in zip(ordered.parts, found.parts, strict=True)
    ]
    position = max(error[0] for error in errors)
    uv = max(error[1] for error in errors) * texture_size
    _refuse_if_off(model, found, position, uv)
    read = [replace(part, mesh=back.mesh) for part, back in zip(parts, found.parts, strict=True)]
    return PackedGeometry(data, replace(model, parts=tuple(read)), how, position, uv)


def _errors(mesh: Mesh, found: Mesh, *, same_order: bool) -> tuple[float, float]:
    """Largest distance in metres and in UV."""
    if not mesh.vertex_count or not found.vertex_count:
        return 0.0, 0.0
    twin = None if same_order else _twins(mesh, found)
    points = mesh.positions if twin is None else mesh.positions[twin]
    position = float(np.linalg.norm(found.positions - points, axis=1).max())
    if mesh.uvs is None or found.uvs is None:
        return position, 0.0
    uvs = mesh.uvs if twin is None else mesh.uvs[twin]
    return position, float(np.abs(found.uvs - uvs).max())


def _twins(mesh: Mesh, found: Mesh) -> NDArray[np.int64]:
    """For each vertex of ``found``, the nearest in place and UV together."""
    from scipy.spatial import cKDTree

    size = float(np.ptp(mesh.positions, axis=0).max()) or 1.0
    rows = [
        one.positions / size if one.uvs is None else np.hstack([one.positions / size, one.uvs])
        for one in (mesh, found)
    ]
    return np.asarray(cKDTree(rows[0]).query(rows[1])[1], np.int64)


def _refuse_if_off(model: Model, found: Model, position: float, uv: float) -> None:
    limit = float(np.ptp(model.bounds(), axis=0).max()) * _POSITION_LIMIT
    lost = model.triangle_count - found.triangle_count
    problem = ""
    if lost > _LOST_LIMIT * model.triangle_count:
        problem = f"loses {lost} of {model.triangle_count} triangles"
    elif position > limit:
        problem = f"moves a vertex by {position:.3g} m, the limit is {limit:.3g}"
    elif uv > _UV_LIMIT:
        problem = f"moves a UV by {uv:.2f} texels, the limit is {_UV_LIMIT}"
    if problem:
        raise DeliveryError(
            f"packing the geometry {problem}",
            fix="ask the profile for another `geometry`, or split the model into smaller parts",
        )
