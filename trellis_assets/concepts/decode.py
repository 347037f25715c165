"""Untrusted bytes to one upright sRGB picture with alpha, within fixed limits."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL import WebPImagePlugin as _WebP  # noqa: F401 - registers WebP; else Pillow loads 40 decoders

from trellis_assets.concepts.errors import ImageTooLarge, ImageTooSmall, ImageUndecodable
from trellis_assets.concepts.findings import ConceptFinding

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 50_000_000
MIN_SIDE = 8
SMALL_SIDE = 256

# What Pillow's decoders raise on damaged files; anything else is a defect here and should show.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


@dataclass(frozen=True)
class Decoded:
    """``pixels`` (H, W, 4) uint8, straight alpha, sRGB, upright."""

    pixels: NDArray[np.uint8]
    has_alpha: bool
    source_size: tuple[int, int]
    source_format: str
    findings: tuple[ConceptFinding, ...]


def decode(data: bytes, *, max_side: int) -> Decoded:
    """The first frame of ``data``, rotated as EXIF says, in sRGB, at most ``max_side`` pixels long.

    Raises ImageUndecodable, ImageTooLarge (over 50 megapixels or 64 MB) or ImageTooSmall.
    """
    image = _open(data)
    source_format = str(image.format)
    width, height = image.size
    findings: list[ConceptFinding] = []
    _check_size(width, height)
    animated = int(getattr(image, "n_frames", 1)) > 1
    try:
        if source_format == "JPEG":
            image.draft(None, (2 * max_side, 2 * max_side))
        image.load()
        image = ImageOps.exif_transpose(image)
    except _DAMAGED as error:
        raise ImageUndecodable(
            f"the {source_format} image is damaged: {error}", fix="export the picture again"
        ) from error
    if animated:
        findings.append(_first_frame_only())
    image, profile_ok = _to_srgb(image)
    if not profile_ok:
        findings.append(_profile_ignored())
    rgba = _to_rgba(image)
    rgba = _fit(rgba, max_side)
    pixels = np.asarray(rgba, dtype=np.uint8).copy()
    # 0.2 % of the pixels below 250: a stray soft pixel does not make a cut-out.
    has_alpha = bool(np.mean(pixels[:, :, 3] < 250) > 0.002)
    if min(width, height) < SMALL_SIDE:
        findings.append(_low_resolution(width, height))
    return Decoded(pixels, has_alpha, (width, height), source_format, tuple(findings))


def _open(data: bytes) -> Image.Image:
    if len(data) > MAX_BYTES:
        raise ImageTooLarge(
            f"the image file has {len(data) / 1e6:.0f} MB, the limit is {MAX_BYTES / 1e6:.0f} MB",
            fix="export it as PNG or WebP at 2048 pixels or less",
        )
    try:
        with warnings.catch_warnings():
            # The limit here is lower than Pillow's, and says more.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels("more pixels than can be opened safely") from error
    except _DAMAGED as error:
        raise ImageUndecodable(
            f"the file ({len(data)} bytes) is cut short, or not an image this pipeline reads",
            fix=f"use one of {', '.join(FORMATS)}",
        ) from error


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(f"{width} x {height} pixels")
    if min(width, height) < MIN_SIDE:
        raise ImageTooSmall(
            f"the image is {width} x {height} pixels, the least is {MIN_SIDE} x {MIN_SIDE}",
            fix="use a picture of 512 pixels or more",
        )


def _too_many_pixels(measured: str) -> ImageTooLarge:
    return ImageTooLarge(
        f"the image has {measured}, the limit is {MAX_PIXELS // 1_000_000} megapixels",
        fix="scale it to 2048 pixels or less; more detail is not used",
    )


def _to_srgb(image: Image.Image) -> tuple[Image.Image, bool]:
    """``image`` in sRGB, and whether an embedded profile (if any) could be applied."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image, True
    from PIL import ImageCms  # 10 ms that most pictures do not need

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, target, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image, False
    return (image, False) if converted is None else (converted, True)


def _to_rgba(image: Image.Image) -> Image.Image:
    """RGBA; 16-bit, 32-bit and float greys are scaled to their range, Pillow's own would clip."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        grey = np.array(image, dtype=np.float32)
        # In place throughout: at 50 megapixels every copy is 200 MB.
        np.nan_to_num(grey, copy=False, posinf=0.0, neginf=0.0)
        if image.mode == "F":
            low, high = float(grey.min()), float(grey.max())
        else:
            low, high = 0.0, 65535.0 if float(grey.max()) > 255.0 else 255.0
        grey -= low
        grey *= 255.0 / max(high - low, 1e-6)
        grey += 0.5
        np.clip(grey, 0.0, 255.0, out=grey)
        image = Image.fromarray(grey.astype(np.uint8))
        del grey
    return image.convert("RGBA")


def _fit(rgba: Image.Image, max_side: int) -> Image.Image:
    """Scaled down to ``max_side``; premultiplied meanwhile, so that no hidden colour bleeds in."""
    scale = max_side / max(rgba.size)
    if scale >= 1.0:
        return rgba
    size = (max(1, round(rgba.width * scale)), max(1, round(rgba.height * scale)))
    filtered = rgba.convert("RGBa").resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return filtered.convert("RGBA")


def _first_frame_only() -> ConceptFinding:
    return ConceptFinding(
        "animation_first_frame",
        "info",
        "the image is animated; only its first frame is used",
        "upload the frame you mean as a still image",
    )


def _profile_ignored() -> ConceptFinding:
    return ConceptFinding(
        "colour_profile_ignored",
        "warning",
        "the embedded colour profile cannot be read; the colours are taken as sRGB",
        "export the picture in sRGB",
    )


def _low_resolution(width: int, height: int) -> ConceptFinding:
    return ConceptFinding(
        "low_resolution",
        "warning",
        f"the image is only {width} x {height} pixels; outline and texture will be soft",
        "use a picture of 512 pixels or more",
    )
