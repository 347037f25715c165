"""Which texels of an atlas the surface uses."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Mesh

Coverage = NDArray[np.uint8]
"""(H, W): 0 background, 1 touched by a triangle, 2 texel centre inside a triangle."""

_GRID = 2048  # coverage is measured at most this fine; larger atlases repeat its cells
_ON_EDGE = 1e-3  # texels; a centre on the edge that two triangles share is inside, not in a crack
_TOUCH = 0.71  # half the diagonal of a texel
_BATCH = 2_000_000  # rows of triangles per step: about 150 MB
_KEPT = 4  # latest maps: the sets of a game asset differ in size only

_kept: OrderedDict[tuple[bytes, int, int], Coverage] = OrderedDict()
_keeping = Lock()


def uv_coverage(meshes: Iterable[Mesh], *, width: int, height: int) -> Coverage:
    """Rasterises the UV triangles of ``meshes`` into one map.

    A texture that repeats over a mesh (UVs that span more than one tile) has no background:
    everything counts as inside. So it does when a mesh has no UVs, because nothing is then known.

    Returns:
        (height, width) uint8, read-only, see :data:`Coverage`.
    """
    meshes = tuple(meshes)
    key = _fingerprint(meshes), width, height
    with _keeping:
        if key not in _kept:
            _kept[key] = _rasterised(meshes, width, height)
            _kept[key].setflags(write=False)
            if len(_kept) > _KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def _fingerprint(meshes: Iterable[Mesh]) -> bytes:
    digest = sha256()
    for mesh in meshes:
        uvs = b"" if mesh.uvs is None else np.ascontiguousarray(mesh.uvs).tobytes()
        triangles = np.ascontiguousarray(mesh.triangles).tobytes()
        digest.update(f"{mesh.uvs is None} {len(uvs)} {len(triangles)} ".encode())
        digest.update(uvs + triangles)
    return digest.digest()


def _rasterised(meshes: Iterable[Mesh], width: int, height: int) -> Coverage:
    grid_w, grid_h = min(width, _GRID), min(height, _GRID)
    inside = np.zeros((grid_h, grid_w + 1), np.int32)
    touched = np.zeros_like(inside)
    for mesh in meshes:
        uvs = None if mesh.uvs is None else _in_one_tile(mesh.uvs)
        if uvs is None:
            return np.full((height, width), 2, np.uint8)
        corners = uvs[mesh.triangles] * np.array([grid_w, grid_h], np.float32)
        corners -= np.float32(0.5)  # texel centres at whole numbers
        _add_spans(corners, _ON_EDGE, inside)
        _add_spans(corners, _TOUCH, touched)
    coverage = _is_covered(touched).astype(np.uint8)
    coverage += _is_covered(inside)
    if (grid_h, grid_w) == (height, width):
        return coverage
    rows = np.arange(height) * grid_h // height
    columns = np.arange(width) * grid_w // width
    return np.asarray(coverage[rows][:, columns], np.uint8)


def _in_one_tile(uvs: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """UVs moved into 0..1 by whole tiles; None when they span more than one."""
    slack = 1e-3
    if len(uvs) == 0 or not np.isfinite(uvs).all():
        return None
    lower, upper = uvs.min(axis=0), uvs.max(axis=0)
    tile = np.where((lower >= -slack) & (upper <= 1 + slack), 0, np.floor(lower + slack))
    moved = (uvs - tile).astype(np.float32)
    return moved if moved.max() <= 1 + slack else None


def _is_covered(spans: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Span starts (+1) and ends (-1) summed along each row."""
    return np.asarray(np.cumsum(spans, axis=1)[:, :-1] > 0)


def _add_spans(corners: NDArray[np.float32], tolerance: float, spans: NDArray[np.int32]) -> None:
    """Adds, for each row of each (T, 3, 2) triangle, where it begins and ends, to ``spans``.

    A texel belongs to a triangle when its centre is inside all three edges or at most
    ``tolerance`` texels outside; the bounding box cuts the mitres of sharp corners.
    """
    height, width = spans.shape[0], spans.shape[1] - 1
    lower = np.ceil(corners.min(axis=1) - tolerance)
    upper = np.floor(corners.max(axis=1) + tolerance)
    lower = np.maximum(lower, 0).astype(np.int32)
    upper = np.minimum(upper, [width - 1, height - 1]).astype(np.int32)
    rows = np.maximum(upper[:, 1] - lower[:, 1] + 1, 0).astype(np.int64)
    a, b, c = _edges(corners)
    batch_of = np.cumsum(rows) // _BATCH
    starts = np.flatnonzero(np.diff(batch_of, prepend=-1))
    flat = spans.reshape(-1)
    for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
        owner = np.repeat(np.arange(start, stop), rows[start:stop])
        before = np.cumsum(rows[start:stop]) - rows[start:stop]
        y = lower[owner, 1] + (np.arange(len(owner)) - before[owner - start])
        left, right = (
            lower[owner, 0].astype(np.float32),
            upper[owner, 0].astype(np.float32),
        )
        for edge in range(3):
            slope = a[edge][owner]
            bound = -(b[edge][owner] * y + c[edge][owner]) - np.float32(tolerance)
            crossing = bound / np.where(slope == 0, np.float32(1), slope)
            left = np.where(slope > 0, np.maximum(left, crossing), left)
            right = np.where(slope < 0, np.minimum(right, crossing), right)
            right = np.where((slope == 0) & (bound > 0), np.float32(-1), right)
        first, last = np.ceil(left).astype(np.int64), np.floor(right).astype(np.int64)
        row = (y * (width + 1))[first <= last]
        flat += np.bincount(row + first[first <= last], minlength=flat.size).astype(np.int32)
        flat -= np.bincount(row + last[first <= last] + 1, minlength=flat.size).astype(np.int32)


def _edges(corners: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Edge functions a*x + b*y + c as three (3, T) arrays: distance in texels, positive inside."""
    step = np.roll(corners, -1, axis=1) - corners
    first, second = step[:, 0], step[:, 1]
    turn = np.sign(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])[:, None]
    length = np.maximum(np.hypot(step[..., 0], step[..., 1]), np.float32(1e-9))
    a = -step[..., 1] * turn / length
    b = step[..., 0] * turn / length
    c = -(a * corners[..., 0] + b * corners[..., 1])
    return tuple(np.ascontiguousarray(part.T.astype(np.float32)) for part in (a, b, c))
