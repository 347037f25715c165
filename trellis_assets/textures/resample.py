"""Smaller textures that look like the large ones, slot by slot."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.srgb import linear_to_srgb, srgb_to_linear

from ._fill import fill_empty, weighted
from ._slots import COLOR_SLOTS, Pixels
from .coverage import Coverage

Values = NDArray[np.float32]

_SLIVER = np.float32(1 / 64)
"""Weight of a texel that a triangle only touches and that has no covered neighbour, against 1 for
one whose centre lies inside. It is all that is left of a sliver between two rows of centres."""

_GIVEN_BACK = np.float32(0.375)
"""Share of what magnification misses that is added. All of it would be nearest to the source close
up, but too sharp from afar; with this, maps magnified and rendered pictures are both nearer than by
Lanczos (SSIM, two assets at 1024 and 512)."""


def target_shape(height: int, width: int, size: int) -> tuple[int, int]:
    """Height and width after :func:`resize`: powers of two, the longer side at most ``size``.

    A side is never made longer. The aspect is kept to the nearest power of two.
    """
    longer, shorter = max(height, width), min(height, width)
    new_longer = min(_floor_power(size), _floor_power(longer))
    ideal = new_longer * shorter / longer
    new_shorter = min(2 ** max(0, round(float(np.log2(ideal)))), _floor_power(shorter))
    return (new_longer, new_shorter) if height >= width else (new_shorter, new_longer)


def resize(
    pixels: Pixels,
    *,
    size: int,
    slot: str,
    alpha_mode: str = "OPAQUE",
    coverage: Coverage | None = None,
    mip: bool = False,
) -> Pixels:
    """A texture whose longer side is at most ``size``, filtered by area and sharpened once.

    A part of what bilinear magnification of the area mean misses of the source is averaged in its
    turn and added (back-projection: Irani and Peleg, Improving Resolution by Image Registration,
    CVGIP 53, 1991). Unlike a wider filter, as Lanczos, it reads nothing beyond the area of a texel
    and of those next to it, so that charts do not mix.

    * ``base_color`` and ``emissive`` are averaged in linear light (exact sRGB transfer).
    * With ``alpha_mode`` MASK or BLEND colour is weighted by alpha, and texels of alpha 0 take the
      colour of their neighbours, so that no dark rim appears under bilinear filtering.
    * With OPAQUE, alpha is only a fourth channel: viewers show the colour under it, so do we.
    * ``normal`` is averaged as vectors and brought back to unit length.
    * ``orm`` is averaged as plain numbers.

    Args:
        pixels: (H, W, 3 or 4) uint8.
        size: the longest side wanted, at least 1; rounded down to a power of two.
        slot: what the numbers mean.
        alpha_mode: how the material reads the alpha of ``base_color``.
        coverage: (H, W), which texels the surface uses (:func:`~.coverage.uv_coverage`). With it,
            only those count in the average, and the background is filled from them so that mips
            do not bleed.
        mip: the plain area mean, for a level that is only seen smaller than it is.

    Returns:
        Power-of-two sides, same channels. A texture that is small enough, with power-of-two sides
        and without ``coverage``, is returned as it came: nothing is ever scaled up.
    """
    if size < 1:
        raise ValueError(f"texture size must be at least 1, got {size}")
    shape = target_shape(pixels.shape[0], pixels.shape[1], size)
    if shape == pixels.shape[:2] and coverage is None:
        return pixels
    weight = None if coverage is None else _weight(coverage)
    color_weight, kept = weight, coverage
    if slot == "base_color" and pixels.shape[2] == 4 and alpha_mode != "OPAQUE":
        alpha = pixels[..., 3].astype(np.float32)
        color_weight = alpha if weight is None else alpha * weight
        kept = pixels[..., 3] if coverage is None else np.minimum(pixels[..., 3], coverage)
    color = np.ascontiguousarray(pixels[..., :3])
    values = _to_values(color, slot)
    mean = _average(values, color_weight, shape)
    if not mip and shape != color.shape[:2]:
        mean = _sharpened(mean, values, color_weight)
    if shape == color.shape[:2] and kept is not None:
        empty = np.flatnonzero(kept == 0)  # what the surface shows stays as it was, bit for bit
        result = color.copy()
        result.reshape(-1, 3)[empty] = _to_codes(mean.reshape(-1, 3)[empty], slot)
    else:
        result = _to_codes(mean, slot)
    if pixels.shape[2] == 4:
        alpha = pixels[..., 3:].astype(np.float32)
        result = np.concatenate([result, _rounded(_average(alpha, weight, shape))], axis=2)
    return result


def _average(values: Values, weight: Values | None, shape: tuple[int, int]) -> Values:
    """Weighted mean over the area of each new texel; texels without weight are filled."""
    if weight is None or not weight.any():  # where nothing counts, the plain mean is as good as any
        return _area(values, shape)
    if shape == weight.shape:
        return fill_empty(values, weight)
    total = _area(weight[..., None], shape)
    mean = _area(weighted(values, weight), shape)
    mean /= np.maximum(total, np.float32(1e-12))
    return fill_empty(mean, total[..., 0])


def _sharpened(mean: Values, source: Values, weight: Values | None) -> Values:
    """``mean`` and a part of what its magnification misses of ``source``, within its range."""
    missed = _magnified(mean, source.shape[:2])
    np.subtract(source, missed, out=missed)
    result = mean + _GIVEN_BACK * _average(missed, weight, mean.shape[:2])
    lowest, highest = source.min(axis=0).min(axis=0), source.max(axis=0).max(axis=0)
    return np.asarray(np.clip(result, lowest, highest), np.float32)


def _magnified(small: Values, shape: tuple[int, ...]) -> Values:
    """Bilinearly, as a GPU shows it; where opposite sides meet, the texture goes on beyond them."""
    height, width = shape
    (rows, rest), (columns, other) = (
        divmod(new, old) for new, old in zip(shape, small.shape[:2], strict=True)
    )
    if rest or other:  # no whole texels to add
        large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(large, np.float32).reshape(height, width, small.shape[2])
    for axis in (0, 1):
        first, last = np.take(small, [0], axis), np.take(small, [-1], axis)
        ends = (last, first) if _meets(small, axis) else (first, last)
        small = np.concatenate([ends[0], small, ends[1]], axis=axis)
    size = (width + 2 * columns, height + 2 * rows)
    large = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
    inner = large[rows : height + rows, columns : width + columns]
    return np.asarray(inner, np.float32).reshape(height, width, small.shape[2])


def _meets(values: Values, axis: int) -> bool:
    """Whether the texture is as smooth across its two ends as it is beside them."""
    lines = [np.take(values, index, axis) for index in (0, -1)]
    beside = [np.take(values, index % values.shape[axis], axis) for index in (1, -2)]
    step = sum(float(np.abs(a - b).mean()) for a, b in zip(lines, beside, strict=True))
    return float(np.abs(lines[0] - lines[1]).mean()) <= step


def _area(values: Values, shape: tuple[int, int]) -> Values:
    """Exact area filter: INTER_AREA weighs each source texel by its overlap."""
    height, width = shape
    small = cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).reshape(height, width, values.shape[2])


def _to_values(color: Pixels, slot: str) -> Values:
    """Codes to what may be averaged: linear light, vectors or plain numbers."""
    if slot in COLOR_SLOTS:
        return srgb_to_linear(color)
    values = color.astype(np.float32)
    return values * np.float32(2 / 255) - 1 if slot == "normal" else values


def _to_codes(values: Values, slot: str) -> Pixels:
    """The inverse of :func:`_to_values`; vectors of no length point along +Z."""
    if slot in COLOR_SLOTS:
        return linear_to_srgb(values)
    if slot != "normal":
        return _rounded(values)
    length = np.linalg.norm(values, axis=-1, keepdims=True)
    flat = np.array([0, 0, 1], np.float32)
    unit = np.where(length > 1e-4, values / np.maximum(length, np.float32(1e-4)), flat)
    return _rounded((unit + 1) * np.float32(127.5))


def _rounded(values: Values) -> Pixels:
    return np.asarray(np.clip(np.floor(values + np.float32(0.5)), 0, 255), np.uint8)


def _weight(coverage: Coverage) -> Values:
    """A touched texel at the rim of a chart may hold background: its covered neighbour counts."""
    inside = np.asarray(coverage == 2, np.uint8)
    near = cv2.dilate(inside, np.ones((3, 3), np.uint8))
    weight: Values = inside.astype(np.float32)
    weight[(coverage == 1) & (near == 0)] = _SLIVER
    return weight


def _floor_power(number: int) -> int:
    return 1 << (number.bit_length() - 1)
