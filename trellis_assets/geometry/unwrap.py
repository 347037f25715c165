"""A new UV atlas for a simplified mesh: cut, flatten, judge, cut again, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xatlas
from numpy.typing import NDArray

from ._errors import UnwrapFailed
from .flatten import flatten
from .raster import coverage
from .segment import Dual, bisect, segment
from .shading import corner_groups

MAX_TRIANGLES = 120_000
"""Where the packer and the flattening still take seconds."""
_MOST_ROUNDS = 12
_MOST_OVERLAP_ROUNDS = 4
_OVERLAP_GRID = 1024
Int64 = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Unwrapped:
    """A mesh cut along its chart borders."""

    vertex: Int64  # (V',) the vertex each one was copied from
    faces: Int64  # (T, 3) in the order given
    uvs: NDArray[np.float32]  # (V', 2) in 0..1, v downwards
    chart: Int64  # (T,)
    utilisation: float
    """Share of the square that charts cover, padding included."""

    @property
    def chart_count(self) -> int:
        return int(self.chart.max()) + 1 if len(self.chart) else 0


def unwrap(positions: NDArray[Any], faces: Int64, *, size: int, padding: int) -> Unwrapped:
    """Unwrap a welded mesh into few charts of even texel density.

    Args:
        positions: (W, 3) welded vertices.
        faces: (T, 3), at most :data:`MAX_TRIANGLES`, none degenerate.
        size: texels per side of the atlas that will be baked.
        padding: texels between charts at that size.

    Raises:
        UnwrapFailed: too many triangles, or the packer lost some.
    """
    if len(faces) > MAX_TRIANGLES:
        raise UnwrapFailed(
            f"{len(faces)} triangles are too many to unwrap (limit {MAX_TRIANGLES})",
            fix="lower the triangle budget of LOD0 or keep the original atlas (mode: preserve)",
        )
    dual = Dual(positions, faces)
    chart, vertex, cut, uvs = _flat_charts(positions, faces, dual, segment(dual))
    for _ in range(_MOST_OVERLAP_ROUNDS):
        overlapping = _overlapping(uvs, cut, chart)
        if len(overlapping) == 0:
            break
        again = bisect(dual, chart, overlapping)
        chart, vertex, cut, uvs = _flat_charts(positions, faces, dual, again)
    packed, utilisation = _pack(uvs, cut, chart, size, padding)
    return Unwrapped(vertex, cut, packed, chart, utilisation)


def _flat_charts(
    positions: NDArray[Any], faces: Int64, dual: Dual, chart: Int64
) -> tuple[Int64, Int64, Int64, NDArray[np.float64]]:
    """Charts (T,), vertex origins (V,), cut triangles (T, 3) and their (V, 2) UVs in metres.

    Only charts that had to be cut are solved again.
    """
    corner_uvs = np.zeros((len(faces), 3, 2))
    todo = np.ones(len(faces), bool)
    for _ in range(_MOST_ROUNDS):
        vertex, cut = _cut(faces[todo], dual, chart, todo)
        numbers, local = np.unique(chart[todo], return_inverse=True)
        flat = flatten(positions[vertex], cut, local.reshape(-1), len(numbers))
        corner_uvs[todo] = flat.uvs[cut]
        if not flat.bad.any():
            break
        bad = numbers[flat.bad]
        wrong = np.isin(chart, bad)
        chart = bisect(dual, chart, bad)
        todo = wrong
    everything = np.ones(len(faces), bool)
    vertex, cut = _cut(faces, dual, chart, everything)
    uvs = np.zeros((len(vertex), 2))
    uvs[cut.reshape(-1)] = corner_uvs.reshape(-1, 2)
    return chart, vertex, cut, uvs


def _cut(faces: Int64, dual: Dual, chart: Int64, chosen: NDArray[np.bool_]) -> tuple[Int64, Int64]:
    """Origins of the vertices, and triangles, of the chosen ones cut along chart borders."""
    inside = (chart[dual.left] == chart[dual.right]) & chosen[dual.left]
    row = np.cumsum(chosen) - 1
    pairs = dual.pairs[inside]
    pairs = row[pairs // 3] * 3 + pairs % 3
    group = corner_groups(faces, pairs[:, 0], pairs[:, 1])
    first, label = np.unique(group, return_index=True, return_inverse=True)[1:]
    return faces.reshape(-1)[first], label.reshape(-1, 3)


def _placed(uvs: NDArray[np.float64], cut: Int64, chart: Int64) -> NDArray[np.float64]:
    """UVs with every chart moved to a place of its own along u."""
    count = int(chart.max()) + 1
    owner = np.zeros(len(uvs), np.int64)
    owner[cut.reshape(-1)] = np.repeat(chart, 3)
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, owner, uvs)
    np.maximum.at(high, owner, uvs)
    width = (high - low)[:, 0]
    gap = 0.01 * float(width.mean())
    start = np.cumsum(width + gap) - width
    shift = np.stack([start, np.zeros(count)], axis=1) - low
    return np.asarray(uvs + shift[owner])


def _overlapping(uvs: NDArray[np.float64], cut: Int64, chart: Int64) -> Int64:
    """Charts that cover themselves, found by drawing each into a cell of a grid."""
    count = int(chart.max()) + 1
    owner = np.zeros(len(uvs), np.int64)
    owner[cut.reshape(-1)] = np.repeat(chart, 3)
    low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
    np.minimum.at(low, owner, uvs)
    np.maximum.at(high, owner, uvs)
    side = int(np.ceil(np.sqrt(count)))
    cells = max(_OVERLAP_GRID // side, 8)
    size = cells * side
    extent = np.maximum((high - low).max(axis=1), 1e-30)
    inner = (uvs - low[owner]) / extent[owner][:, None] * ((cells - 2) / cells) + 1.0 / cells
    cell = np.stack([owner % side, owner // side], axis=1)
    twice = np.flatnonzero(coverage((inner + cell) / side, cut, size) > 1)
    where = (twice // size // cells) * side + (twice % size) // cells
    hits = np.bincount(where, minlength=side * side)[:count]
    return np.flatnonzero(hits > max(2, cells * cells // 2000))


def _pack(
    uvs: NDArray[np.float64], cut: Int64, chart: Int64, size: int, padding: int
) -> tuple[NDArray[np.float32], float]:
    """Place charts in the unit square with xatlas; v downwards."""
    placed = _placed(uvs, cut, chart)
    placed[:, 1] *= -1.0
    placed[:, 1] -= placed[:, 1].min()
    options = xatlas.PackOptions()
    # A coarse grid packs faster; the charts keep their exact shape on it.
    shrink = max(1, size // 1024)
    options.resolution = max(size // shrink, 64)
    options.padding = max(-(-padding // shrink), 1)
    atlas = xatlas.Atlas()
    atlas.add_uv_mesh(
        np.ascontiguousarray(placed, np.float32),
        np.ascontiguousarray(cut, np.uint32),
        np.ascontiguousarray(chart[:, None], np.uint32),
    )
    atlas.generate(xatlas.ChartOptions(), options)
    _, faces, found = atlas.get_mesh(0)
    if len(faces) != len(cut) or atlas.atlas_count != 1:
        raise UnwrapFailed(
            f"packing returned {len(faces)} of {len(cut)} triangles on {atlas.atlas_count} atlases",
            fix="repair the mesh first, or keep the original atlas (mode: preserve)",
        )
    # xatlas scales u and v by the two sides of its own rectangle; the texture is a square.
    side = max(atlas.width, atlas.height)
    square = found.astype(np.float64) * (atlas.width / side, atlas.height / side)
    result = _carried(placed, square[faces], cut, chart)
    used = float(atlas.utilization) * atlas.width * atlas.height / side**2
    return np.clip(result, 0.0, 1.0).astype(np.float32), used


def _carried(
    before: NDArray[np.float64], after: NDArray[np.float64], cut: Int64, chart: Int64
) -> NDArray[np.float64]:
    """(V, 2) UVs moved as the largest triangle of their chart was.

    The packer leaves triangles without area where they are; they must follow their chart.

    Args:
        before: (V, 2) UVs given to the packer.
        after: (T, 3, 2) corners it returned.
        cut: (T, 3).
        chart: (T,).
    """
    corners = before[cut]
    e1, e2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = e1[:, 0] * e2[:, 1] - e1[:, 1] * e2[:, 0]
    order = np.lexsort((np.abs(area), chart))
    last = np.searchsorted(chart[order], np.arange(int(chart.max()) + 1), side="right") - 1
    largest = order[last]
    basis = np.stack([e1[largest], e2[largest]], axis=1)
    flat = np.abs(area[largest]) < 1e-30
    basis[flat] = np.eye(2)
    moved = after[largest]
    image = np.stack([moved[:, 1] - moved[:, 0], moved[:, 2] - moved[:, 0]], axis=1)
    image[flat] = 0.0
    turn = np.linalg.solve(basis, image)  # (C, 2, 2): row vectors are multiplied from the left
    owner = np.zeros(len(before), np.int64)
    owner[cut.reshape(-1)] = np.repeat(chart, 3)
    offset = before - corners[largest, 0][owner]
    return np.asarray(np.einsum("vi,vij->vj", offset, turn[owner]) + moved[owner, 0])
