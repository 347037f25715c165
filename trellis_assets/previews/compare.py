"""How much two pictures of the same view differ: for rungs against the master, run against run.

All take (H, W, 4) uint8 pictures of one size; where one of them is transparent, both are laid over
the same mid grey, so that hidden colours never count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._errors import PreviewError
from ._textures import linear_of
from .flip import flip_map

Picture = NDArray[np.uint8]
Flat = NDArray[np.float32]
Mask = NDArray[np.bool_]

SOLID = 128
"""Alpha from which a pixel belongs to the silhouette; a shadow on the floor stays below it."""
MATTE = np.float32(119)  # sRGB of 18 % grey
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. 709
HOTTEST = 0.5
"""FLIP that :func:`heat_map` paints at the end of its scale; a whole picture of it is unusable."""
PSNR_CEILING = 99.0
"""What equal pictures get in :class:`Likeness`, so that it stays a number everywhere."""
REACH = 10
"""Pixels over which the widest filter of the measures matters."""


class PicturesDiffer(PreviewError):
    """Two pictures that cannot be compared because their sizes differ."""


@dataclass(frozen=True)
class Likeness:
    """How alike two pictures are, by four measures; the functions of this module say how."""

    silhouette_iou: float
    """0 to 1, 1 is equal."""
    ssim: float
    """-1 to 1, 1 is equal."""
    psnr_db: float
    """0 to 99, 99 is equal."""
    flip: float
    """0 to 1, 0 is equal."""


def likeness(a: Picture, b: Picture) -> Likeness:
    """All four measures, as if taken one by one."""
    _same_size(a, b)
    a, b = _cropped(a, b)
    first, second, covered = _flat(a), _flat(b), _covered(a, b)
    return Likeness(
        silhouette_iou(a, b),
        _ssim(first, second, covered),
        min(_psnr(first, second, covered), PSNR_CEILING),
        _flip(first, second, covered),
    )


def silhouette_iou(a: Picture, b: Picture) -> float:
    """Intersection over union of what the two pictures cover; 1 when both are empty."""
    _same_size(a, b)
    first, second = a[..., 3] >= SOLID, b[..., 3] >= SOLID
    union = int(np.count_nonzero(first | second))
    return 1.0 if union == 0 else int(np.count_nonzero(first & second)) / union


def psnr(a: Picture, b: Picture) -> float:
    """Peak signal-to-noise ratio in dB over the pixels either picture covers; inf when equal.

    The empty background is left out: it would flatter a small model.
    """
    _same_size(a, b)
    return _psnr(_flat(a), _flat(b), _covered(a, b))


def ssim(a: Picture, b: Picture, *, whole: bool = False) -> float:
    """Mean structural similarity of the luma over the covered pixels; 1 when equal.

    Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03 (Wang et al., IEEE TIP 13(4), 2004).

    Args:
        a: a picture.
        b: the other, as large.
        whole: the mean over the whole picture, as most published figures are; the more of it is
            empty, the higher.
    """
    _same_size(a, b)
    covered = _covered(a, b)
    return _ssim(_flat(a), _flat(b), np.ones_like(covered) if whole else covered)


def flip(a: Picture, b: Picture) -> float:
    """Mean FLIP error over the pixels either picture covers: 0 when equal, 1 at most.

    See :mod:`.flip`; on a usual display seen from a usual distance.
    """
    _same_size(a, b)
    return _flip(_flat(a), _flat(b), _covered(a, b))


def heat_map(a: Picture, b: Picture) -> Picture:
    """FLIP at every pixel in the colours of :func:`heat_colors`; what both leave empty stays so."""
    _same_size(a, b)
    colors = heat_colors(flip_map(_linear(_flat(a)), _linear(_flat(b))))
    alpha = np.maximum(a[..., 3], b[..., 3])
    return np.dstack([colors, alpha]).astype(np.uint8)


def heat_colors(error: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Black for no error, through violet and orange to yellow at :data:`HOTTEST`; (H, W, 3)."""
    import cv2

    scaled = np.rint(np.clip(error / HOTTEST, 0, 1) * 255).astype(np.uint8)
    painted = cv2.applyColorMap(scaled, cv2.COLORMAP_INFERNO)
    return np.asarray(cv2.cvtColor(painted, cv2.COLOR_BGR2RGB), np.uint8)


def _psnr(first: Flat, second: Flat, covered: Mask) -> float:
    error = (first - second)[covered]
    mean_square = float(np.mean(np.square(error), dtype=np.float64)) if error.size else 0.0
    return float("inf") if mean_square == 0 else float(10 * np.log10(255.0**2 / mean_square))


def _ssim(first: Flat, second: Flat, covered: Mask) -> float:
    if not covered.any():
        return 1.0
    one, other = (flat @ LUMA for flat in (first, second))
    steady, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_1, mean_2 = _window(one), _window(other)
    spread_1 = _window(one * one) - mean_1 * mean_1
    spread_2 = _window(other * other) - mean_2 * mean_2
    shared = _window(one * other) - mean_1 * mean_2
    above = (2 * mean_1 * mean_2 + steady) * (2 * shared + contrast)
    below = (mean_1**2 + mean_2**2 + steady) * (spread_1 + spread_2 + contrast)
    return float(np.mean((above / below)[covered], dtype=np.float64))


def _flip(first: Flat, second: Flat, covered: Mask) -> float:
    if not covered.any():
        return 0.0
    return float(flip_map(_linear(first), _linear(second))[covered].mean(dtype=np.float64))


def _same_size(a: Picture, b: Picture) -> None:
    if a.shape != b.shape or a.ndim != 3 or a.shape[2] != 4:
        raise PicturesDiffer(
            f"pictures of shape {a.shape} and {b.shape} cannot be compared",
            fix="render both as RGBA at one size",
        )


def _cropped(a: Picture, b: Picture) -> tuple[Picture, Picture]:
    """Without the rows and columns that both leave empty, but for the reach of the filters."""
    covered = _covered(a, b)
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    if not len(rows):
        return a[:1, :1], b[:1, :1]
    box = tuple(slice(max(0, line[0] - REACH), line[-1] + 1 + REACH) for line in (rows, columns))
    return a[box], b[box]


def _covered(a: Picture, b: Picture) -> Mask:
    return np.asarray((a[..., 3] > 0) | (b[..., 3] > 0))


def _flat(picture: Picture) -> Flat:
    """Colours 0..255, sRGB, over the matte."""
    alpha = picture[..., 3:] * np.float32(1 / 255)
    return np.asarray(picture[..., :3] * alpha + MATTE * (1 - alpha), np.float32)


def _linear(flat: Flat) -> Flat:
    return linear_of(np.rint(flat).astype(np.uint8))


def _window(values: Flat) -> Flat:
    import cv2

    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT))
