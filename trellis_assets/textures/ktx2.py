"""Pixels to KTX2 and back: textures that stay compressed on the GPU, for targets that read them.

Basis Universal encodes (WebAssembly in a Node process of its own); the mip levels are made here,
in linear light and with normals of unit length, which the encoder's own mips are not.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trellis_assets.gltf import Image
from trellis_assets.node_tools import BASIS, NodeToolError, run_tool, tool_file

from ._errors import CorruptTexture, TextureTooLarge
from ._slots import COLOR_SLOTS, Pixels
from .resample import resize

KTX2_FLOOR_DB: dict[str, float] = {
    "base_color": 30.0,
    "emissive": 30.0,
    "orm": 36.0,
    "normal": 38.0,
}
"""PSNR to hold, lower than for pictures: blocks of 4 x 4 texels share few colours, and every GPU
format of that size loses as much (BC1 and ETC1 about 30 dB, BC7 and ASTC 4x4 about 40 dB)."""

_MOST_TEXELS = 12 << 20
"""What the encoder takes in one call, all mip levels together: 2048 x 2048 fits, 4096 does not."""
_ENCODE_SECONDS, _DECODE_SECONDS = 900.0, 120.0
_RUNNER = Path(__file__).with_name("basis_runner.mjs")


@dataclass(frozen=True)
class Attempt:
    """One setting of the encoder: UASTC is fine and large, ETC1S small and coarse."""

    uastc: bool
    quality: int
    effort: int


_ETC1S = (Attempt(False, 128, 1), Attempt(False, 255, 1))
_UASTC = (Attempt(True, 0, 0), Attempt(True, 0, 1))


@dataclass(frozen=True)
class Ktx2:
    """A KTX2 file with all its mips; ``psnr_db`` is that of the finest level."""

    data: bytes
    attempt: Attempt
    psnr_db: float


def encode_ktx2(pixels: Pixels, *, slot: str, floor_db: float, alpha_mode: str = "OPAQUE") -> Ktx2:
    """Encodes all mip levels of one texture; the same pixels always give the same bytes.

    Colour becomes ETC1S where that holds the floor, else UASTC. Roughness, metalness and normals
    are always UASTC: ETC1S keeps one set of two colours for all channels of a block. UASTC is
    packed with Zstandard. Where not even UASTC holds the floor its best is taken, and the
    ``psnr_db`` says so.

    Args:
        pixels: (H, W, 3 or 4) uint8; sides are multiples of 4, as KHR_texture_basisu demands.
        slot: decides about ETC1S, colour space and how mips are filtered.
        floor_db: PSNR to hold, of all channels for colour, in the worst channel for data.
        alpha_mode: how the material reads alpha; weighs the colour of the mips.

    Raises:
        TextureTooLarge: more texels than the encoder takes.
        NodeToolError: the encoder is missing or failed.
    """
    levels = mip_levels(pixels, slot=slot, alpha_mode=alpha_mode)
    if sum(level.shape[0] * level.shape[1] for level in levels) > _MOST_TEXELS:
        raise TextureTooLarge(
            f"{pixels.shape[1]}x{pixels.shape[0]} pixels are too many for KTX2, 2048x2048 are not",
            material="any",
            slot=slot,
            fix="lower the profile's texture_size to 2048, or choose another texture_format",
        )
    color, alpha = slot in COLOR_SLOTS, pixels.shape[2] == 4
    attempts = (*_ETC1S, *_UASTC) if color else _UASTC
    with tempfile.TemporaryDirectory(prefix="trellis-assets-") as folder:
        out = Path(folder, "texture.ktx2")
        job = {
            "levels": [_raw(level, Path(folder, f"{k}.rgba")) for k, level in enumerate(levels)],
            "sample": _raw(_sample(levels), Path(folder, "sample.rgba")),
            "attempts": [vars(attempt) for attempt in attempts],
            "floor": floor_db,
            "worstChannel": not color,
            "srgb": color,
            "alpha": alpha,
            "out": str(out),
        }
        said = _run({"encode": job}, folder, _ENCODE_SECONDS)
        return Ktx2(out.read_bytes(), attempts[said["attempt"]], float(said["psnr"]))


def decode_ktx2(image: Image, *, slot: str, material: str, limit: int) -> Pixels:
    """The finest level as (H, W, 4) uint8.

    Raises:
        CorruptTexture: damaged, too large, or of a kind that Basis Universal does not read.
        NodeToolMissing: the decoder is not installed.
    """
    tool_file(BASIS)  # a missing tool is not the texture's fault
    with tempfile.TemporaryDirectory(prefix="trellis-assets-") as folder:
        file, out = Path(folder, "texture.ktx2"), Path(folder, "texture.rgba")
        file.write_bytes(image.data)
        job = {"file": str(file), "out": str(out), "limit": limit}
        try:
            said = _run({"decode": job}, folder, _DECODE_SECONDS)
        except NodeToolError as error:
            raise CorruptTexture(
                f"the KTX2 file does not decode ({_reason(error.message)})",
                material=material,
                slot=slot,
                fix="only Basis Universal content (ETC1S, UASTC) is read: encode the texture again",
            ) from error
        return np.fromfile(out, np.uint8).reshape(said["height"], said["width"], 4)


def mip_levels(pixels: Pixels, *, slot: str, alpha_mode: str = "OPAQUE") -> list[Pixels]:
    """The whole chain down to 1 x 1, finest first, each filtered from the one before."""
    levels = [pixels]
    while max(levels[-1].shape[:2]) > 1:
        half = max(levels[-1].shape[:2]) // 2
        levels.append(resize(levels[-1], size=half, slot=slot, alpha_mode=alpha_mode, mip=True))
    return levels


def _run(job: dict[str, Any], folder: str, timeout: float) -> dict[str, Any]:
    file = Path(folder, "job.json")
    file.write_text(json.dumps(job), encoding="utf-8")
    arguments = [str(tool_file(BASIS)), str(file)]
    said: dict[str, Any] = json.loads(
        run_tool(_RUNNER, arguments, title=BASIS.title, timeout=timeout)
    )
    return said


def _raw(pixels: Pixels, file: Path) -> dict[str, Any]:
    height, width, channels = pixels.shape
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., :channels] = pixels
    rgba.tofile(file)
    return {"file": str(file), "width": width, "height": height}


def _sample(levels: Sequence[Pixels]) -> Pixels:
    """Nine tiles of the finest level, a 64th of it or less: enough to tell which setting holds."""
    finest = levels[0]
    side = 128
    if min(finest.shape[:2]) < 4 * side:
        return finest
    tops = np.linspace(0, finest.shape[0] - side, 3).astype(int)
    lefts = np.linspace(0, finest.shape[1] - side, 3).astype(int)
    rows = [
        np.concatenate([finest[top : top + side, left : left + side] for left in lefts], axis=1)
        for top in tops
    ]
    return np.ascontiguousarray(np.concatenate(rows, axis=0))


def _reason(message: str) -> str:
    """What the decoder threw, without its stack."""
    _, _, thrown = message.partition("Error: ")
    return thrown.splitlines()[0] if thrown else "it crashed"
