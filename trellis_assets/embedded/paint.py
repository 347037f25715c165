"""The pictures that are projected: a front with less baked light, a back that is not the front.

A back view is not known. Near the outline the picture wraps around, so the back continues the rim
inwards instead of repeating the middle of the front, where faces and emblems are. Turned things,
flat things and things seen from the side have the same back as front. Roughness and metalness are
estimated cautiously: a wrong metal turns black, a wrong dielectric hardly shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.concepts.lab import lab_of, rgb_of
from trellis_assets.embedded.blur import masked_blur, wide_blur
from trellis_assets.embedded.variation import Form

Float = NDArray[np.float32]
Bytes = NDArray[np.uint8]

DELIGHT = 0.35
DELIGHT_SIGMA = 0.10
RIM_DEPTH = 0.022
FOLD_FROM = 0.012
FOLD_WIDTH = 0.07
HIGHEST_METAL = 0.35


@dataclass(frozen=True)
class Picture:
    """One side of the object: ``rgb`` (S, S, 3), ``orm`` (S, S, 3) as 0, roughness, metalness."""

    rgb: Bytes
    orm: Bytes


def front_picture(pixels: Bytes, *, size: float, form: Form) -> tuple[Picture, Float]:
    """The front of the cut-out (S, S, 4), and its Lab colours (S, S, 3). ``size`` in pixels."""
    weight = _solid(pixels).astype(np.float32)
    lab = lab_of(np.ascontiguousarray(pixels[:, :, :3]))
    lightness = np.ascontiguousarray(lab[:, :, 0])
    broad = masked_blur(lightness, weight, DELIGHT_SIGMA * size)
    mean = float(np.average(lightness, weights=weight))
    lab[:, :, 0] = np.clip(lightness - DELIGHT * (broad - mean), 0.0, 100.0)
    _saturate(lab, form)
    orm = _surface(lab, lightness, weight, size, form)
    return Picture(rgb_of(lab), orm), lab


def back_picture(
    front: Picture, lab: Float, pixels: Bytes, *, size: float, form: Form, same: float
) -> Picture:
    """The back, in the same frame as the front (not yet mirrored).

    ``same`` is how far the back is the front again: 1 for turned and flat things.
    """
    inside = _solid(pixels)
    weight = inside.astype(np.float32)
    depth = np.asarray(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)) / size
    rim = (weight * np.exp(-depth / RIM_DEPTH) + 1e-6).astype(np.float32)
    near = masked_blur(lab, rim, 0.016 * size)
    # What stands has its colours in layers: far inside, both ends of a row say more than the foot.
    far = masked_blur(lab, rim, 0.03 * size, sideways=0.2 * size)
    to_far = np.clip((depth - 0.02) / 0.09, 0.0, 1.0)[..., None]
    around = near * (1.0 - to_far) + far * to_far
    fine = lab - masked_blur(lab, weight, 0.02 * size)
    fine = 14.0 * np.tanh(fine / 14.0)
    back = around + 2.0 * form.back_detail * _folded(fine, inside, size)
    back = (1.0 - same) * back + same * lab
    back[:, :, 0] = np.clip(back[:, :, 0], 0.0, 100.0)
    soft_orm = wide_blur(front.orm, 0.02 * size)
    orm = cv2.addWeighted(front.orm, same, soft_orm, 1.0 - same, 0.0)
    return Picture(rgb_of(back.astype(np.float32)), np.asarray(orm, dtype=np.uint8))


def box_back(front: Picture, offset_x: Float, offset_y: Float) -> Picture:
    """The back of a box: every hidden face shows what its visible counterpart shows.

    The offsets (S, S), in pixels, lead from a place on the back to that counterpart.
    """
    side = front.rgb.shape[0]
    grid = np.arange(side, dtype=np.float32)
    x = (grid[None, :] + offset_x).astype(np.float32)
    y = (grid[:, None] + offset_y).astype(np.float32)
    rgb, orm = (
        np.asarray(
            cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )
        for image in (front.rgb, front.orm)
    )
    return Picture(rgb, orm)


def _solid(pixels: Bytes) -> NDArray[np.bool_]:
    """Where the object is; never empty, even when shrinking has thinned single pixels out."""
    alpha = pixels[:, :, 3]
    solid: NDArray[np.bool_] = alpha > min(127, int(alpha.max()) // 2)
    return solid


def _folded(detail: Float, inside: NDArray[np.bool_], size: float) -> Float:
    """``detail`` (S, S, 3) where every row repeats, folded, what it shows near its two ends."""
    side = inside.shape[1]
    x = np.arange(side, dtype=np.float32)[None, :]
    left = np.maximum.accumulate(np.where(inside, -1.0, x), axis=1)
    right = np.minimum.accumulate(np.where(inside, side, x)[:, ::-1], axis=1)[:, ::-1]
    # Ragged outlines would tear the rows apart.
    left = cv2.blur(left.astype(np.float32), (1, 9))
    right = cv2.blur(right.astype(np.float32), (1, 9))
    width = np.maximum(right - left, 1.0)
    first = FOLD_FROM * size
    band = np.minimum(FOLD_WIDTH * size, np.maximum(0.3 * width - first, 1.0))
    y = np.arange(inside.shape[0], dtype=np.float32)[:, None] + np.zeros_like(left)
    from_left = left + first + _triangle_wave(x - left - first, band)
    from_right = right - first - _triangle_wave(right - x - first, band)
    seen = [
        cv2.remap(
            detail, source.astype(np.float32), y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        for source in (from_left, from_right)
    ]
    share = np.clip(((x - left) / width - 0.35) / 0.3, 0.0, 1.0)[..., None]
    return np.asarray((1.0 - share) * seen[0] + share * seen[1], dtype=np.float32)


def _triangle_wave(distance: Float, period: Float) -> Float:
    turns = 0.5 * distance / period
    return np.asarray(2.0 * period * np.abs(turns - np.rint(turns)), dtype=np.float32)


def _saturate(lab: Float, form: Form) -> None:
    if form.saturation == 1.0 and form.saturation_cap == 1.0:
        return
    chroma = np.hypot(lab[:, :, 1], lab[:, :, 2])
    cap = 128.0 * form.saturation_cap
    factor = form.saturation * np.minimum(1.0, cap / np.maximum(form.saturation * chroma, 1e-3))
    lab[:, :, 1:] *= factor[..., None]


def _surface(lab: Float, lightness: Float, weight: Float, size: float, form: Form) -> Bytes:
    """(S, S, 3) uint8: 0, roughness, metalness."""
    fine = lightness - masked_blur(lightness, weight, 0.012 * size)
    glint = masked_blur(np.maximum(fine - 6.0, 0.0), weight, 0.008 * size)
    roughness = np.clip(form.roughness - 0.045 * glint, 0.38, 0.95)
    busy = np.sqrt(np.maximum(masked_blur(fine * fine, weight, 0.01 * size), 0.0))
    chroma = np.hypot(lab[:, :, 1], lab[:, :, 2])
    grey = np.clip((14.0 - chroma) / 8.0, 0.0, 1.0)
    bright = np.clip((lightness - 35.0) / 25.0, 0.0, 1.0)
    lively = np.clip((busy - 7.0) / 8.0, 0.0, 1.0)
    metal = masked_blur((grey * bright * lively).astype(np.float32), weight, 0.006 * size)
    orm = np.zeros((*lightness.shape, 3), dtype=np.uint8)
    orm[:, :, 1] = (roughness * 255.0 + 0.5).astype(np.uint8)
    orm[:, :, 2] = (HIGHEST_METAL * np.clip(metal, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return orm
