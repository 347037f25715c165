"""Pixels to PNG, JPEG, WebP or KTX2 at the quality the slot needs, never below.

Colour may lose detail down to a PSNR floor. Data may not: roughness, metalness and normals are
written losslessly, or as JPEG with full chroma where that holds a stricter floor in every channel.
4:2:0 (all lossy WebP is) shifts a metalness mask by more than 32/255 on 6 % of its texels whatever
the quality, because neighbouring texels share their chroma.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, replace

import cv2
import numpy as np

from trellis_assets.gltf import Image

from ._codecs import Codec, codecs_for, probe, read_back
from ._recent import key_of_pixels, recall_encoded, remember_encoded
from ._slots import COLOR_SLOTS, MIME, Pixels, TextureFormat
from .ktx2 import KTX2_FLOOR_DB, Ktx2, encode_ktx2

FLOOR_DB: dict[str, float] = {
    "base_color": 38.0,
    "emissive": 38.0,
    "orm": 40.0,
    "normal": 42.0,
}
"""PSNR that a lossy encoding must keep: over all channels for colour, in the worst channel for
data. 40 dB is an RMS error of 1 % in roughness, 42 dB of about 1 degree in a normal."""

_LOWEST, _HIGHEST = 50, 98
_BLOCK = 4  # texels a side: the smallest that KTX2 holds


@dataclass(frozen=True)
class Encoded:
    """An image and how it was made.

    ``psnr_db`` is a lower bound for the covered texels; it is infinite, and ``quality`` None, when
    nothing was lost. ``chroma`` is the sampling of a picture, or the block format of KTX2.
    """

    image: Image
    format: TextureFormat
    psnr_db: float
    quality: int | None
    chroma: str


def floor_of(slot: str, format: TextureFormat) -> float:  # noqa: A002 -- as below
    """PSNR in dB that ``slot`` keeps in ``format``."""
    return (KTX2_FLOOR_DB if format == "ktx2" else FLOOR_DB)[slot]


def encode(
    pixels: Pixels,
    *,
    slot: str,
    format: TextureFormat,  # noqa: A002 -- the word that Pillow and everyone else uses
    floor_db: float | None = None,
    covered: float = 1.0,
    name: str = "",
) -> Image:
    """As :func:`encode_measured`, the image alone."""
    return encode_measured(
        pixels, slot=slot, format=format, floor_db=floor_db, covered=covered, name=name
    ).image


def encode_measured(
    pixels: Pixels,
    *,
    slot: str,
    format: TextureFormat,  # noqa: A002 -- the word that Pillow and everyone else uses
    floor_db: float | None = None,
    covered: float = 1.0,
    alpha_mode: str = "OPAQUE",
    name: str = "",
) -> Encoded:
    """Encodes for one slot; the same pixels always give the same bytes.

    Args:
        pixels: (H, W, 3 or 4) uint8.
        slot: decides what may be lost.
        format: the wish, and the most that the target reads. ``jpeg`` becomes PNG, and ``webp``
            JPEG, where that is smaller or the only one to hold the floor (JPEG has no alpha, lossy
            WebP no full chroma); the result says which it is.
        floor_db: instead of that of :func:`floor_of`.
        covered: share of the texels that the surface uses. The smooth background of an atlas
            costs nothing and must not pay for errors on the surface: the floor holds even if all
            of the error lies in the covered texels.
        alpha_mode: how the material reads alpha; only KTX2 asks, for the mips it carries.
        name: the image's name in the GLB.

    Raises:
        TextureTooLarge: more texels than KTX2's encoder takes.
        NodeToolError: KTX2's encoder is missing or failed.
    """
    wanted = floor_of(slot, format) if floor_db is None else floor_db
    key = key_of_pixels(pixels, slot, format, wanted, covered, alpha_mode)
    known = recall_encoded(key)
    if known is None:
        known = remember_encoded(key, _encoded(pixels, slot, format, wanted, covered, alpha_mode))
    return replace(known, image=replace(known.image, name=name))


def _encoded(
    pixels: Pixels,
    slot: str,
    format: TextureFormat,  # noqa: A002 -- as above
    floor_db: float,
    covered: float,
    alpha_mode: str,
) -> Encoded:
    background_gain = -10 * math.log10(min(max(covered, 1e-3), 1.0))
    floor = floor_db + background_gain
    if format == "ktx2" and min(pixels.shape[:2]) >= _BLOCK:
        made = encode_ktx2(pixels, slot=slot, floor_db=floor, alpha_mode=alpha_mode)
        return _as_encoded(made, background_gain)
    codecs = codecs_for(pixels, slot, format)
    sample = probe(pixels)
    tried: list[tuple[int, int, Codec]] = [(0, 100, codecs[0])] if len(codecs) == 1 else []
    for codec in codecs if len(codecs) > 1 else []:
        quality = _lowest_quality(codec, sample, slot, floor) if codec.lossy else 100
        if quality is not None:
            tried.append((len(codec.write(sample, quality)), quality, codec))
    for _, quality, codec in sorted(tried, key=lambda found: found[0]):
        encoded = _encode_whole(codec, pixels, slot, floor, quality)
        if encoded is not None:
            return replace(encoded, psnr_db=encoded.psnr_db - background_gain)
    raise AssertionError("the lossless codec always holds the floor")


def _as_encoded(made: Ktx2, background_gain: float) -> Encoded:
    attempt = made.attempt
    return Encoded(
        image=Image(made.data, MIME["ktx2"]),
        format="ktx2",
        psnr_db=made.psnr_db - background_gain,
        quality=attempt.effort if attempt.uastc else attempt.quality,
        chroma="UASTC" if attempt.uastc else "ETC1S",
    )


def psnr(first: Pixels, second: Pixels, *, worst_channel: bool = False) -> float:
    """Peak signal-to-noise ratio in dB over the colour channels; infinite for equal pixels."""
    difference = cv2.absdiff(first[..., :3], second[..., :3])
    # Rows before columns: numpy adds long rows up fastest. The sums are whole numbers, and exact.
    total = np.square(difference, dtype=np.uint16).sum(axis=0, dtype=np.uint32).sum(axis=0)
    squares = total / (difference.shape[0] * difference.shape[1])
    error = float(squares.max() if worst_channel else squares.mean())
    return float("inf") if error == 0 else float(10 * np.log10(255.0**2 / error))


def _lowest_quality(codec: Codec, sample: Pixels, slot: str, floor: float) -> int | None:
    """By bisection on the sample; None when not even the highest quality holds the floor."""

    def holds(quality: int) -> bool:
        return _reached(codec.write(sample, quality), sample, slot) >= floor

    if not holds(_HIGHEST):
        return None
    return _LOWEST + bisect_left(range(_LOWEST, _HIGHEST), True, key=holds)


def _encode_whole(
    codec: Codec, pixels: Pixels, slot: str, floor: float, quality: int
) -> Encoded | None:
    """The whole picture, from the sample's quality upwards until the floor holds."""
    if not codec.lossy:
        image = Image(codec.write(pixels, quality), MIME[codec.format])
        return Encoded(image, codec.format, float("inf"), None, codec.chroma)
    for attempt in range(quality, _HIGHEST + 1, 2):
        data = codec.write(pixels, attempt)
        reached = _reached(data, pixels, slot)
        if reached >= floor:
            image = Image(data, MIME[codec.format])
            return Encoded(image, codec.format, reached, attempt, codec.chroma)
    return None


def _reached(data: bytes, pixels: Pixels, slot: str) -> float:
    return psnr(read_back(data), pixels, worst_channel=slot not in COLOR_SLOTS)
