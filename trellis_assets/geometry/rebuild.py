"""A new mesh with a new atlas that looks like its master: simplify, unwrap, bake."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Material, Mesh, Model, Part

from ._errors import EmptyModel, MovingModel
from .bake import Baked, Target, bake
from .decimate import decimate
from .meshopt import optimize
from .shading import corner_normals, split_by_normals, with_tangents
from .source import Source, source, uv_density
from .topology import concatenated, edges, neighbours, weld
from .unwrap import Unwrapped, unwrap
from .what_moves import what_moves

CREASE_DEGREES = 50.0
_MIN_REACH = 0.005  # of the diagonal
_MAX_REACH = 0.05


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """A model with one atlas for all of its parts, and how it came about."""

    model: Model
    error: float
    """Deviation from the master in metres, as the simplifier estimates it before the fit."""
    report: dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Shape:
    """Simplified triangles of all kinds together."""

    positions: NDArray[np.float32]
    faces: NDArray[np.int64]
    kind: NDArray[np.int64]
    error: float
    dropped: int


def rebuild(
    master: Model,
    *,
    triangles: int,
    texture_size: int,
    crease_degrees: float = CREASE_DEGREES,
    supersample: bool | None = None,
) -> Rebuilt:
    """Simplify ``master``, unwrap the result and bake the master's look onto it.

    Materials are merged into one atlas; surfaces that blend, are cut out, are double-sided or have
    a material extension (a clear coat) stay parts of their own. The result has normals, tangents,
    base color, ORM with occlusion in red, a normal map, and emissive where the master has it.

    Args:
        master: repaired model; textures PNG, JPEG or WebP.
        triangles: at most so many; never more than the master has.
        texture_size: texels per side of the new maps.
        crease_degrees: edges sharper than this keep a hard shading edge if a chart ends there.
        supersample: bake at twice the size: smoother edges of painted detail for about twice the
            time; None: for maps of at most 512.

    Raises:
        EmptyModel: the master has no triangle with an area.
        MovingModel: something moves it; the new vertices would not follow.
        UnwrapFailed: more than 40,000 triangles asked for.
        ShrunkenResult: the simplified mesh lost part of its bounding box.
    """
    if master.moves:
        raise MovingModel(
            f"cannot unwrap and bake a model that moves ({what_moves(master)}): the new vertices "
            "would belong to no bone and no shape",
            fix="keep its own vertices, UVs and textures (mode: auto or preserve)",
        )
    kinds = _kinds(master)
    shape = _simplified(kinds, triangles)
    padding = max(2, texture_size // 256)
    chart = unwrap(shape.positions, shape.faces, size=texture_size, padding=padding)
    mesh = _shaded(shape, chart, crease_degrees)
    lower, upper = master.bounds().astype(np.float64)
    diagonal = float(np.linalg.norm(upper - lower))
    reach = float(np.clip(4.0 * shape.error, _MIN_REACH * diagonal, _MAX_REACH * diagonal))
    density = uv_density(mesh) * texture_size
    sources: list[Source] = [
        source(parts, texels_per_metre=density, crease_degrees=crease_degrees) for parts in kinds
    ]
    # Tangent sharing may split vertices but keeps the order of triangles.
    target = Target(mesh, shape.kind, chart.chart)
    baked = bake(
        target,
        sources,
        size=texture_size,
        gutter=2 * padding,
        reach=reach,
        diagonal=diagonal,
        supersample=supersample,
    )
    parts = tuple(
        Part(optimize(_only(mesh, shape.kind == kind)), _material(members, baked), master.name)
        for kind, members in enumerate(kinds)
        if np.any(shape.kind == kind)
    )
    return Rebuilt(
        model=replace(master, parts=parts),
        error=shape.error,
        report={
            "triangles": len(shape.faces),
            "error_m": shape.error,
            "charts": chart.chart_count,
            "atlas_utilisation": round(chart.utilisation, 4),
            "texels_covered": round(baked.maps.covered, 4),
            "texels_without_ray": round(baked.fallback, 5),
            "components_dropped": shape.dropped,
            "texture_size": texture_size,
        },
    )


def _kinds(master: Model) -> list[list[Part]]:
    """Parts grouped by what one material can express: alpha, sidedness and extensions."""
    groups: dict[tuple[Any, ...], list[Part]] = {}
    for part in master.parts:
        material = part.material
        cutoff = material.alpha_cutoff if material.alpha_mode == "MASK" else 0.0
        coat = json.dumps(dict(material.extensions), sort_keys=True)
        key = (material.alpha_mode, cutoff, material.double_sided, material.occlusion, coat)
        if part.mesh.triangle_count:
            groups.setdefault(key, []).append(part)
    if not groups:
        raise EmptyModel("the model has no triangles", fix="generate the model again")
    return list(groups.values())


def _simplified(kinds: Sequence[Sequence[Part]], triangles: int) -> _Shape:
    counts = [sum(part.mesh.triangle_count for part in parts) for parts in kinds]
    positions, faces, kind = [], [], []
    start, dropped, error = 0, 0, 0.0
    for number, parts in enumerate(kinds):
        points, welded = _welded(parts)
        budget = max(int(triangles * counts[number] / sum(counts)), 1)
        found = decimate(points, welded, triangles=budget)
        positions.append(found.positions)
        faces.append(found.faces + start)
        kind.append(np.full(len(found.faces), number))
        start += len(found.positions)
        dropped += found.dropped
        error = max(error, found.error)
    return _Shape(
        np.concatenate(positions), np.concatenate(faces), np.concatenate(kind), error, dropped
    )


def _welded(parts: Sequence[Part]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    positions, faces = concatenated([part.mesh for part in parts])
    group, first = weld(positions)
    return positions[first], group[faces]


def _shaded(shape: _Shape, chart: Unwrapped, crease_degrees: float) -> Mesh:
    """The cut mesh with normals that are continuous except at creases between charts."""
    pair = neighbours(edges(shape.faces))
    inner = np.zeros(len(shape.faces) * 3, bool)
    same = chart.chart[pair[:, 0] // 3] == chart.chart[pair[:, 1] // 3]
    inner[pair[same].reshape(-1)] = True
    normals, _ = corner_normals(
        shape.positions, shape.faces, crease_degrees=crease_degrees, smooth=inner
    )
    mesh = Mesh(
        positions=shape.positions[chart.vertex],
        triangles=chart.faces.astype(np.uint32),
        uvs=chart.uvs,
    )
    return with_tangents(split_by_normals(mesh, normals.reshape(-1, 3).astype(np.float32)))


def _only(mesh: Mesh, chosen: NDArray[np.bool_]) -> Mesh:
    return mesh if chosen.all() else replace(mesh, triangles=mesh.triangles[chosen])


def _material(parts: Sequence[Part], baked: Baked) -> Material:
    first = parts[0].material
    return Material(
        name=first.name,
        base_color=baked.maps.base_color,
        orm=baked.maps.orm,
        occlusion=True,
        metallic_factor=1.0,
        roughness_factor=1.0,
        normal=baked.maps.normal,
        emissive=baked.maps.emissive,
        emissive_factor=baked.emissive_factor,
        alpha_mode=first.alpha_mode,
        alpha_cutoff=first.alpha_cutoff,
        double_sided=first.double_sided,
        extensions=first.extensions,
    )
