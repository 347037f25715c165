"""Making a fault findable: lines that are wide enough, rings around what is small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ._canvas import Picture

Number = TypeVar("Number", bound=np.generic)
Mask = NDArray[np.uint8]
Color = tuple[int, int, int]

FAULT: Color = (255, 58, 36)
"""Marked triangles and texels."""
OPEN: Color = (255, 214, 64)
"""Marked edges."""
SMALL = 1 / 12  # of the picture; a smaller spot gets a ring
MOST_LINES = 60_000  # edges that are drawn
MOST_RINGS = 12  # more of them hide the model
FEW_RINGS = 4  # beside a large spot, which is seen first
_JOINED = 1 / 40  # of the picture; marks closer than this are one spot
_SUBPIXEL = 4  # bits


@dataclass(frozen=True)
class Spot:
    """Marks that lie together; pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def extent(self) -> int:
        """The longer side."""
        return max(self.width, self.height)


def lines(size: int, ends: NDArray[np.floating], *, width: int) -> Mask:
    """(size, size) 0..255, segments (E, 2, 2) of x and y in pixels, drawn with soft edges."""
    mask = np.zeros((size, size), np.uint8)
    near = np.isfinite(ends).all(axis=(1, 2)) & (np.abs(ends) < 8.0 * size).all(axis=(1, 2))
    fixed = np.rint((ends[near] - 0.5) * (1 << _SUBPIXEL)).astype(np.int32)
    if len(fixed):
        # One call for all: OpenCV takes the rows of an array as separate lines.
        cv2.polylines(mask, list(fixed), False, 255, width, cv2.LINE_AA, _SUBPIXEL)
    return mask


def spots(mask: Mask) -> list[Spot]:
    """What is marked, (S, S) above 0, as spots: the largest first."""
    reach = max(3, round(mask.shape[0] * _JOINED)) | 1
    joined = cv2.dilate(
        (mask > 0).astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    )
    _, _, found, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    rim = reach // 2
    boxes = [
        Spot(int(x) + rim, int(y) + rim, max(int(w) - 2 * rim, 1), max(int(h) - 2 * rim, 1))
        for x, y, w, h, _ in found[1:]
    ]
    return sorted(boxes, key=lambda spot: -spot.extent)


def laid_over(picture: Picture, mask: Mask, color: Color, *, strength: float = 1.0) -> Picture:
    """The picture with ``color`` where the mask (S, S) says so, 0..255."""
    share = (mask.astype(np.float32) * np.float32(strength / 255))[..., None]
    wanted = np.array([*color, 255], np.float32)
    return np.rint(picture + (wanted - picture) * share).astype(np.uint8)


def ringed(picture: Picture, found: list[Spot]) -> Picture:
    """The picture with a ring around each small spot, unless there are too many to tell apart."""
    side = picture.shape[0]
    small = [spot for spot in found if spot.extent < SMALL * side]
    if not small or len(small) > (MOST_RINGS if len(small) == len(found) else FEW_RINGS):
        return picture
    dark, bright = np.zeros((2, side, side), np.uint8)
    for spot in small:
        x, y = (round(place * (1 << _SUBPIXEL)) for place in spot.middle)
        radius = round((spot.extent / 2 + side / 36) * (1 << _SUBPIXEL))
        cv2.circle(dark, (x, y), radius, 255, 5, cv2.LINE_AA, _SUBPIXEL)
        cv2.circle(bright, (x, y), radius, 255, 2, cv2.LINE_AA, _SUBPIXEL)
    return laid_over(laid_over(picture, dark, (16, 18, 22), strength=0.8), bright, FAULT)


def few(rows: NDArray[Number], most: int) -> NDArray[Number]:
    """At most so many of the rows, spread evenly."""
    return rows[:: -(-len(rows) // most)] if len(rows) > most else rows
