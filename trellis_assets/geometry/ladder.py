"""One rung of a LOD ladder: which way to make it, and why."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from trellis_assets.gltf import Model

from ._errors import EmptyModel, FloorReached
from .likeness import shading_deviation
from .measure import atlas_statistics
from .measure import texture_size as side_of
from .rebuild import rebuild
from .reduce import Reduced, reduce
from .unwrap import MAX_TRIANGLES
from .what_moves import what_moves

Mode = Literal["auto", "preserve", "rebuild"]
Route = Literal["kept", "preserved", "reduced", "rebuilt"]

TOLERANCE = 0.05
"""A rung may have this share of triangles less than its budget, and none more."""
SHADING_DEGREES = 3.0
"""A rung whose shading turns further from LOD0's than this does not share its textures.

Fewer triangles stretch LOD0's normal map between other vertices. Measured on ten models at the size
where each rung is shown: up to 3 degrees an atlas of its own gains 1 dB or less, above it 2 to 5.
"""
_SHADING_SAMPLES = 10_000
_SMALLEST_ATLAS = 256
_THREADS = 2  # rungs at a time: bounds memory
_THIN_SHARE = 0.5  # an atlas with more thin charts than this is not worth keeping
_TRIANGLES_PER_CHART = 12


@dataclass(frozen=True, eq=False)
class LodResult:
    """A rung, how it was made and how far it is from what it stands for."""

    model: Model
    route: Route
    why: str
    requested: int
    error: float
    """Metres from what the rung was made of: the master for LOD0 and in mode ``rebuild``, LOD0
    otherwise."""
    error_relative: float
    """The same over the diagonal of the bounding box."""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def triangles(self) -> int:
        return self.model.triangle_count

    @property
    def on_budget(self) -> bool:
        """Within -5 % and +0 % of what was asked for."""
        return self.requested * (1.0 - TOLERANCE) <= self.triangles <= self.requested

    def screen_share(self, *, screen_height: int = 1080, pixel_error: float = 1.0) -> float:
        """Up to which share of the screen height the error stays below ``pixel_error``.

        The model's diagonal is taken as its height on screen. 1 means that the rung may be shown
        at any size.
        """
        if self.error_relative <= 0.0:
            return 1.0
        return min(1.0, pixel_error / (self.error_relative * screen_height))

    def pixels(self, screen_share: float, *, screen_height: int = 1080) -> float:
        """The error in pixels where the diagonal takes ``screen_share`` of the screen's height."""
        return self.error_relative * screen_share * screen_height


def build_lod(
    source: Model,
    lod0: Model | None,
    *,
    triangles: int,
    texture_size: int,
    mode: Mode = "auto",
    max_error: float = 0.05,
    supersample: bool | None = None,
) -> LodResult:
    """Make LOD0 from the master, or a lower rung from LOD0.

    Args:
        source: the master model.
        lod0: None to make LOD0; otherwise the LOD0 that the rung is made of.
        triangles: budget of the rung.
        texture_size: side of LOD0's atlas; a rung with an atlas of its own gets a smaller one.
        mode: ``preserve`` keeps the master's atlas and shares LOD0's; ``rebuild`` always unwraps
            and bakes, every rung from the master. ``auto`` decides: LOD0 by budget and charts; a
            lower rung shares LOD0's textures where it looks like LOD0 with them, and otherwise gets
            a small atlas baked from LOD0, which takes a fraction of the time the master would and
            looks the same at the size where the rung is shown. A model that moves is preserved
            where its UVs and materials allow it; its rungs have some of its vertices, with their
            bones and shapes, either way.
        max_error: relative limit for rungs that share LOD0's atlas.
        supersample: of LOD0's bake, see :func:`.rebuild.rebuild`.

    Raises:
        EmptyModel: the master has no triangles.
        GeometryError: see :func:`.rebuild.rebuild` and :func:`.reduce.reduce`.
    """
    if source.triangle_count == 0:
        raise EmptyModel("the model has no triangles", fix="generate the model again")
    if lod0 is None:
        return _lod0(source, triangles, texture_size, mode, supersample)
    return _lower(source, lod0, triangles, texture_size, mode, max_error)


def build_ladder(
    source: Model, budgets: Sequence[int], *, texture_size: int, mode: Mode = "auto"
) -> list[LodResult]:
    """LOD0 from the master and every lower rung, the same as one by one, two at a time.

    Args:
        source: the master model.
        budgets: triangles of LOD0, then of each lower rung.
        texture_size: side of LOD0's atlas.
        mode: see :func:`build_lod`.

    Raises:
        EmptyModel: the master has no triangles.
        GeometryError: see :func:`build_lod`.
    """
    top = build_lod(source, None, triangles=budgets[0], texture_size=texture_size, mode=mode)

    def lower(triangles: int) -> LodResult:
        return build_lod(
            source, top.model, triangles=triangles, texture_size=texture_size, mode=mode
        )

    with ThreadPoolExecutor(_THREADS) as executor:
        return [top, *executor.map(lower, budgets[1:])]


def _lod0(
    source: Model, triangles: int, texture_size: int, mode: Mode, supersample: bool | None
) -> LodResult:
    if mode == "auto" and source.moves:
        return _lod0_moving(source, triangles, texture_size, supersample)
    rebuildable = min(triangles, source.triangle_count) <= MAX_TRIANGLES
    if mode == "rebuild" or (mode == "auto" and rebuildable):
        fits = source.triangle_count <= triangles
        complaint = _atlas_complaint(source) if fits and mode == "auto" else ""
        if mode == "auto" and fits and not complaint:
            why = f"{source.triangle_count} triangles fit the budget and the atlas is sound"
            return LodResult(source, "kept", why, triangles, 0.0, 0.0)
        if mode == "rebuild":
            why = "asked for (mode: rebuild)"
        elif fits:
            why = f"fits the budget, but {complaint}"
        else:
            why = f"{source.triangle_count} triangles reduced to the budget"
        return _rebuilt(source, triangles, texture_size, why, supersample)
    if mode == "preserve":
        why = "asked for (mode: preserve)"
    else:
        why = f"the budget is above {MAX_TRIANGLES} triangles, too many to unwrap anew"
    if source.triangle_count <= triangles:
        return LodResult(source, "kept", why + "; fits the budget", triangles, 0.0, 0.0)
    return _reduced(reduce(source, triangles=triangles, at_floor="return"), "preserved", why)


def _lod0_moving(
    source: Model, triangles: int, texture_size: int, supersample: bool | None
) -> LodResult:
    """Somebody laid its UVs out: they are kept unless one texture set or the budget forbids it."""
    moves = f"it moves ({what_moves(source)})"
    materials = len({id(part.material) for part in source.parts})
    if materials == 1:
        if source.triangle_count <= triangles:
            why = f"{moves}; {source.triangle_count} triangles fit the budget"
            return LodResult(source, "kept", why, triangles, 0.0, 0.0)
        found = reduce(source, triangles=triangles, at_floor="return")
        count = found.model.triangle_count
        if count <= triangles or triangles > MAX_TRIANGLES:
            return _reduced(found, "preserved", f"{moves}; its UVs are kept")
        complaint = f"with its own UVs it stalls at {count} triangles"
    else:
        complaint = f"it has {materials} materials, and a texture set is one atlas"
    return _rebuilt(source, triangles, texture_size, f"{moves}; {complaint}", supersample)


def _lower(
    source: Model, lod0: Model, triangles: int, texture_size: int, mode: Mode, max_error: float
) -> LodResult:
    own_size = _own_atlas(lod0, triangles, texture_size)
    if mode == "rebuild":
        return _rebuilt(source, triangles, own_size, "asked for (mode: rebuild)")
    if lod0.triangle_count <= triangles:
        why = f"LOD0 has {lod0.triangle_count} triangles, within the budget of this rung"
        return LodResult(lod0, "kept", why, triangles, 0.0, 0.0)
    if mode == "preserve":
        found = reduce(lod0, triangles=triangles, max_error=max_error, at_floor="return")
        return _reduced(found, "reduced", "asked for (mode: preserve)")
    shared, why = _sharing(lod0, triangles, max_error)
    if shared is None:
        return _rebuilt(lod0, triangles, own_size, why)
    return _reduced(shared, "reduced", why)


def _sharing(lod0: Model, triangles: int, max_error: float) -> tuple[Reduced | None, str]:
    """The rung with LOD0's textures, or None where it needs its own; and why."""
    try:
        found = reduce(lod0, triangles=triangles, max_error=max_error)
    except FloorReached as floor:
        return (
            None,
            f"seams of LOD0 stall at {floor.reached} triangles ({floor.patches} UV patches)",
        )
    if found.report["stopped_by"] == "error":
        return None, f"LOD0's seams need more than {max_error:.0%} error for this budget"
    turned = shading_deviation(lod0, found.model, samples=_SHADING_SAMPLES)
    shading = f"with LOD0's textures its shading turns by {turned:.1f} degrees"
    if turned <= SHADING_DEGREES:
        return found, f"{shading}, of which {SHADING_DEGREES:g} pass"
    if triangles > MAX_TRIANGLES:
        return found, f"{shading}, but {triangles} triangles are too many to unwrap anew"
    return None, f"{shading}, more than the {SHADING_DEGREES:g} that pass"


def _rebuilt(
    source: Model, triangles: int, size: int, why: str, supersample: bool | None = None
) -> LodResult:
    found = rebuild(
        source,
        triangles=min(triangles, source.triangle_count),
        texture_size=size,
        supersample=supersample,
    )
    count = found.model.triangle_count
    if count < triangles * (1.0 - TOLERANCE):
        why += f"; the master gives no more than {count} triangles"
    diagonal = float(np.linalg.norm(np.diff(source.bounds(), axis=0)))
    return LodResult(
        found.model, "rebuilt", why, triangles, found.error, found.error / diagonal, found.report
    )


def _reduced(found: Reduced, route: Route, why: str) -> LodResult:
    requested = int(found.report["requested"])
    count = found.model.triangle_count
    if found.report["stopped_by"] == "error":
        why += f"; stopped at {count} triangles by the error limit"
    elif found.report["stopped_by"] == "floor":
        why += f"; seams allow no fewer than {count} triangles"
    elif count < requested * (1.0 - TOLERANCE):
        why += f"; collapses went from above the budget to {count} in one step"
    return LodResult(
        found.model, route, why, requested, found.error, found.error_relative, found.report
    )


def _own_atlas(lod0: Model, triangles: int, texture_size: int) -> int:
    """A power of two near the texel density that the rung's triangles had in LOD0."""
    share = np.sqrt(triangles / max(lod0.triangle_count, 1))
    wanted = 2 ** int(np.ceil(np.log2(max(texture_size * share, 1.0))))
    return int(np.clip(wanted, min(_SMALLEST_ATLAS, texture_size), max(texture_size // 2, 1)))


def _atlas_complaint(model: Model) -> str:
    """Why the atlas of a model that fits the budget should not be kept; empty when it may."""
    meshes = [part.mesh for part in model.parts if part.mesh.triangle_count]
    if any(mesh.uvs is None for mesh in meshes):
        return "a part has no UVs"
    atlases = {tuple(map(id, part.material.images().values())) for part in model.parts}
    if len(atlases) > 1:
        return f"its materials have {len(atlases)} sets of textures, and a texture set is one atlas"
    sizes = [side_of(part.material.base_color) for part in model.parts]
    found = atlas_statistics(meshes, max(sizes))
    triangles = sum(mesh.triangle_count for mesh in meshes)
    if found["charts"] * _TRIANGLES_PER_CHART > triangles:
        return f"its atlas has {found['charts']} charts for {triangles} triangles"
    if found["thin_charts_share"] > _THIN_SHARE:
        return f"{found['thin_charts_share']:.0%} of its charts are thinner than 8 texels"
    return ""
