"""Box-like objects in three-quarter view: the box found from its edges, and its true depth.

A box seen from above shows three faces; their normals project to three directions more than 90
degrees apart, one of them about upright. Under parallel projection three such directions determine
the box's orientation: with axes a_i = (s_i d_i, z_i) orthonormal, sum s_i^2 d_i d_i^T = I gives the
s_i (Gauss' theorem of axonometry). The extents follow from the widths of the silhouette across the
three directions. The box counts only when straight edges run along its axes and its hexagon covers
the silhouette.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.silhouette import Silhouette

Float = NDArray[np.float64]

STEP = 4.0
TOLERANCE = 7.0
UP_RANGE = (74.0, 106.0)
SHORTEST_EDGE = 0.035
LEAST_SUPPORT = 0.66
LEAST_OVERLAP = 0.84
WEAKEST_AXIS = 0.05
WEAKEST_SIDE = 0.12
POINTS = 6000
CANDIDATES = 80
# Least slope of a visible face towards the viewer; the top may be seen nearly edge-on, the two
# sides not, or every striped or upright thing would be a box.
FLATTEST_FACE = 0.12
FLATTEST_SIDE = 0.35


@dataclass(frozen=True)
class Cuboid:
    """``axes`` (3, 3): rows are outward normals of the visible faces (x right, y up, z to the
    viewer), ``extent`` (3,), ``centre`` (2,) from the middle of the silhouette's box; lengths
    relative to the object's longest side. ``support`` and ``overlap`` say how sure it is.
    """

    axes: Float
    extent: Float
    centre: Float
    support: float
    overlap: float

    def depths(self, x: Float, y: Float) -> tuple[Float, Float, NDArray[np.int64]]:
        """Nearest and farthest depth at ``x``, ``y``, and which hidden face is behind."""
        across = [
            self.axes[i, 0] * (x - self.centre[0]) + self.axes[i, 1] * (y - self.centre[1])
            for i in range(3)
        ]
        front = np.stack([(self.extent[i] / 2 - across[i]) / self.axes[i, 2] for i in range(3)])
        back = np.stack([(-self.extent[i] / 2 - across[i]) / self.axes[i, 2] for i in range(3)])
        return front.min(axis=0), back.max(axis=0), back.argmax(axis=0)


def find_cuboid(outline: Silhouette) -> Cuboid | None:
    """The box that ``outline`` shows in three-quarter view, or None when unsure."""
    angle, length = _edges(outline)
    if angle.size < 12:
        return None
    histogram = (
        np.array(
            [
                length[_apart(angle, centre) < TOLERANCE].sum()
                for centre in np.arange(0.0, 180.0, STEP)
            ]
        )
        / length.sum()
    )
    rows, columns = np.nonzero(outline.inside)
    step = max(1, rows.size // POINTS)
    area = rows.size / outline.size**2
    rows, columns = rows[step // 2 :: step], columns[step // 2 :: step]
    size = outline.size
    x = (columns - 0.5 * (outline.inside.shape[1] - 1)) / size
    y = (0.5 * (outline.inside.shape[0] - 1) - rows) / size
    points = np.stack([x, y], axis=1)
    best: Cuboid | None = None
    best_score = 0.0
    for directions, support in _candidates(angle, length, histogram):
        axes = _orientation(directions)
        if axes is None or support < LEAST_SUPPORT:
            continue
        cuboid = _fitted(axes, points, support, area / len(points))
        if cuboid is not None and cuboid.overlap * support**0.5 > best_score:
            best, best_score = cuboid, cuboid.overlap * support**0.5
    return best if best is not None and best.overlap >= LEAST_OVERLAP else None


def _edges(outline: Silhouette) -> tuple[Float, Float]:
    """Directions (degrees, y up, 0..180) and lengths of straight edges inside and around."""
    grey = cv2.cvtColor(outline.rgb, cv2.COLOR_RGB2GRAY)
    mask = (outline.inside * 255).astype(np.uint8)
    detector = cv2.createLineSegmentDetector()
    found = [detector.detect(image)[0] for image in (grey, cv2.GaussianBlur(mask, (0, 0), 1.0))]
    lines = np.concatenate([f.reshape(-1, 4) for f in found if f is not None] or [np.zeros((0, 4))])
    delta = (lines[:, 2:] - lines[:, :2]).astype(np.float64)
    middle = np.rint(0.5 * (lines[:, 2:] + lines[:, :2])).astype(int)
    near = cv2.dilate(mask, np.ones((5, 5), np.uint8)) > 0
    height, width = near.shape
    on = near[np.clip(middle[:, 1], 0, height - 1), np.clip(middle[:, 0], 0, width - 1)]
    length = np.hypot(delta[:, 0], delta[:, 1])
    keep = on & (length > SHORTEST_EDGE * outline.size)
    angle = np.degrees(np.arctan2(-delta[:, 1], delta[:, 0])) % 180.0
    return angle[keep], length[keep]


def _apart(angle: Float, centre: float) -> Float:
    difference = np.abs(angle - centre) % 180.0
    return np.minimum(difference, 180.0 - difference)


def _candidates(angle: Float, length: Float, histogram: Float) -> list[tuple[Float, float]]:
    """Triples of face normals' image directions (degrees) with the share of edges along them.

    An edge speaks for the nearest of the three only, and each of the three needs some.
    """
    grid = np.arange(0.0, 180.0, STEP)
    ups = [i for i, a in enumerate(grid) if UP_RANGE[0] <= a <= UP_RANGE[1]]
    lefts = [i for i, a in enumerate(grid) if 2.0 < a < 80.0]
    rights = [i for i, a in enumerate(grid) if 100.0 < a < 178.0]
    triples = [
        (histogram[u] + histogram[a] + histogram[b], u, a, b)
        for u, a, b in product(ups, lefts, rights)
        if min(histogram[u], histogram[a], histogram[b]) > WEAKEST_AXIS
    ]
    triples.sort(key=lambda t: (-t[0], t[1:]))
    found: list[tuple[Float, float]] = []
    for _, u, a, b in triples[:CANDIDATES]:
        apart = np.stack([_apart(angle, grid[i]) for i in (u, a, b)])
        nearest, close = apart.argmin(axis=0), apart.min(axis=0) < TOLERANCE
        shares = np.bincount(nearest[close], weights=length[close], minlength=3) / length.sum()
        if shares[0] > WEAKEST_AXIS and shares[1:].min() > WEAKEST_SIDE:
            directions = np.array([grid[u], grid[a] + 180.0, grid[b] + 180.0])
            found.append((directions, float(shares.sum())))
    return found


def _orientation(degrees: Float) -> Float | None:
    """Orthonormal axes whose image directions are ``degrees``; None where no box looks so."""
    direction = np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1)
    dots = direction @ direction.T
    if max(dots[0, 1], dots[0, 2], dots[1, 2]) > -0.02:
        return None
    system = np.stack(
        [direction[:, 0] ** 2, direction[:, 1] ** 2, direction[:, 0] * direction[:, 1]]
    )
    squared = np.linalg.solve(system, np.array([1.0, 1.0, 0.0]))
    if squared.min() <= 0.0 or squared.max() >= 1.0 - FLATTEST_FACE**2:
        return None
    depth = np.sqrt(1.0 - squared)
    if depth[1:].min() < FLATTEST_SIDE:
        return None
    return np.concatenate([direction * np.sqrt(squared)[:, None], depth[:, None]], axis=1)


def _fitted(axes: Float, points: Float, support: float, cell: float) -> Cuboid | None:
    """The box with ``axes`` whose hexagon has the silhouette's widths; overlap by area."""
    flat = axes[:, :2]
    normal = np.stack([-flat[:, 1], flat[:, 0]], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    projected = points @ normal.T
    low, high = np.percentile(projected, [0.6, 99.4], axis=0)
    system = np.abs(normal @ flat.T)
    np.fill_diagonal(system, 0.0)
    extent = np.linalg.solve(system, high - low)
    if extent.min() < 0.05:
        return None
    centre = np.linalg.lstsq(normal, 0.5 * (low + high), rcond=None)[0]
    hexagon = float(
        sum(
            abs(np.linalg.det(flat[[i, j]])) * extent[i] * extent[j]
            for i, j in ((0, 1), (0, 2), (1, 2))
        )
    )
    box = Cuboid(axes, extent, centre, support, 0.0)
    front, back, _ = box.depths(points[:, 0], points[:, 1])
    common = float((front > back).sum()) * cell
    overlap = common / (hexagon + len(points) * cell - common)
    return Cuboid(axes, extent, centre, support, overlap)
