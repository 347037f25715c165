"""From samples to a picture: averaged in each pixel, laid over a background, as sRGB bytes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ._sampling import Samples, View
from ._textures import to_srgb

Float32 = NDArray[np.float32]
Picture = NDArray[np.uint8]
"""(H, W, 4) sRGB with straight alpha."""
RGBA = tuple[int, int, int, int]

_LINE_BLUR = 0.5  # pixels


def accumulated(colors: Float32, samples: Samples, view: View) -> Float32:
    """Average the samples: (4, size, size) float32, premultiplied display-linear."""
    values = (*np.clip(colors, 0, 1).T * samples.share, samples.share)
    height, width = view.shape
    canvas = np.zeros((4, view.size, view.size), np.float32)
    if (np.diff(samples.pixel) > 0).all():  # one sample a pixel: nothing to add up
        row, column = np.divmod(samples.pixel, width)
        place = (row + view.rows.start) * view.size + column + view.columns.start
        for plane, value in zip(canvas, values, strict=True):
            plane.reshape(-1)[place] = value
        return canvas
    for plane, value in zip(canvas, values, strict=True):
        total = np.bincount(samples.pixel, value, minlength=height * width)
        plane[view.rows, view.columns] = total.reshape(height, width)
    return canvas


def finished(canvas: Float32, drawn: tuple[slice, slice], background: RGBA | None) -> Picture:
    """Straight alpha sRGB bytes, over `background` if there is one; nothing outside of `drawn`."""
    size = canvas.shape[1]
    behind = np.array(background or (0, 0, 0, 0), np.float32)[:, None, None] / np.float32(255)
    alpha = np.clip(canvas[3, *drawn], 0, 1)
    straight = canvas[:3, *drawn] / np.maximum(alpha, np.float32(1e-6))
    color = to_srgb(np.asarray(straight, np.float32))
    if background is not None:
        total = alpha + behind[3] * (1 - alpha)
        color = color * alpha + behind[:3] * behind[3] * (1 - alpha)
        color, alpha = color / np.maximum(total, np.float32(1e-6)), total
    picture = np.zeros((size, size, 4), np.uint8)
    if background is not None and background[3]:
        picture[:] = background
    codes = np.rint(np.stack([*color, alpha]) * 255).astype(np.uint8)
    picture[drawn] = codes.transpose(1, 2, 0)
    return picture


def softened(line: Float32, samples: Samples, view: View) -> Float32:
    """Lines (N,) averaged with those around them: one sample of a thin triangle is a random one."""
    area = view.shape[0] * view.shape[1]
    sums = [
        np.bincount(samples.pixel, values, minlength=area).astype(np.float32).reshape(view.shape)
        for values in (line * samples.share, samples.share)
    ]
    total, share = (cv2.GaussianBlur(grid, (3, 3), _LINE_BLUR).ravel() for grid in sums)
    softened = total / np.maximum(share, np.float32(1e-6))
    return np.asarray(softened[samples.pixel], np.float32)
