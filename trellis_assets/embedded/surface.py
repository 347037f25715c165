"""The mesh of a solid within a triangle budget: extracted, decimated, closed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.closing import closed
from trellis_assets.embedded.columns import Surface, extract, triangle_estimate
from trellis_assets.embedded.errors import EmbeddedError
from trellis_assets.embedded.fields import Solid
from trellis_assets.embedded.halfedges import twins
from trellis_assets.embedded.sheets import sew

Float = NDArray[np.float32]
Int = NDArray[np.int64]

# Triangles extracted per triangle asked for; more costs time and memory and is not seen.
BUDGET = 4
# Room for the few triangles that closing a pinch adds.
HEADROOMS = (0.998, 0.96)


@dataclass(frozen=True)
class Meshed:
    """A closed 2-manifold in grid axes; ``pairs`` (3T,) are its opposite half-edges."""

    positions: Float
    triangles: NDArray[np.uint32]
    pairs: Int
    extracted: int
    decimated: bool


def affordable_cells(solid: Solid, *, cells: int, resolution: int, target: int) -> int:
    """The finest grid, at most ``resolution``, whose surface has at most BUDGET * target
    triangles; judged from ``solid`` on a grid of ``cells`` (triangles grow with the square).
    """
    estimate = triangle_estimate(solid) * (resolution / cells) ** 2
    ratio = BUDGET * target / max(estimate, 1.0)
    return max(48, min(resolution, int(resolution * min(1.0, ratio) ** 0.5)))


def mesh(solid: Solid, *, target: int, remesh: bool) -> Meshed | None:
    """The surface of ``solid`` in at most ``target`` triangles; None if it could not be closed
    or reduced that far (the caller then takes a coarser grid).
    """
    raw = extract(solid) if remesh else sew(solid)
    extracted = len(raw.triangles)
    if extracted == 0:
        raise EmbeddedError("the object has no area on the grid", fix="use a larger picture")
    if extracted <= target:
        pairs, _ = twins(raw.triangles, len(raw.positions))
        return Meshed(raw.positions, raw.triangles, pairs, extracted, decimated=False)
    for headroom in HEADROOMS:
        result = closed(raw.positions, _decimate(raw, int(headroom * target)))
        if result is not None and len(result[1]) <= target:
            return Meshed(*result, extracted, decimated=True)
    return None


def _decimate(raw: Surface, target: int) -> NDArray[np.uint32]:
    from trellis_assets.geometry.meshopt import simplify

    return simplify(raw.positions, raw.triangles, target_triangles=target, max_error=1.0).triangles
