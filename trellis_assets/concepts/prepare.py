"""One concept image to one square cut-out: what the artist sees and what is sent to a generator."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trellis_assets.concepts.decode import decode
from trellis_assets.concepts.errors import NoForeground
from trellis_assets.concepts.findings import (
    ConceptFinding,
    alpha_findings,
    border_findings,
    method_findings,
)
from trellis_assets.concepts.matte import background_matte
from trellis_assets.concepts.rim import clean_alpha, repair_rim

MatteMethod = Literal["alpha", "border", "grabcut", "frame"]
# TRELLIS.2 centres its input with about this much air around the object.
MARGIN = 0.04
SMALLEST_OBJECT_SIDE = 4
SMALL_OBJECT_SIDE = 128


@dataclass(frozen=True)
class CutOut:
    """``pixels`` (S, S, 4) uint8 straight alpha, square, object centred; colour bled outwards."""

    pixels: NDArray[np.uint8]
    matte: MatteMethod
    findings: tuple[ConceptFinding, ...]
    source_size: tuple[int, int]
    source_format: str


@dataclass(frozen=True)
class PreparedConcept:
    """``png`` is the square RGBA cut-out of ``width`` x ``height`` pixels, the object centred."""

    png: bytes
    width: int
    height: int
    matte: MatteMethod
    findings: tuple[ConceptFinding, ...]
    source_size: tuple[int, int]
    source_format: str


def prepare(data: bytes, *, max_side: int = 1024) -> PreparedConcept:
    """Decode, cut out, crop and judge ``data``; deterministic.

    Raises ImageUndecodable, ImageTooLarge, ImageTooSmall or NoForeground (all ConceptError).
    """
    cut = cut_out(data, max_side=max_side)
    buffer = io.BytesIO()
    Image.fromarray(cut.pixels).save(buffer, "PNG", compress_level=6)
    side = cut.pixels.shape[0]
    return PreparedConcept(
        buffer.getvalue(), side, side, cut.matte, cut.findings, cut.source_size, cut.source_format
    )


def cut_out(data: bytes, *, max_side: int = 1024) -> CutOut:
    """As ``prepare``, but the pixels themselves, for a generator in the same process."""
    decoded = decode(data, max_side=max_side)
    findings = list(decoded.findings)
    pixels = _enlarged(decoded.pixels)
    method: MatteMethod = "alpha"
    if decoded.has_alpha:
        alpha = pixels[:, :, 3].astype(np.float32) / 255.0
        findings += alpha_findings(alpha)
    else:
        matte = background_matte(np.ascontiguousarray(pixels[:, :, :3]))
        alpha, method = matte.alpha, matte.method
        findings += border_findings(matte)
    alpha, pieces, dropped = clean_alpha(alpha)
    if not np.any(alpha > 0.5):
        raise NoForeground(
            "no object stands out in the image: "
            + ("its alpha channel is empty" if decoded.has_alpha else "it is one flat colour"),
            fix="export a cut-out with a transparent background, or use more contrast",
        )
    findings += method_findings(method, alpha, pieces, dropped)
    square = _square_crop(repair_rim(pixels[:, :, :3], alpha))
    findings += _object_size_findings(square)
    return CutOut(square, method, tuple(findings), decoded.source_size, decoded.source_format)


def _enlarged(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Sprites are enlarged to 256 pixels, so that distances in pixels keep their meaning."""
    height, width = pixels.shape[:2]
    scale = 256.0 / max(height, width)
    if scale <= 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    alpha = pixels[:, :, 3:].astype(np.float32) / 255.0
    premultiplied = np.concatenate([pixels[:, :, :3] * alpha, alpha * 255.0], axis=2)
    grown = cv2.resize(premultiplied.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    grown_alpha = np.clip(grown[:, :, 3:], 0.0, 255.0)
    colour = grown[:, :, :3] / np.maximum(grown_alpha / 255.0, 1e-3)
    out = np.concatenate([np.clip(colour, 0.0, 255.0), grown_alpha], axis=2)
    return (out + 0.5).astype(np.uint8)


def _square_crop(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows = np.flatnonzero((pixels[:, :, 3] > 127).any(axis=1))
    columns = np.flatnonzero((pixels[:, :, 3] > 127).any(axis=0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    side = max(bottom - top, right - left)
    side += 2 * max(2, round(MARGIN * side))
    y0 = (top + bottom - side) // 2
    x0 = (left + right - side) // 2
    height, width = pixels.shape[:2]
    pad_top, pad_left = max(0, -y0), max(0, -x0)
    pad_bottom, pad_right = max(0, y0 + side - height), max(0, x0 + side - width)
    inner = pixels[max(0, y0) : y0 + side, max(0, x0) : x0 + side]
    widths = ((pad_top, pad_bottom), (pad_left, pad_right))
    colour = np.pad(inner[:, :, :3], (*widths, (0, 0)), mode="edge")
    alpha = np.pad(inner[:, :, 3], widths)
    return np.ascontiguousarray(np.dstack([colour, alpha]))


def _object_size_findings(square: NDArray[np.uint8]) -> list[ConceptFinding]:
    opaque = square[:, :, 3] > 127
    longest = int(max(opaque.any(axis=0).sum(), opaque.any(axis=1).sum()))
    if longest < SMALLEST_OBJECT_SIDE:
        raise NoForeground(
            f"the object is only {longest} pixels large",
            fix="crop the picture closer to the object",
        )
    if longest >= SMALL_OBJECT_SIDE:
        return []
    return [
        ConceptFinding(
            "object_too_small",
            "warning",
            f"the object is only {longest} pixels large in the picture",
            "crop the picture closer to the object, or draw it larger",
        )
    ]
