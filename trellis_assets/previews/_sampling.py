"""Which rays make a picture: one through each pixel, several where it has edges.

Inside a smooth surface one sample per pixel is enough, because textures bring their own filter
(the mip chain); at silhouettes, creases and cut-outs the pixel is divided.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._camera import Camera
from ._fragments import Fragments, fragments_of
from ._surface import Surface
from ._trace import Hits, trace

Float32 = NDArray[np.float32]

EDGE_STEP = 2.5  # distance of neighbouring points from each other's plane, in pixels
EDGE_COSINE = 0.9  # between neighbouring normals
EDGE_ALPHA = 0.02
EDGE_STRETCH = 2.0  # step in the texture, against the step that its filter is made for


@dataclass(frozen=True, eq=False)
class View:
    """The pixels of one picture that the model can touch."""

    camera: Camera
    size: int
    supersample: int
    rows: slice
    columns: slice
    to_studio: Float32  # (3, 3)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    @property
    def pixel_angle(self) -> float:
        return 2 * self.camera.tangent / self.size


@dataclass(frozen=True, eq=False)
class Samples:
    """What a picture is made of: N fragments, the pixel of each, and its share in that pixel."""

    fragments: Fragments
    pixel: NDArray[np.intp]  # (N,) within rows x columns
    share: Float32  # (N,) of the pixel's area, times what the layers before it let through


def sampled(surface: Surface, view: View, *, everywhere: bool) -> Samples:
    """Fragments of one view: `supersample` squared per pixel at edges, or `everywhere`."""
    height, width = view.shape
    pixels = np.arange(height * width)
    if everywhere or view.supersample == 1:
        return _samples(surface, view, pixels, view.supersample)
    once = _samples(surface, view, pixels, 1)
    edges = _edges(once, view)
    again = _samples(surface, view, np.flatnonzero(edges), view.supersample)
    return _joined(once, ~edges[once.pixel], again)


def _samples(surface: Surface, view: View, pixels: NDArray[np.intp], side: int) -> Samples:
    """`side` squared rays through each of those pixels."""
    row, column = np.divmod(pixels, view.shape[1])
    steps = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    down, right = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    x = ((column + view.columns.start).astype(np.float32)[:, None] + right).ravel()
    y = ((row + view.rows.start).astype(np.float32)[:, None] + down).ravel()
    directions = view.camera.rays(x, y, view.size)
    spacing = np.full(len(directions), view.pixel_angle / side, np.float32)
    hits = trace(surface, view.camera.eye, directions, spacing)
    fragments = fragments_of(surface, hits, view.camera.eye, directions, spacing)
    return Samples(fragments, pixels[hits.ray // side**2], hits.weight / np.float32(side**2))


def _edges(samples: Samples, view: View) -> NDArray[np.bool_]:
    """Pixels (rows * columns,) whose neighbours show another surface, or nothing."""
    height, width = view.shape
    first = samples.fragments.hits.first
    pixel = samples.pixel[first]
    places, normals = np.zeros((2, height * width, 3), np.float32)
    uvs = np.zeros((height * width, 2), np.float32)
    reach, uv_reach = np.zeros((2, height * width), np.float32)
    uvs[pixel] = samples.fragments.uvs[first]
    uv_reach[pixel] = samples.fragments.footprint[first] * np.float32(EDGE_STRETCH)
    places[pixel] = samples.fragments.position[first]
    normals[pixel] = samples.fragments.normal[first]
    reach[pixel] = samples.fragments.hits.distance[first]
    reach *= np.float32(EDGE_STEP * view.pixel_angle)
    alpha = np.bincount(samples.pixel, samples.share, minlength=height * width)
    columns = (places, normals, reach, alpha, uvs, uv_reach)
    grids = [grid.reshape(height, width, -1) for grid in columns]
    edges = np.zeros((height, width), np.bool_)
    for axis in (0, 1):
        before = [np.delete(grid, -1, axis) for grid in grids]
        after = [np.delete(grid, 0, axis) for grid in grids]
        step = after[0] - before[0]
        aside = np.maximum(
            np.abs(np.einsum("hwc,hwc->hw", step, before[1])),
            np.abs(np.einsum("hwc,hwc->hw", step, after[1])),
        )
        differ = aside > before[2][..., 0]
        differ |= np.einsum("hwc,hwc->hw", before[1], after[1]) < EDGE_COSINE
        along_u, along_v = np.moveaxis(np.abs(after[4] - before[4]), 2, 0)
        differ |= np.maximum(along_u, along_v) > before[5][..., 0]
        differ &= (before[3] > 0)[..., 0] | (after[3] > 0)[..., 0]
        differ |= np.abs(before[3] - after[3])[..., 0] > EDGE_ALPHA
        if axis == 0:
            edges[:-1] |= differ
            edges[1:] |= differ
        else:
            edges[:, :-1] |= differ
            edges[:, 1:] |= differ
    return edges.ravel()


def _joined(once: Samples, kept: NDArray[np.bool_], again: Samples) -> Samples:
    first = once.fragments.only(kept)
    hits = Hits(*_concatenated(first.hits, again.fragments.hits, 0))
    fragments = Fragments(hits, *_concatenated(first, again.fragments, 1))
    return Samples(
        fragments,
        np.concatenate([once.pixel[kept], again.pixel]),
        np.concatenate([once.share[kept], again.share]),
    )


def _concatenated(one: Hits | Fragments, other: Hits | Fragments, skip: int) -> list[Any]:
    names = [field.name for field in fields(one)[skip:]]
    return [np.concatenate([getattr(one, name), getattr(other, name)]) for name in names]
