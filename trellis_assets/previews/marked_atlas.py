"""Where in an atlas a fault lies: the texture dimmed, charts outlined, the fault in red."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ._canvas import Picture
from ._layout import PANEL
from ._spots import FAULT, MOST_LINES, few, laid_over, lines, ringed, spots
from .marked_model import Panel

Uvs = NDArray[np.floating]

WIDEST = 4.0  # tiles on a side that are shown of a layout that leaves its tile
_FINER = 2  # drawn at twice the size, so that slivers keep their place
_CHART = (190, 196, 206)
_TILE = (240, 242, 246)
_DIM = 0.42
_GREY = 0.6  # of the texture's colour that is taken away


@dataclass(frozen=True)
class Window:
    """The square of UV space that is shown."""

    u: float = 0.0
    v: float = 0.0
    side: float = 1.0

    @classmethod
    def around(cls, uvs: Uvs) -> Window:
        """The first tile and all (V, 2) UVs, as far as the widest picture reaches."""
        low = np.clip(np.minimum(uvs.min(axis=0), 0.0), -WIDEST / 2, 0.0)
        high = np.clip(np.maximum(uvs.max(axis=0), 1.0), 1.0, WIDEST / 2 + 1.0)
        side = float((high - low).max()) * 1.04
        u, v = (high + low - side) / 2
        return cls(float(u), float(v), side)

    def placed(self, uvs: Uvs) -> NDArray[np.float64]:
        """UVs (..., 2) with the window as the unit square."""
        return np.asarray((uvs - (self.u, self.v)) / self.side, np.float64)


def atlas_panel(
    title: str,
    *,
    texture: NDArray[np.uint8] | None,
    outlines: Uvs,
    marked: NDArray[np.bool_],
    slivers: Uvs,
    window: Window,
    size: int,
) -> Panel:
    """The layout, (size, size, 4).

    Args:
        title: the words below it.
        texture: (H, W, 3 or 4) base color, repeated beyond the first tile.
        outlines: (E, 2, 2) ends of the charts' edges.
        marked: (G, G) cells of the window that are at fault.
        slivers: (M, 2, 2) sides of marked triangles, so that those between two cells are seen.
    """
    side = _FINER * size
    picture = _dimmed(texture, window, side)
    charts = lines(side, window.placed(few(outlines, MOST_LINES)) * side, width=1)
    picture = laid_over(picture, charts, _CHART, strength=0.5)
    if window != Window():
        square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
        tile = np.stack([square, np.roll(square, -1, axis=0)], axis=1)
        picture = laid_over(picture, lines(side, window.placed(tile) * side, width=3), _TILE)
    fault = np.maximum(
        _fitted(marked.astype(np.uint8) * 255, side),
        lines(side, window.placed(few(slivers, MOST_LINES)) * side, width=2),
    )
    picture = laid_over(picture, fault, FAULT, strength=0.92)
    spotted = _fitted(np.where(fault > 0, np.uint8(255), np.uint8(0)), size)
    return Panel(title, ringed(_fitted(picture, size), spots(spotted)))


def _dimmed(texture: NDArray[np.uint8] | None, window: Window, side: int) -> Picture:
    picture = np.empty((side, side, 4), np.uint8)
    picture[:] = PANEL
    if texture is None:
        return picture
    fitted = _fitted(np.ascontiguousarray(texture[..., :3]), side)
    steps = (np.arange(side) + 0.5) / side * window.side
    rows = (np.mod(steps + window.v, 1.0) * side).astype(np.intp)
    columns = (np.mod(steps + window.u, 1.0) * side).astype(np.intp)
    shown = fitted[rows][:, columns].astype(np.float32)
    light = (shown @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    picture[..., :3] = np.rint((shown + (light - shown) * _GREY) * _DIM + 18).astype(np.uint8)
    return picture


def _fitted(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    how = cv2.INTER_AREA if max(pixels.shape[:2]) > side else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=how), np.uint8)
