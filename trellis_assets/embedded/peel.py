"""Side charts that lie over themselves (a corkscrew outline, a deep fold) are peeled apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from trellis_assets.embedded.charts import RIGHT, Charts
from trellis_assets.embedded.raster import cover

Float = NDArray[np.float32]
Int = NDArray[np.int64]

# Texel centres nearer to an edge than this belong to both neighbours and mean no overlap.
WELL_INSIDE = 0.02


def peel(
    found: Charts, corners: Float, pairs: Int, *, texels: int, sheets_too: bool = False
) -> Charts | None:
    """``found`` with every side triangle that covers an earlier one's texel in a chart of its
    own, together with its peeled neighbours; None when nothing overlaps. ``sheets_too`` looks at
    front and back as well, which only steep ones need.
    """
    side = np.flatnonzero((found.direction >= RIGHT) | sheets_too)
    places: list[Int] = []
    owners: list[Int] = []
    for part in cover(corners[side], texels=texels):
        deep = (part.weights > WELL_INSIDE).all(axis=1)
        places.append((part.row * texels + part.column)[deep])
        owners.append(part.triangle[deep])
    if not places:
        return None
    place, owner = np.concatenate(places), np.concatenate(owners)
    order = np.lexsort((owner, place))
    again = np.flatnonzero(place[order][1:] == place[order][:-1]) + 1
    if again.size == 0:
        return None
    peeled = np.zeros(len(found.chart), dtype=bool)
    peeled[side[owner[order[again]]]] = True
    face = np.repeat(np.arange(len(found.chart)), 3)
    other = pairs // 3
    joined = peeled[face] & peeled[other] & (found.chart[face] == found.chart[other])
    graph = coo_matrix(
        (np.ones(int(joined.sum()), dtype=np.int8), (face[joined], other[joined])),
        shape=(len(found.chart),) * 2,
    )
    _, patch = connected_components(graph, directed=False)
    _, number = np.unique(patch[peeled], return_inverse=True)
    chart = found.chart.copy()
    chart[peeled] = found.count + number
    return replace(found, chart=chart, count=found.count + int(number.max()) + 1)
