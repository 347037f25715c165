"""An atlas as xatlas leaves it on TRELLIS.2 meshes: thousands of charts, most of them slivers.

On one real model 11,890 charts were counted, 66 % of them thinner than 8 texels at 4096. Here the
surface is cut into patches, slivers of a few triangles are carved out of them, and everything is
packed anew; the shares of the real one are met at any triangle count and texture size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.atlas import shelves
from trellis_assets.embedded.connected import connected
from trellis_assets.embedded.raster import extremes

Float = NDArray[np.float32]
Int = NDArray[np.int64]

# Patches that fall apart add to these; in the end there are about 42 triangles to a chart.
TRIANGLES_PER_CHART = 60
THIN_SHARE = 0.662
# Shorter sides in texels of a 4096 texture: of slivers, and the least of the others.
SLIVER_SIDES = (2.0, 7.6)
LEAST_SIDE = 8.6
REFERENCE = 4096
LONGEST_STRIP = 8
PADDING = 1


def shattered(flat: Float, chart: Int, pairs: Int, rng: np.random.Generator) -> tuple[Float, Int]:
    """The corners (T, 3, 2) turned in their plane, and new, connected charts (T,) within
    ``chart``; ``pairs`` (3T,) are opposite half-edges.
    """
    turn = rng.uniform(0.0, np.pi)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    turned = (flat @ rotation).astype(np.float32)
    count = len(chart)
    wanted = max(1.0, count / TRIANGLES_PER_CHART)
    label = _cells(turned, chart, (1.0 - THIN_SHARE) * wanted, rng)
    label = _connected(label, pairs)
    missing = round(wanted) - int(label.max()) - 1
    if missing > 0:
        label = _connected(_carved(label, pairs, min(missing, count), rng), pairs)
    return turned, label


def _cells(flat: Float, chart: Int, wanted: float, rng: np.random.Generator) -> Int:
    """About ``wanted`` patches: a wavy grid over each chart."""
    centre = flat.mean(axis=1).astype(np.float64)
    edges = flat[:, 1:] - flat[:, :1]
    area = 0.5 * np.abs(edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 0, 1] * edges[:, 1, 0])
    side = max(float(np.sqrt(area.sum() / max(wanted, 1.0))), 1e-9)
    place = centre / side
    wave = rng.uniform(0.0, 2.0 * np.pi, 2)
    place += 0.3 * np.sin(place[:, ::-1] * 4.0 + wave)
    grid = np.floor(place).astype(np.int64)
    grid -= grid.min(axis=0)
    columns, rows = (int(v) + 1 for v in grid.max(axis=0))
    return np.asarray((chart * columns + grid[:, 0]) * rows + grid[:, 1], dtype=np.int64)


def _carved(label: Int, pairs: Int, count: int, rng: np.random.Generator) -> Int:
    """``count`` strips of one to eight triangles taken out of the patches."""
    result = label.copy()
    number = int(label.max()) + 1 + np.arange(count)
    at = rng.choice(len(label), count, replace=False)
    length = rng.integers(1, LONGEST_STRIP + 1, count)
    leave = 3 * at + rng.integers(0, 3, count)
    result[at] = number
    for step in range(1, LONGEST_STRIP):
        arrived = pairs[leave]
        # Left and right in turn: a strip, not a fan.
        corner = (arrived % 3 + 1 + step % 2) % 3
        leave = arrived - arrived % 3 + corner
        going = length > step
        result[arrived[going] // 3] = number[going]
    return result


def _connected(label: Int, pairs: Int) -> Int:
    face = np.repeat(np.arange(len(label)), 3)
    other = pairs // 3
    same = (label[face] == label[other]) & (face < other)
    return connected(len(label), face[same], other[same])[1]


def repacked(flat: Float, chart: Int, texels: int, rng: np.random.Generator) -> Float:
    """Texel corners (T, 3, 2) of the charts packed anew; two thirds are as thin as slivers are."""
    count = int(chart.max()) + 1
    order = np.argsort(chart, kind="stable")
    starts = np.searchsorted(chart[order], np.arange(count))
    lowest, highest = extremes(flat)
    low = np.minimum.reduceat(lowest[order], starts)
    extent = np.maximum.reduceat(highest[order], starts) - low
    short = np.maximum(extent.min(axis=1).astype(np.float64), 1e-9)
    thin = np.zeros(count, dtype=bool)
    thin[np.argsort(short, kind="stable")[: round(THIN_SHARE * count)]] = True
    unit = texels / REFERENCE
    sliver = rng.uniform(*SLIVER_SIDES, count) * unit / short
    density = texels / float(np.sqrt(max(float(extent.prod(axis=1).sum()), 1e-9)))
    origin: NDArray[np.float64] | None = None
    while origin is None:
        density *= 0.94
        least = np.clip(LEAST_SIDE * unit / short, density, 4.0 * density)
        scale = np.where(thin, np.minimum(density, sliver), least)
        sizes = np.ceil(extent * scale[:, None]) + 2 * PADDING + 1
        if float(sizes.prod(axis=1).sum()) < texels**2:
            origin = shelves(sizes, texels)
    place = (origin + PADDING + 0.5)[chart][:, None, :]
    moved = flat - low[chart][:, None, :]
    return np.asarray(place + scale[chart][:, None, None] * moved, dtype=np.float32)
