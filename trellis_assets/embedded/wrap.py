"""Colour of the sides: the picture folded around the edge.

Where the surface turns away from the viewer, the picture is continued: from the shoulder (the last
place the front still sees) it is looked up inwards at arc-length rate, and on the way around it
passes over into the back, looked up from its own shoulder. The two meet past the middle, so that a
side is no mirror image of itself; both fade into a blurred copy, so that no motif appears twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.embedded.blur import wide_blur
from trellis_assets.embedded.lookup import remap
from trellis_assets.embedded.paint import Picture
from trellis_assets.embedded.shape import Shape
from trellis_assets.embedded.turn import Turn

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]
Int = NDArray[np.int64]

FADE = 0.7
FADE_LENGTH = 0.16
BLUR = 0.018


@dataclass(frozen=True)
class Wrap:
    """Lookups from surface points (grid axes) to colours."""

    shape: Shape
    images: tuple[Bytes, Bytes, Bytes, Bytes]
    shoulder: Int
    inward: Float
    pattern: Turn | None

    @classmethod
    def around(cls, shape: Shape, front: Picture, back: Picture, pattern: Turn | None) -> Wrap:
        sigma = BLUR * shape.outline.size * shape.outline.scale
        stacks = []
        for picture in (front, back):
            image = np.dstack([picture.rgb, picture.orm[:, :, 1]])
            stacks += [image, wide_blur(image, sigma)]
        return cls(
            shape,
            (stacks[0], stacks[1], stacks[2], stacks[3]),
            _shoulders(shape),
            _inward(shape),
            pattern,
        )

    def colours(self, points: Float) -> tuple[Bytes, Bytes]:
        """RGB and ORM (N, 3) at ``points`` (N, 3): column, row, depth."""
        solid, size = self.shape.solid, self.shape.outline.size
        height, width = solid.inside.shape
        column = np.clip(np.rint(points[:, 0]), 0, width - 1).astype(np.int64)
        row = np.clip(np.rint(points[:, 1]), 0, height - 1).astype(np.int64)
        place = self.shoulder[row, column]
        at_row, at_column = np.divmod(place, width)
        depth = points[:, 2] - solid.middle[row, column]
        ahead = solid.front[at_row, at_column]
        behind = solid.back[at_row, at_column]
        run = np.clip(ahead - depth, 0.0, None)
        run_back = np.clip(depth + behind, 0.0, None)
        inward = self.inward[row, column]
        start = np.stack([at_column, at_row], axis=1).astype(np.float32)
        front = self._look(0, start + inward * run[:, None], run / size)
        back = self._look(2, start + inward * run_back[:, None], run_back / size)
        t = np.clip(run / np.maximum(ahead + behind, 1e-3), 0.0, 1.0)
        t = np.clip((t - 0.3) / 0.6, 0.0, 1.0)
        t = (t * t * (3.0 - 2.0 * t))[:, None]
        mixed = (1.0 - t) * front + t * back
        if self.pattern is not None:
            turned, share = self._turned(self.pattern, points, depth)
            mixed += share[:, None] * (turned - mixed)
        out = np.clip(mixed + 0.5, 0.0, 255.0).astype(np.uint8)
        surface = np.zeros((len(out), 3), dtype=np.uint8)
        surface[:, 1] = out[:, 3]
        return out[:, :3], surface

    def _turned(self, pattern: Turn, points: Float, depth: Float) -> tuple[Float, Float]:
        """Colours (N, 4) around the turned body, and how far they hold (N,)."""
        outline = self.shape.outline
        x = (points[:, 0] + 0.5) * outline.scale + outline.x0 - 0.5
        y = (points[:, 1] + 0.5) * outline.scale + outline.y0 - 0.5
        return pattern.look(x, y, depth * outline.scale)

    def _look(self, number: int, grid: Float, run: NDArray[np.floating]) -> Float:
        outline = self.shape.outline
        x = (grid[:, 0] + 0.5) * outline.scale + outline.x0 - 0.5
        y = (grid[:, 1] + 0.5) * outline.scale + outline.y0 - 0.5
        fade = (FADE * np.clip(run / FADE_LENGTH, 0.0, 1.0))[:, None]
        sharp, soft = (remap(image, x, y) for image in self.images[number : number + 2])
        return np.asarray((1.0 - fade) * sharp + fade * soft, dtype=np.float32)


def _shoulders(shape: Shape) -> Int:
    """For every cell the flat number of the nearest cell whose front is not steep."""
    inside = shape.solid.inside
    smooth = cv2.GaussianBlur(shape.solid.front + shape.solid.middle, (0, 0), 1.5)
    slope = np.hypot(
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=0.125),
        cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=0.125),
    )
    calm = inside & (slope < np.sqrt(1.0 / shape.steep**2 - 1.0))
    if not calm.any():
        calm = inside
    if shape.lathe > 0.5:
        return _in_row(calm)
    _, labels = cv2.distanceTransformWithLabels(
        (~calm).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    flat = np.flatnonzero(calm)
    by_label = np.zeros(int(labels.max()) + 1, dtype=np.int64)
    by_label[labels.ravel()[flat]] = flat
    return np.asarray(by_label[labels], dtype=np.int64)


def _in_row(calm: NDArray[np.bool_]) -> Int:
    """As ``_shoulders``, within the same row: a turned object is the same all around a row."""
    height, width = calm.shape
    x = np.arange(width)[None, :]
    left = np.maximum.accumulate(np.where(calm, x, -width), axis=1)
    right = np.minimum.accumulate(np.where(calm, x, 2 * width)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.where(x - left <= right - x, left, right)
    nearest = np.where((nearest >= 0) & (nearest < width), nearest, x)
    return np.asarray(np.arange(height)[:, None] * width + nearest, dtype=np.int64)


def _inward(shape: Shape) -> Float:
    """Unit direction (H, W, 2) from the outline to the inside."""
    soft = cv2.GaussianBlur(
        shape.solid.inside.astype(np.float32), (0, 0), max(1.5, 0.008 * shape.outline.size)
    )
    gradient = np.dstack(
        [cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3)]
    )
    if shape.lathe > 0.5:
        gradient[:, :, 1] = 0.0
    length = np.maximum(np.linalg.norm(gradient, axis=2, keepdims=True), 1e-6)
    return np.asarray(gradient / length, dtype=np.float32)
