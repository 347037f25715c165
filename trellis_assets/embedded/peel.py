"""Charts that lie over themselves (a corkscrew outline, a deep fold) are peeled apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.atlas import Atlas, flatten, pack
from trellis_assets.embedded.charts import Charts
from trellis_assets.embedded.connected import connected
from trellis_assets.embedded.coverage import coverage, within
from trellis_assets.embedded.errors import EmbeddedError
from trellis_assets.embedded.raster import cover
from trellis_assets.embedded.surface import Meshed

Float = NDArray[np.float32]
Int = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROUNDS = 12
# Peeled patches could lie over themselves for ever; single triangles cannot.
ROUNDS_OF_PATCHES = 6
# Patches of at most this many triangles are peeled as a whole.
ISLAND = 300


def unwrapped(meshed: Meshed, found: Charts, *, texels: int) -> tuple[Charts, Atlas]:
    """Charts and their atlas, in which no texel centre is covered twice.

    Wherever triangles of a chart cover the same texel, all but those of the largest patch move to
    charts of their own, together with their peeled neighbours, and the coverage is counted anew.
    """
    flat = flatten(meshed.positions, meshed.triangles, found.direction)
    densest: float | None = None
    for attempt in range(ROUNDS):
        atlas = pack(flat, found, texels=texels, densest=densest)
        densest = atlas.densest
        corners = atlas.corners(found.chart)
        conflict = conflicts(corners, found.chart, meshed.pairs, texels=texels)
        if not conflict.any():
            return found, atlas
        patch = _patches(found.chart, meshed.pairs)
        loose = _covering_again(corners, conflict, patch)
        if attempt == 0:
            loose |= _islands(loose, patch)
        found = _peeled(found, loose, meshed.pairs, single=attempt >= ROUNDS_OF_PATCHES)
    raise EmbeddedError(
        f"{int(conflict.sum())} texels are covered twice after {ROUNDS} attempts to unwrap",
        fix="use a larger textureSize, or a smaller decimationTarget",
    )


def conflicts(corners: Float, chart: Int, pairs: Int, *, texels: int) -> Mask:
    """Texels (texels, texels) that are covered twice, or by a triangle seen from its back."""
    counts = coverage(corners, chart, pairs, texels=texels)
    wrong: Mask = counts.view(np.uint16) > 1
    return wrong


def _covering_again(corners: Float, conflict: Mask, patch: Int) -> Mask:
    """Triangles (T,) that cover a conflicting texel together with one of a larger patch."""
    texels = len(conflict)
    low = np.ceil(corners.min(axis=1) - 0.5).astype(np.int64)
    high = np.floor(corners.max(axis=1) - 0.5).astype(np.int64)
    near = np.flatnonzero(within(low, high, conflict))
    places: list[Int] = []
    owners: list[Int] = []
    for part in cover(corners[near], texels=texels):
        hit = conflict[part.row, part.column]
        places.append((part.row * texels + part.column)[hit])
        owners.append(near[part.triangle[hit]])
    place, owner = np.concatenate(places), np.concatenate(owners)
    size = np.bincount(patch)
    order = np.lexsort((owner, patch[owner], -size[patch[owner]], place))
    again = np.flatnonzero(place[order][1:] == place[order][:-1]) + 1
    loose = np.zeros(len(corners), dtype=bool)
    loose[owner[order[again]]] = True
    return loose


def _islands(loose: Mask, patch: Int) -> Mask:
    """The whole of the small patches that ``loose`` triangles belong to: what tipped over in the
    middle of a sheet is one thing.
    """
    size = np.bincount(patch)
    touched = np.unique(patch[loose])
    whole: Mask = np.isin(patch, touched[size[touched] <= ISLAND])
    return whole


def _patches(chart: Int, pairs: Int) -> Int:
    """Connected patch (T,) of every triangle within its chart."""
    face = np.repeat(np.arange(len(chart)), 3)
    other = pairs // 3
    joined = (chart[face] == chart[other]) & (face < other)
    return connected(len(chart), face[joined], other[joined])[1]


def _peeled(found: Charts, loose: Mask, pairs: Int, *, single: bool) -> Charts:
    """``found`` with the connected patches of ``loose`` triangles as charts of their own."""
    which = np.flatnonzero(loose)
    number = np.arange(which.size)
    count = which.size
    if not single:
        slot = np.cumsum(loose) - 1
        other = (pairs // 3).reshape(-1, 3)[which]
        joined = loose[other] & (found.chart[other] == found.chart[which][:, None])
        here, side = np.nonzero(joined)
        count, number = connected(which.size, here, slot[other[here, side]])
    chart = found.chart.copy()
    chart[which] = found.count + number
    return replace(found, chart=chart, count=found.count + count)
