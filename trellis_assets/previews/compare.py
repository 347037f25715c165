"""How much two pictures of the same view differ: for rungs against the master, run against run.

All take (H, W, 4) uint8 pictures of one size; where one of them is transparent, both are laid over
the same mid grey, so that hidden colours never count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ._errors import PreviewError
from ._textures import linear_of
from .flip import Seen

Picture = NDArray[np.uint8]
Flat = NDArray[np.float32]
Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]
Scalar = TypeVar("Scalar", bound=np.generic)

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
BOX_STEP = 16  # pixels


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
    return Reference(a).likeness(b)


class Reference:
    """A picture that others are compared with: what the measures need of it is found once."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._matted: dict[Box, _Matted] = {}

    def likeness(self, other: Picture) -> Likeness:
        """All four measures between this picture and another of its size."""
        _same_size(self.picture, other)
        covered = _covered(self.picture, other)
        box = _box(covered)
        if box not in self._matted:
            self._matted[box] = _Matted(_cut(self.picture, box))
        first, second, covered = self._matted[box], _Matted(_cut(other, box)), _cut(covered, box)
        return Likeness(
            silhouette_iou(first.picture, second.picture),
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
    return _psnr(_Matted(a), _Matted(b), _covered(a, b))


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
    return _ssim(_Matted(a), _Matted(b), np.ones_like(covered) if whole else covered)


def flip(a: Picture, b: Picture) -> float:
    """Mean FLIP error over the pixels either picture covers: 0 when equal, 1 at most.

    See :mod:`.flip`; on a usual display seen from a usual distance.
    """
    _same_size(a, b)
    return _flip(_Matted(a), _Matted(b), _covered(a, b))


def heat_map(a: Picture, b: Picture) -> Picture:
    """FLIP at every pixel in the colours of :func:`heat_colors`; what both leave empty stays so."""
    _same_size(a, b)
    colors = heat_colors(_Matted(a).seen.difference(_Matted(b).seen))
    alpha = np.maximum(a[..., 3], b[..., 3])
    return np.dstack([colors, alpha]).astype(np.uint8)


def heat_colors(error: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Black for no error, through violet and orange to yellow at :data:`HOTTEST`; (H, W, 3)."""
    scaled = np.rint(np.clip(error / HOTTEST, 0, 1) * 255).astype(np.uint8)
    painted = cv2.applyColorMap(scaled, cv2.COLORMAP_INFERNO)
    return np.asarray(cv2.cvtColor(painted, cv2.COLOR_BGR2RGB), np.uint8)


class _Matted:
    """A picture over the matte, as the measures need it."""

    def __init__(self, picture: Picture) -> None:
        *colors, alpha = cv2.split(picture)
        share = alpha * np.float32(1 / 255)
        behind = MATTE * (1 - share)
        self.picture = picture
        self.planes = [color * share + behind for color in colors]  # (H, W) each, sRGB, 0..255

    @cached_property
    def luma(self) -> tuple[Flat, Flat, Flat]:
        """The luma, its mean and its variance in the window around each pixel, (H, W)."""
        red, green, blue = (plane * part for plane, part in zip(self.planes, LUMA, strict=True))
        luma = red + green + blue
        mean = _window(luma)
        return luma, mean, _window(luma * luma) - mean * mean

    @cached_property
    def seen(self) -> Seen:
        """As the eye has it."""
        codes = [np.rint(plane).astype(np.uint8) for plane in self.planes]
        return Seen(linear_of(cv2.merge(codes)))


def _psnr(first: _Matted, second: _Matted, covered: Mask) -> float:
    # What neither covers is the matte in both, without an error.
    planes = zip(first.planes, second.planes, strict=True)
    error = sum(cv2.norm(one, other, cv2.NORM_L2SQR) for one, other in planes)
    return float("inf") if error == 0 else _decibels(error / (3 * np.count_nonzero(covered)))


def _decibels(mean_square: float) -> float:
    return float(10 * np.log10(255.0**2 / mean_square))


def _ssim(first: _Matted, second: _Matted, covered: Mask) -> float:
    if not covered.any():
        return 1.0
    (one, mean_1, spread_1), (other, mean_2, spread_2) = first.luma, second.luma
    steady, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    shared = _window(one * other) - mean_1 * mean_2
    above = (2 * mean_1 * mean_2 + steady) * (2 * shared + contrast)
    below = (mean_1**2 + mean_2**2 + steady) * (spread_1 + spread_2 + contrast)
    return _mean(np.asarray(above / below, np.float32), covered)


def _flip(first: _Matted, second: _Matted, covered: Mask) -> float:
    return _mean(first.seen.difference(second.seen), covered) if covered.any() else 0.0


def _mean(values: Flat, covered: Mask) -> float:
    """Of the covered pixels, summed in double precision."""
    return float(cv2.mean(values, covered.astype(np.uint8))[0])


def _same_size(a: Picture, b: Picture) -> None:
    if a.shape != b.shape or a.ndim != 3 or a.shape[2] != 4:
        raise PicturesDiffer(
            f"pictures of shape {a.shape} and {b.shape} cannot be compared",
            fix="render both as RGBA at one size",
        )


def _box(covered: Mask) -> Box:
    """First and last row and column of what is covered, with the reach of the filters around it.

    In whole steps of :data:`BOX_STEP`, so that pictures of nearly one outline have one box.
    """
    sides = []
    for line in (np.any(covered, axis=1), np.any(covered, axis=0)):
        places = np.flatnonzero(line)
        low, high = (places[0], places[-1] + 1) if len(places) else (0, 0)
        start = max(0, (low - REACH) // BOX_STEP * BOX_STEP)
        end = min(line.size, -(-(high + REACH) // BOX_STEP) * BOX_STEP)
        sides += [int(start), int(end)]
    top, bottom, left, right = sides
    return top, bottom, left, right


def _cut(values: NDArray[Scalar], box: Box) -> NDArray[Scalar]:
    top, bottom, left, right = box
    return np.ascontiguousarray(values[top:bottom, left:right])


def _covered(a: Picture, b: Picture) -> Mask:
    return np.asarray((a[..., 3] > 0) | (b[..., 3] > 0))


def _window(values: Flat) -> Flat:
    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT))
