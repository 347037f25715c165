"""Lay charts flat without tearing: least squares conformal maps (Levy et al. 2002).

All charts are solved in one sparse system; two far vertices of each are pinned. Each is then scaled
to the area it has in space, so that texel density is even.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

from .topology import face_vectors, unit

Int64 = NDArray[np.int64]
_SLIVER = 1.0e-6  # of the mean triangle: weights of thinner triangles are capped
_MOST_FLIPPED = 1.0e-3  # share of a chart's area
_MOST_SPREAD = 0.45  # area-weighted standard deviation of log2 of the texel density
_MOST_SPRAWL = 2.5  # of the diagonal; half a tube unrolls to pi / 2
_MOST_SHEAR = 1.6  # area-weighted mean of the ratio of the two stretches


@dataclass(frozen=True, eq=False)
class Flat:
    """Charts in their own planes, in metres."""

    uvs: NDArray[np.float64]  # (V, 2)
    bad: NDArray[np.bool_]  # (C,) folded over or stretched too much


def flatten(points: NDArray[Any], faces: Int64, chart: Int64, count: int) -> Flat:
    """Flatten charts.

    Args:
        points: (V, 3) vertices, each of one chart only.
        faces: (T, 3).
        chart: (T,) 0..count-1.
        count: number of charts.
    """
    owner = np.zeros(len(points), np.int64)
    owner[faces.reshape(-1)] = np.repeat(chart, 3)
    shape = _in_plane(points, faces)
    pins = _pins(points, owner, count)
    uvs = _solve(shape, faces, owner, pins, points)
    area = np.linalg.norm(face_vectors(points, faces), axis=1) / 2.0
    corners = uvs[faces]
    e1, e2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    signed = (e1[:, 0] * e2[:, 1] - e1[:, 1] * e2[:, 0]) / 2.0
    total = np.bincount(chart, weights=area, minlength=count).astype(np.float64)
    flat = np.bincount(chart, weights=np.abs(signed), minlength=count)
    scale = np.sqrt(total / np.maximum(flat, 1e-300))
    uvs = uvs * np.where(np.isfinite(scale), scale, 1.0)[owner][:, None]
    signed = signed * (scale**2)[chart]
    bad = _judge(shape, uvs[faces], signed, area, chart, total)
    return Flat(uvs, bad | _sprawling(points, uvs, owner, count))


def _in_plane(points: NDArray[Any], faces: Int64) -> NDArray[np.float64]:
    """(T, 3, 2) corners of each triangle in its own plane, the first edge along x."""
    a, b, c = (points[faces[:, k]].astype(np.float64) for k in range(3))
    along = unit(b - a)
    up = unit(np.cross(np.cross(b - a, c - a), along))
    shape = np.zeros((len(faces), 3, 2))
    shape[:, 1, 0] = np.linalg.norm(b - a, axis=1)
    shape[:, 2, 0] = np.einsum("ij,ij->i", c - a, along)
    shape[:, 2, 1] = np.einsum("ij,ij->i", c - a, up)
    return shape


def _pins(points: NDArray[Any], owner: Int64, count: int) -> Int64:
    """(C, 2) two vertices far apart in each chart: the ends along its widest axis."""
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, owner, points)
    np.maximum.at(high, owner, points)
    axis = np.argmax(high - low, axis=1)
    along = points[np.arange(len(points)), axis[owner]]
    order = np.lexsort((along, owner))
    size = np.bincount(owner, minlength=count)
    end = np.cumsum(size)
    return np.stack([order[end - size], order[end - 1]], axis=1)


def _solve(
    shape: NDArray[np.float64],
    faces: Int64,
    owner: Int64,
    pins: Int64,
    points: NDArray[Any],
) -> NDArray[np.float64]:
    area = np.abs(shape[:, 1, 0] * shape[:, 2, 1]) / 2.0
    weight = 1.0 / np.sqrt(2.0 * np.maximum(area, _SLIVER * max(float(area.mean()), 1e-300)))
    opposite = np.roll(shape, -2, axis=1) - np.roll(shape, -1, axis=1)  # (T, 3, 2)
    real, imaginary = opposite[:, :, 0] * weight[:, None], opposite[:, :, 1] * weight[:, None]
    total, rows = len(owner), np.repeat(np.arange(len(faces)), 3)
    flat = faces.reshape(-1)
    height = len(faces)
    system = coo_matrix(
        (
            np.concatenate([real.ravel(), -imaginary.ravel(), imaginary.ravel(), real.ravel()]),
            (
                np.concatenate([rows, rows, rows + height, rows + height]),
                np.concatenate([flat, flat + total, flat, flat + total]),
            ),
        ),
        shape=(2 * height, 2 * total),
    ).tocsc()
    known = np.zeros((total, 2))
    fixed = np.zeros(total, bool)
    distance = np.linalg.norm(
        points[pins[:, 1]].astype(np.float64) - points[pins[:, 0]].astype(np.float64), axis=1
    )
    known[pins[:, 1], 0] = np.where(distance > 0.0, distance, 1.0)
    fixed[pins.reshape(-1)] = True
    free = np.flatnonzero(~np.concatenate([fixed, fixed]))
    pinned = np.flatnonzero(np.concatenate([fixed, fixed]))
    values = known.T.reshape(-1)
    left = system[:, free]
    right = -(system[:, pinned] @ values[pinned])
    normal = (left.T @ left).tocsc()
    if len(free):
        # A whisper on the diagonal keeps vertices that no triangle with an area holds solvable.
        ridge = 1.0e-12 * float(normal.diagonal().max())
        normal.setdiag(normal.diagonal() + ridge)
        values[free] = splu(
            normal,
            permc_spec="MMD_AT_PLUS_A",
            options={"SymmetricMode": True},
            diag_pivot_thresh=0.0,
        ).solve(left.T @ right)
    return values.reshape(2, total).T


def _sprawling(
    points: NDArray[Any], uvs: NDArray[np.float64], owner: Int64, count: int
) -> NDArray[np.bool_]:
    """(C,) charts that lie much wider in the plane than they are in space.

    A chart folded to a line is blown up by the scaling; its triangles have no area to judge by.
    """
    spans = []
    for values in (points, uvs):
        low = np.full((count, values.shape[1]), np.inf)
        high = -low
        np.minimum.at(low, owner, values)
        np.maximum.at(high, owner, values)
        spans.append(np.linalg.norm(high - low, axis=1))
    return np.asarray(spans[1] > _MOST_SPRAWL * spans[0])


def _judge(
    shape: NDArray[np.float64],
    corners: NDArray[np.float64],
    signed: NDArray[np.float64],
    area: NDArray[np.float64],
    chart: Int64,
    total: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """(C,) charts that fold over, or whose density or shear varies too much."""
    count = len(total)
    safe = np.maximum(total, 1e-300)
    folded = np.bincount(chart, weights=np.where(signed <= 0.0, area, 0.0), minlength=count)
    ratio = 0.5 * np.log2(np.maximum(np.abs(signed), 1e-30) / np.maximum(area, 1e-30))
    ratio = np.clip(ratio, -8.0, 8.0)
    mean = np.bincount(chart, weights=ratio * area, minlength=count) / safe
    spread = np.bincount(chart, weights=(ratio - mean[chart]) ** 2 * area, minlength=count) / safe
    # Stretches from the map's first fundamental form.
    width, reach, rise = shape[:, 1, 0], shape[:, 2, 0], shape[:, 2, 1]
    valid = (width > 0.0) & (rise > 0.0)
    along = (corners[:, 1] - corners[:, 0]) / np.where(valid, width, 1.0)[:, None]
    across = (corners[:, 2] - corners[:, 0] - along * reach[:, None]) / np.where(valid, rise, 1.0)[
        :, None
    ]
    along, across = np.clip(along, -1e6, 1e6), np.clip(across, -1e6, 1e6)
    e, g = (along**2).sum(axis=1), (across**2).sum(axis=1)
    f = (along * across).sum(axis=1)
    root = np.sqrt(np.maximum((e - g) ** 2 + 4.0 * f**2, 0.0))
    shear = np.sqrt((e + g + root) / np.maximum(e + g - root, 1e-12 * np.maximum(e + g, 1e-30)))
    shear = np.where(valid, np.minimum(shear, 20.0), 1.0)
    sheared = np.bincount(chart, weights=shear * area, minlength=count) / safe
    return (
        (folded > _MOST_FLIPPED * safe) | (np.sqrt(spread) > _MOST_SPREAD) | (sheared > _MOST_SHEAR)
    )
