"""A new mesh with a new atlas that looks like its master: simplify, unwrap, bake."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Material, Mesh, Model, Part

from ._errors import EmptyModel
from .bake import Baked, Target, bake
from .decimate import decimate
from .faults import without_crowded_edges
from .meshopt import optimize
from .moving import pose_error
from .moving_shape import collapse_moving
from .shading import corner_normals, split_by_normals, with_tangents
from .source import Source, source, uv_density
from .topology import concatenated, edges, neighbours, weld
from .unwrap import Unwrapped, unwrap
from .vertices import side_by_side, taken

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

    mesh: Mesh  # positions, and what moves them
    faces: NDArray[np.int64]  # (T, 3) of the mesh
    kind: NDArray[np.int64]  # (T,)
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
    a material extension (a clear coat) stay parts of their own, and so do those that other nodes,
    skins or shapes move. What moves gets some of its own vertices, and is baked as it was bound.
    The result has normals, tangents, base color, ORM with occlusion in red, a normal map, and
    emissive where the master has it.

    Args:
        master: repaired model; textures PNG, JPEG or WebP.
        triangles: at most so many; never more than the master has.
        texture_size: texels per side of the new maps.
        crease_degrees: edges sharper than this keep a hard shading edge if a chart ends there.
        supersample: bake at twice the size: smoother edges of painted detail for about twice the
            time; None: for maps of at most 512.

    Raises:
        EmptyModel: the master has no triangle with an area.
        UnwrapFailed: more than 40,000 triangles asked for.
        ShrunkenResult: the simplified mesh lost part of its bounding box.
    """
    kinds = _kinds(master)
    shape = _moving(master, kinds, triangles) if master.moves else _simplified(kinds, triangles)
    padding = max(2, texture_size // 256)
    chart = unwrap(shape.mesh.positions, shape.faces, size=texture_size, padding=padding)
    mesh = _shaded(shape, chart, crease_degrees)
    density = uv_density(mesh) * texture_size
    sources: list[Source] = [
        source(parts, texels_per_metre=density, crease_degrees=crease_degrees) for parts in kinds
    ]
    diagonal = float(np.linalg.norm(np.ptp(master.bounds().astype(np.float64), axis=0)))
    baked = bake(
        # Tangent sharing may split vertices but keeps the order of triangles.
        Target(mesh, shape.kind, chart.chart),
        sources,
        size=texture_size,
        gutter=2 * padding,
        reach=float(np.clip(4.0 * shape.error, _MIN_REACH * diagonal, _MAX_REACH * diagonal)),
        diagonal=diagonal,
        supersample=supersample,
    )
    materials = {_look(members[0].material): _material(members, baked) for members in kinds}
    parts = tuple(
        _part(master, members[0], materials, _only(mesh, shape.kind == kind))
        for kind, members in enumerate(kinds)
        if np.any(shape.kind == kind)
    )
    model = replace(master, parts=parts)
    return Rebuilt(
        model=model,
        error=max(shape.error, pose_error(master, model) if master.moves else 0.0),
        report={**_report(shape, chart, baked), "texture_size": texture_size},
    )


def _report(shape: _Shape, chart: Unwrapped, baked: Baked) -> dict[str, Any]:
    return {
        "triangles": len(shape.faces),
        "error_m": shape.error,
        "charts": chart.chart_count,
        "atlas_utilisation": round(chart.utilisation, 4),
        "texels_covered": round(baked.maps.covered, 4),
        "texels_without_ray": round(baked.fallback, 5),
        "components_dropped": shape.dropped,
    }


def _kinds(master: Model) -> list[list[Part]]:
    """Parts grouped by what one material can express, and by what moves them."""
    groups: dict[tuple[Any, ...], list[Part]] = {}
    for part in master.parts:
        key = (_look(part.material), part.node, part.skin, part.shape)
        if part.mesh.triangle_count:
            groups.setdefault(key, []).append(part)
    if not groups:
        raise EmptyModel("the model has no triangles", fix="generate the model again")
    return list(groups.values())


def _look(material: Material) -> tuple[Any, ...]:
    """What a new material takes over from an old one: alpha, sidedness and extensions."""
    cutoff = material.alpha_cutoff if material.alpha_mode == "MASK" else 0.0
    coat = json.dumps(dict(material.extensions), sort_keys=True)
    return material.alpha_mode, cutoff, material.double_sided, material.occlusion, coat


def _moving(master: Model, kinds: Sequence[Sequence[Part]], triangles: int) -> _Shape:
    found = collapse_moving(master, kinds, triangles=triangles)
    mesh = side_by_side(found.meshes)
    kind = np.repeat(np.arange(len(kinds)), [each.triangle_count for each in found.meshes])
    return _Shape(mesh, mesh.triangles.astype(np.int64), kind, found.error, found.dropped)


def _simplified(kinds: Sequence[Sequence[Part]], triangles: int) -> _Shape:
    counts = [sum(part.mesh.triangle_count for part in parts) for parts in kinds]
    positions, faces, kind = [], [], []
    start, dropped, error = 0, 0, 0.0
    for number, parts in enumerate(kinds):
        points, welded = _welded(parts)
        budget = max(int(triangles * counts[number] / sum(counts)), 1)
        found = decimate(points, welded, triangles=budget)
        apart, corners = without_crowded_edges(found.positions, found.faces)
        positions.append(apart)
        faces.append(corners + start)
        kind.append(np.full(len(corners), number))
        start += len(apart)
        dropped += found.dropped
        error = max(error, found.error)
    every = np.concatenate(faces)
    mesh = Mesh(np.concatenate(positions), every.astype(np.uint32))
    return _Shape(mesh, every, np.concatenate(kind), error, dropped)


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
        shape.mesh.positions, shape.faces, crease_degrees=crease_degrees, smooth=inner
    )
    cut = taken(shape.mesh, chart.vertex, chart.faces.astype(np.uint32))
    mesh = replace(cut, uvs=chart.uvs)
    return with_tangents(split_by_normals(mesh, normals.reshape(-1, 3).astype(np.float32)))


def _only(mesh: Mesh, chosen: NDArray[np.bool_]) -> Mesh:
    return mesh if chosen.all() else replace(mesh, triangles=mesh.triangles[chosen])


def _part(
    master: Model, first: Part, materials: Mapping[tuple[Any, ...], Material], mesh: Mesh
) -> Part:
    """A kind as it is drawn, with the bones and shapes that its own parts had."""
    own = replace(mesh, targets=mesh.targets[: len(first.mesh.targets)])
    if first.skin < 0:
        own = replace(own, joints=None, weights=None)
    name = first.name if master.moves else master.name
    material = materials[_look(first.material)]
    return replace(first, mesh=optimize(own), material=material, name=name)


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
