"""From a generated model to a master that every later step can trust.

Faults of AI meshes that this mends: vertices split everywhere, degenerate, duplicate and folded
triangles, flipped patches, hulls inside the visible one, specks floating about, small holes, and
surfaces pinched together. What a person can see stays as it was. A model that moves is not mended:
what is hidden, closed or in one place at rest need not be so in its other poses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh, Model, MorphTarget

from ._errors import EmptyModel, InvalidMesh
from .arrays import float_array, positions_array, triangles_array
from .faults import degenerate, duplicate, fill_holes, floating, folded, split_pinches
from .shading import with_normals, with_unit_normals
from .soup import Soup, gather, scatter
from .topology import edges, face_components
from .what_moves import what_moves
from .winding import judge_sheets, make_consistent


@dataclass(frozen=True)
class RepairSettings:
    """Which faults to mend; sizes are relative to the model's diagonal, 0 turns a step off."""

    weld: float = 1.0e-6
    duplicates: bool = True
    folds: float = 0.02
    winding: bool = True
    inner_hulls: bool = True
    floaters: float = 0.02
    pinches: bool = True
    holes: float = 0.03
    """Longest rim of a hole that is closed."""


@dataclass(frozen=True, eq=False)
class Repaired:
    """The mended model and what was found: counts before, after, and per step."""

    model: Model
    report: dict[str, Any]


def repair(model: Model, settings: RepairSettings = RepairSettings()) -> Repaired:
    """Mend a model's topology; UVs, materials and images stay as they are.

    A model that moves stays as it is, and the report says under ``skipped`` why.

    Raises:
        InvalidMesh: arrays that are not a mesh (index out of range, NaN, wrong shapes).
        EmptyModel: no triangle with an area is left.
    """
    checked = _checked(model)
    if checked.triangle_count == 0:
        raise EmptyModel("the model has no triangles", fix="generate the model again")
    if checked.moves:
        why = f"not mended, because it moves ({what_moves(checked)}): a fault at rest may be none "
        return Repaired(checked, {"skipped": why + "in another pose"})
    soup = gather(checked, tolerance=settings.weld)
    report: dict[str, Any] = {
        "vertices_welded": len(soup.place) - len(soup.points),
        "before": _counts(soup),
    }
    soup = _clean(soup, settings, report)
    opaque = np.array([part.material.alpha_mode == "OPAQUE" for part in checked.parts])
    if settings.winding:
        soup, report["triangles_rewound"] = make_consistent(soup)
    if settings.pinches:
        soup, report["pinches_split"] = split_pinches(soup)
    if settings.holes > 0.0:
        # Before the search for inner hulls: what shows only through such a hole is a hull, too.
        soup, report["holes_closed"] = fill_holes(soup, size=settings.holes)
    if settings.inner_hulls or settings.winding:
        soup = _by_view(soup, opaque, settings, report)
    if settings.floaters > 0.0:
        drop = floating(soup, size=settings.floaters)
        soup, report["floating_removed"] = _without(soup, drop)
    report["after"] = _counts(soup)
    return Repaired(scatter(soup, checked), report)


def _checked(model: Model) -> Model:
    """The model with arrays proven to be meshes and normals present and of unit length."""
    parts = []
    for part in model.parts:
        mesh = part.mesh
        points = positions_array(mesh.positions)
        count = len(points)
        mesh = replace(
            mesh,
            positions=points,
            triangles=triangles_array(mesh.triangles, vertex_count=count),
            uvs=_optional(mesh.uvs, 2, "uvs", count),
            normals=_optional(mesh.normals, 3, "normals", count),
            tangents=_optional(mesh.tangents, 4, "tangents", count),
            colors=_optional(mesh.colors, 4, "colors", count),
            weights=_weights(mesh, count),
            targets=tuple(_target(target, count) for target in mesh.targets),
        )
        if mesh.triangle_count:
            mesh = with_unit_normals(mesh if mesh.normals is not None else with_normals(mesh))
            parts.append(replace(part, mesh=mesh))
    return replace(model, parts=tuple(parts))


def _optional(
    values: NDArray[np.float32] | None, width: int, name: str, count: int
) -> NDArray[np.float32] | None:
    return None if values is None else float_array(values, width=width, name=name, count=count)


def _weights(mesh: Mesh, count: int) -> NDArray[np.float32] | None:
    """As many bones per vertex as weights, for every vertex."""
    if mesh.joints is None or mesh.weights is None:
        return None
    shape = mesh.joints.shape
    if len(shape) != 2 or len(mesh.joints) != count:
        raise InvalidMesh(f"joints must have shape ({count}, n), not {shape}")
    return float_array(mesh.weights, width=shape[1], name="weights", count=count)


def _target(target: MorphTarget, count: int) -> MorphTarget:
    return MorphTarget(
        float_array(target.positions, width=3, name="a morph target", count=count),
        _optional(target.normals, 3, "normals of a morph target", count),
        _optional(target.tangents, 3, "tangents of a morph target", count),
    )


def _clean(soup: Soup, settings: RepairSettings, report: dict[str, Any]) -> Soup:
    soup, report["degenerate_removed"] = _without(soup, degenerate(soup))
    if len(soup.faces) == 0:
        raise EmptyModel("no triangle of the model has an area", fix="generate the model again")
    if settings.duplicates:
        soup, report["duplicate_removed"] = _without(soup, duplicate(soup))
    if settings.folds > 0.0:
        soup, report["folded_removed"] = _without(soup, folded(soup, size=settings.folds))
    if len(soup.faces) == 0:
        raise EmptyModel("no triangle of the model has an area", fix="generate the model again")
    return soup


def _by_view(
    soup: Soup, opaque: NDArray[np.bool_], settings: RepairSettings, report: dict[str, Any]
) -> Soup:
    """Turn sheets inside out and take out hulls, by what can be seen from outside."""
    blocking = opaque[soup.part]
    inner, inside_out = judge_sheets(soup, blocking)
    if settings.winding:
        report["triangles_turned_outward"] = int(np.count_nonzero(inside_out))
        soup = soup.turn(inside_out) if inside_out.any() else soup
    if settings.inner_hulls:
        # Without an opaque part nothing hides anything; and something must be left.
        drop = inner & bool(blocking.any() and not inner.all())
        soup, report["hidden_removed"] = _without(soup, drop)
    return soup


def _without(soup: Soup, drop: NDArray[np.bool_]) -> tuple[Soup, int]:
    """The soup without the marked triangles, and how many these were."""
    return (soup.keep(~drop) if drop.any() else soup), int(np.count_nonzero(drop))


def _counts(soup: Soup) -> dict[str, int]:
    welded = soup.welded
    a, b, c = welded.T
    solid = welded[(a != b) & (b != c) & (c != a)]
    whole = len(solid) == len(welded)
    found = soup.edges if whole else edges(solid)
    piece = soup.pieces if whole else face_components(solid, len(soup.points))
    return {
        "triangles": len(soup.faces),
        "degenerate": len(welded) - len(solid),
        "border_edges": int(np.count_nonzero(found.border)),
        "crowded_edges": int(np.count_nonzero(found.crowded)),
        "winding_conflicts": int(np.count_nonzero((found.faces == 2) & (found.balance != 0))),
        "components": int(piece.max(initial=-1)) + 1,
    }
