"""How much two pictures of the same view differ: for rungs against the master, run against run.

All take (H, W, 4) uint8 pictures of one size; where one of them is transparent, both are laid over
the same mid grey, so that hidden colours never count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ._errors import PreviewError

Picture = NDArray[np.uint8]

SOLID = 128
"""Alpha from which a pixel belongs to the silhouette; a shadow on the floor stays below it."""
MATTE = 119.0  # sRGB of 18 % grey
HOTTEST = 0.25  # difference (of full range) that heat_map paints at the end of its scale


class PicturesDiffer(PreviewError):
    """Two pictures that cannot be compared because their sizes differ."""


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
    covered = (a[..., 3] > 0) | (b[..., 3] > 0)
    error = (_flat(a) - _flat(b))[covered]
    mean_square = float(np.mean(np.square(error))) if error.size else 0.0
    return float("inf") if mean_square == 0 else float(10 * np.log10(255.0**2 / mean_square))


def ssim(a: Picture, b: Picture) -> float:
    """Mean structural similarity of the luma over the covered pixels; 1 when equal.

    Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03 (Wang et al., IEEE TIP 13(4), 2004).
    """
    _same_size(a, b)
    covered = (a[..., 3] > 0) | (b[..., 3] > 0)
    if not covered.any():
        return 1.0
    first, second = _luma(a), _luma(b)
    steady, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_1, mean_2 = _window(first), _window(second)
    spread_1 = _window(first * first) - mean_1 * mean_1
    spread_2 = _window(second * second) - mean_2 * mean_2
    shared = _window(first * second) - mean_1 * mean_2
    above = (2 * mean_1 * mean_2 + steady) * (2 * shared + contrast)
    below = (mean_1**2 + mean_2**2 + steady) * (spread_1 + spread_2 + contrast)
    return float(np.mean((above / below)[covered]))


def heat_map(a: Picture, b: Picture) -> Picture:
    """Where they differ: dark blue for equal, through orange to white; empty stays transparent."""
    import cv2

    _same_size(a, b)
    difference = np.abs(_flat(a) - _flat(b)).max(axis=2) / 255
    scaled = np.rint(np.clip(difference / HOTTEST, 0, 1) * 255).astype(np.uint8)
    colors = cv2.cvtColor(cv2.applyColorMap(scaled, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    alpha = np.maximum(a[..., 3], b[..., 3])
    return np.dstack([colors, alpha]).astype(np.uint8)


def _same_size(a: Picture, b: Picture) -> None:
    if a.shape != b.shape or a.ndim != 3 or a.shape[2] != 4:
        raise PicturesDiffer(
            f"pictures of shape {a.shape} and {b.shape} cannot be compared",
            fix="render both as RGBA at one size",
        )


def _flat(picture: Picture) -> NDArray[np.float64]:
    alpha = picture[..., 3:].astype(np.float64) / 255
    return picture[..., :3] * alpha + MATTE * (1 - alpha)


def _luma(picture: Picture) -> NDArray[np.float64]:
    luma: NDArray[np.float64] = _flat(picture) @ np.array([0.2126, 0.7152, 0.0722])
    return luma


def _window(values: NDArray[np.float64]) -> NDArray[np.float64]:
    import cv2

    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT))
