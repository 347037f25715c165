"""Charts that lie over themselves (a corkscrew outline, a deep fold) are peeled apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.atlas import Atlas, flatten, pack
from trellis_assets.embedded.charts import Charts, face_normals, facing
from trellis_assets.embedded.connected import connected
from trellis_assets.embedded.coverage import coverage, within
from trellis_assets.embedded.errors import EmbeddedError
from trellis_assets.embedded.raster import boxes, cover
from trellis_assets.embedded.surface import Meshed
from trellis_assets.embedded.untangle import signed_area, untangled

Float = NDArray[np.float32]
Int = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROUNDS = 12
# Peeled patches could lie over themselves for ever; single triangles cannot.
ROUNDS_OF_PATCHES = 6
# A peeled triangle is seen from the side when it leans further than this.
STEEP = 0.45
# Patches of at most this many triangles are peeled as a whole.
ISLAND = 300


def unwrapped(meshed: Meshed, found: Charts, *, texels: int) -> tuple[Charts, Atlas]:
    """Charts and their atlas, in which no texel centre is covered twice.

    What turned over is laid flat. Wherever triangles of a chart still cover the same texel, all but
    those of the largest patch move to charts of their own, seen from where they face, together
    with their peeled neighbours, and the coverage is counted anew.
    """
    flat = flatten(meshed.positions, meshed.triangles, found.direction)
    flat = untangled(flat, found.chart, meshed.positions, meshed.triangles)
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
        found = _peeled(found, loose, meshed, single=attempt >= ROUNDS_OF_PATCHES)
        flat[loose] = flatten(meshed.positions, meshed.triangles[loose], found.direction[loose])
    raise EmbeddedError(
        f"{int(conflict.sum())} texels are covered twice after {ROUNDS} attempts to unwrap",
        fix="use a larger textureSize, or a smaller decimationTarget",
    )


def conflicts(corners: Float, chart: Int, pairs: Int, *, texels: int) -> Mask:
    """Texels (texels, texels) that are covered twice, or by a triangle seen from its back."""
    counts = coverage(corners, chart, pairs, texels=texels)
    wrong: Mask = counts.view(np.uint16) > 1
    # A turned triangle takes away from the count what a fold around it adds.
    turned = np.flatnonzero(signed_area(corners) < 0.0)
    for part in cover(corners[turned], texels=texels):
        wrong[part.row, part.column] = True
    return wrong


def _covering_again(corners: Float, conflict: Mask, patch: Int) -> Mask:
    """Triangles (T,) that cover a conflicting texel from their back, or together with one of a
    larger patch.
    """
    texels = len(conflict)
    near = np.flatnonzero(within(*boxes(corners), conflict))
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
    loose[owner[signed_area(corners[owner]) < 0.0]] = True
    return loose


def _islands(loose: Mask, patch: Int) -> Mask:
    """The whole of the small patches that ``loose`` triangles belong to: what tipped over in the
    middle of a sheet is one thing.
    """
    size = np.bincount(patch)
    touched = np.zeros(size.size, dtype=bool)
    touched[patch[loose]] = True
    whole: Mask = (touched & (size <= ISLAND))[patch]
    return whole


def _patches(chart: Int, pairs: Int) -> Int:
    """Connected patch (T,) of every triangle within its chart."""
    face = np.repeat(np.arange(len(chart)), 3)
    other = pairs // 3
    joined = (chart[face] == chart[other]) & (face < other)
    return connected(len(chart), face[joined], other[joined])[1]


def _peeled(found: Charts, loose: Mask, meshed: Meshed, *, single: bool) -> Charts:
    """``found`` with the connected patches of ``loose`` triangles as charts of their own."""
    which = np.flatnonzero(loose)
    normal = face_normals(meshed.positions, meshed.triangles[which])
    length = np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    direction = found.direction.copy()
    direction[which] = facing(normal / length, STEEP)
    count, number = which.size, np.arange(which.size)
    if not single:
        slot = np.cumsum(loose) - 1
        other = (meshed.pairs // 3).reshape(-1, 3)[which]
        joined = loose[other] & (found.chart[other] == found.chart[which][:, None])
        joined &= direction[other] == direction[which][:, None]
        here, side = np.nonzero(joined)
        count, number = connected(which.size, here, slot[other[here, side]])
    chart = found.chart.copy()
    chart[which] = found.count + number
    return Charts(direction, chart, found.count + count)
