"""Pixels to PNG, JPEG, WebP or KTX2 at the quality the slot needs, never below.

Colour may lose detail down to a PSNR floor. Data may not: roughness, metalness and normals are
written losslessly, or as JPEG with full chroma where that holds a stricter floor in every channel.
4:2:0 (all lossy WebP is) shifts a metalness mask by more than 32/255 on 6 % of its texels whatever
the quality, because neighbouring texels share their chroma.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from PIL import Image as Pillow

from trellis_assets.gltf import Image

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
_PROBE_SIDE, _TILE = 512, 128
_FULL, _HALF = "4:4:4", "4:2:0"
_PNG_RLE, _PNG_DEFAULT = cv2.IMWRITE_PNG_STRATEGY_RLE, cv2.IMWRITE_PNG_STRATEGY_DEFAULT

_BLOCK = 4  # texels a side: the smallest that KTX2 holds

_FORMATS: dict[str, tuple[str, ...]] = {
    "png": ("png",),
    "ktx2": ("png",),
    "jpeg": ("jpeg", "png"),
    "webp": ("webp", "jpeg", "webp_lossless"),
}
"""What each wish may become; JPEG and PNG need no extension, so every reader has them. KTX2 stays
KTX2, but for maps less than a block of 4 texels wide, which it cannot hold: they become PNG."""


@dataclass(frozen=True)
class _Codec:
    format: TextureFormat
    chroma: str
    write: Callable[[Pixels, int], bytes]
    lossy: bool = True


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
    codecs = _codecs(pixels, slot, format)
    probe = _probe(pixels)
    tried: list[tuple[int, int, _Codec]] = [(0, 100, codecs[0])] if len(codecs) == 1 else []
    for codec in codecs if len(codecs) > 1 else []:
        quality = _lowest_quality(codec, probe, slot, floor) if codec.lossy else 100
        if quality is not None:
            tried.append((len(codec.write(probe, quality)), quality, codec))
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


def _codecs(pixels: Pixels, slot: str, wish: TextureFormat) -> list[_Codec]:
    """What may be tried for these pixels; the lossless one is always among them."""
    color, opaque = slot in COLOR_SLOTS, pixels.shape[2] == 3
    codecs: list[_Codec] = []
    for kind in _FORMATS[wish]:
        if kind == "png":
            codecs.append(_Codec("png", _FULL, _png, lossy=False))
        elif kind == "webp_lossless":
            codecs.append(_Codec("webp", _FULL, _webp_lossless, lossy=False))
        elif kind == "webp" and color:
            codecs.append(_Codec("webp", _HALF, _webp))
        elif kind == "jpeg" and opaque:
            codecs.append(_Codec("jpeg", _FULL, partial(_jpeg, chroma=_FULL)))
            if color:
                codecs.append(_Codec("jpeg", _HALF, partial(_jpeg, chroma=_HALF)))
    return codecs


def _lowest_quality(codec: _Codec, probe: Pixels, slot: str, floor: float) -> int | None:
    """By bisection on the sample; None when not even the highest quality holds the floor."""

    def holds(quality: int) -> bool:
        return _reached(codec.write(probe, quality), probe, slot) >= floor

    low, high = _LOWEST, _HIGHEST
    if not holds(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _encode_whole(
    codec: _Codec, pixels: Pixels, slot: str, floor: float, quality: int
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
    return psnr(_read_back(data), pixels, worst_channel=slot not in COLOR_SLOTS)


def _probe(pixels: Pixels) -> Pixels:
    """Sixteen tiles spread evenly over the picture, side by side; small pictures whole."""
    height, width = pixels.shape[:2]
    if height <= _PROBE_SIDE or width <= _PROBE_SIDE:
        return pixels
    tops = np.linspace(0, height - _TILE, _PROBE_SIDE // _TILE).astype(int)
    lefts = np.linspace(0, width - _TILE, _PROBE_SIDE // _TILE).astype(int)
    tiles = [
        np.concatenate([pixels[top : top + _TILE, left : left + _TILE] for left in lefts], axis=1)
        for top in tops
    ]
    return np.concatenate(tiles, axis=0)


def _png(pixels: Pixels, _quality: int) -> bytes:
    """At level 1, by run lengths (smooth bakes) or as usual (detail), as the sample likes best."""
    probe = _probe(pixels)
    tried = [(_write_png(_swapped(probe), how), how) for how in (_PNG_RLE, _PNG_DEFAULT)]
    written, best = min(tried, key=lambda one: len(one[0]))
    return written if probe is pixels else _write_png(_swapped(pixels), best)


def _write_png(swapped: Pixels, strategy: int) -> bytes:
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, strategy]
    return cv2.imencode(".png", swapped, options)[1].tobytes()


def _jpeg(pixels: Pixels, quality: int, *, chroma: str) -> bytes:
    target = io.BytesIO()
    table = _quantisation(quality)
    Pillow.fromarray(pixels[..., :3]).save(
        target, "JPEG", qtables=[table, table], subsampling=chroma, optimize=True
    )
    return target.getvalue()


def _quantisation(quality: int) -> list[int]:
    """Steps of the 8 x 8 frequencies, row by row, the same for luma and chroma.

    The tables that JPEG encoders bring are made for the eye on photographs: chroma and fine detail
    in coarse steps. In data each channel counts alike, and equal steps lose least at a given size
    (Gersho and Gray, Vector Quantization and Signal Compression, 1992, chapter 8); colour loses
    nothing by them. Low frequencies have half the step, so that smooth areas do not fall into
    blocks. Steps double every 10 points below 100.
    """
    rising = 0.5 + np.minimum(np.add.outer(np.arange(8), np.arange(8)), 4) / 8
    steps = np.rint(rising * 2 ** ((100 - quality) / 10))
    return [int(step) for step in np.clip(steps, 1, 255).ravel()]


def _webp(pixels: Pixels, quality: int) -> bytes:
    target = io.BytesIO()
    # exact: colour under alpha 0 is what a viewer shows when the material is OPAQUE
    Pillow.fromarray(pixels).save(
        target, "WEBP", quality=quality, method=6, exact=True, alpha_quality=100
    )
    return target.getvalue()


def _webp_lossless(pixels: Pixels, _quality: int) -> bytes:
    target = io.BytesIO()
    Pillow.fromarray(pixels).save(target, "WEBP", lossless=True, quality=0, method=0, exact=True)
    return target.getvalue()


def _read_back(data: bytes) -> Pixels:
    with Pillow.open(io.BytesIO(data), formats=["JPEG", "WEBP"]) as picture:
        return np.asarray(picture.convert("RGBA" if picture.mode == "RGBA" else "RGB"), np.uint8)


def _swapped(pixels: Pixels) -> Pixels:
    """RGB(A) to the BGR(A) that OpenCV writes."""
    code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(pixels, code), np.uint8)
