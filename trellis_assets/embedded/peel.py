"""Charts that lie over themselves (a corkscrew outline, a deep fold) are peeled apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.atlas import Atlas, flatten, pack
from trellis_assets.embedded.charts import Charts, face_normals, facing
from trellis_assets.embedded.connected import connected
from trellis_assets.embedded.coverage import coverage, rim, within
from trellis_assets.embedded.errors import EmbeddedError
from trellis_assets.embedded.raster import boxes, cover
from trellis_assets.embedded.surface import Meshed
from trellis_assets.embedded.untangle import signed_area, untangled

Float = NDArray[np.float32]
Int = NDArray[np.int64]
Mask = NDArray[np.bool_]

ROUNDS = 40
# Peeled patches could lie over themselves for ever; single triangles cannot.
ROUNDS_OF_PATCHES = 6
# Share of the texture's sides that charts may take at first; later ones find room in the rest.
ROOM = 0.985
# Square texels by which an area may be wrong: places among 4,096 texels are known to 5e-4.
ROUNDING = 1e-3
# A peeled triangle is seen from the side when it leans further than this.
STEEP = 0.45
# Patches of at most this many triangles are peeled as a whole.
ISLAND = 300


def unwrapped(meshed: Meshed, found: Charts, *, texels: int) -> tuple[Charts, Atlas]:
    """Charts and their atlas, in which no texel centre is covered twice.

    What turned over is laid flat. Wherever triangles of a chart still cover the same texel, all but
    those of the largest patch move to charts of their own, seen from where they face, together
    with their peeled neighbours, and the coverage is counted anew. Charts that find no room are
    taken back and the density is lowered first: every change of it samples the surface elsewhere,
    and finds other folds.

    Raises:
        EmbeddedError: texels are covered twice after :data:`ROUNDS` rounds.
    """
    flat = flatten(meshed.positions, meshed.triangles, found.direction)
    flat = untangled(flat, found.chart, meshed.positions, meshed.triangles)
    everything = fresh = np.arange(len(meshed.triangles))
    atlas = pack(flat, found, texels=texels, used=ROOM)
    peels = 0
    for _ in range(ROUNDS):
        corners, conflict = _conflicts(atlas, found.chart, meshed.pairs, fresh)
        if not conflict.any() and fresh.size < everything.size:
            fresh = everything
            corners, conflict = _conflicts(atlas, found.chart, meshed.pairs, fresh)
        if not conflict.any():
            return found, atlas
        loose = _loose(corners, conflict, found, meshed, fresh, islands=peels == 0)
        peeled = _peeled(found, loose, meshed, single=peels >= ROUNDS_OF_PATCHES)
        flatter = flat.copy()
        flatter[loose] = flatten(meshed.positions, meshed.triangles[loose], peeled.direction[loose])
        packed = pack(flatter, peeled, texels=texels, densest=atlas.densest)
        if packed.densest == atlas.densest:
            # Only charts just made can lie over themselves.
            found, flat, atlas, fresh, peels = peeled, flatter, packed, loose, peels + 1
        else:
            packed = pack(flatter, peeled, texels=texels, densest=packed.densest, used=ROOM)
            atlas = pack(flat, found, texels=texels, densest=packed.densest)
            fresh = everything
    raise EmbeddedError(
        f"{int(conflict.sum())} texels are covered twice after {ROUNDS} attempts to unwrap",
        fix="use a larger textureSize, or a smaller decimationTarget",
    )


def _conflicts(atlas: Atlas, chart: Int, pairs: Int, which: Int) -> tuple[Float, Mask]:
    """Corners (N, 3, 2) of the triangles ``which`` (N,), whole charts, and the texels that they
    cover twice, or from their back.
    """
    corners = atlas.corners(chart, which)
    counts = coverage(corners, rim(chart, pairs, which), texels=atlas.texels)
    wrong: Mask = counts.view(np.uint16) > 1
    # A turned triangle takes away from the count what a fold around it adds.
    turned = np.flatnonzero(_turned(corners))
    for part in cover(corners[turned], texels=atlas.texels):
        wrong[part.row, part.column] = True
    return corners, wrong


def _loose(
    corners: Float, conflict: Mask, found: Charts, meshed: Meshed, which: Int, *, islands: bool
) -> Int:
    """Those of the triangles ``which`` that are to leave their charts; with ``islands``, together
    with the whole of the small patches they belong to.
    """
    patch = _patches(found.chart, meshed.pairs, which)
    loose = _covering_again(corners, conflict, patch)
    if islands:
        loose |= _islands(loose, patch)
    return which[loose]


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
    loose[owner[_turned(corners[owner])]] = True
    return loose


def _turned(corners: Float) -> Mask:
    """Which triangles (N, 3, 2) show their back; those with next to no area may lie either way."""
    turned: Mask = signed_area(corners) < -ROUNDING
    return turned


def _islands(loose: Mask, patch: Int) -> Mask:
    """The whole of the small patches that ``loose`` triangles belong to: what tipped over in the
    middle of a sheet is one thing.
    """
    size = np.bincount(patch)
    touched = np.zeros(size.size, dtype=bool)
    touched[patch[loose]] = True
    whole: Mask = (touched & (size <= ISLAND))[patch]
    return whole


def _patches(chart: Int, pairs: Int, which: Int) -> Int:
    """Connected patch (N,) of each of the triangles ``which``, whole charts, within its chart."""
    place = np.zeros(len(chart), dtype=np.int64)
    place[which] = np.arange(which.size)
    other = (pairs // 3).reshape(-1, 3)[which]
    here, side = np.nonzero((chart[which, None] == chart[other]) & (which[:, None] < other))
    return connected(which.size, here, place[other[here, side]])[1]


def _peeled(found: Charts, which: Int, meshed: Meshed, *, single: bool) -> Charts:
    """``found`` with the connected patches of the triangles ``which`` as charts of their own."""
    normal = face_normals(meshed.positions, meshed.triangles[which])
    length = np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    direction = found.direction.copy()
    direction[which] = facing(normal / length, STEEP)
    count, number = which.size, np.arange(which.size)
    if not single:
        loose = np.zeros(len(found.chart), dtype=bool)
        loose[which] = True
        slot = np.cumsum(loose) - 1
        other = (meshed.pairs // 3).reshape(-1, 3)[which]
        joined = loose[other] & (found.chart[other] == found.chart[which][:, None])
        joined &= direction[other] == direction[which][:, None]
        here, side = np.nonzero(joined)
        count, number = connected(which.size, here, slot[other[here, side]])
    chart = found.chart.copy()
    chart[which] = found.count + number
    return Charts(direction, chart, found.count + count)
