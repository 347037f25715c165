"""Decode, resample and encode textures by what their numbers mean."""

from __future__ import annotations

from ._errors import (
    CorruptTexture,
    SeveralMaterials,
    TextureError,
    TextureTooLarge,
    UnsupportedTexture,
    WrongTextureType,
)
from ._slots import COLOR_SLOTS, SLOTS, Pixels, Slot, TextureFormat, as_slot
from .alpha import AlphaDecision, AlphaPolicy, decide_alpha
from .coverage import uv_coverage
from .decode import MAX_SIDE, decode
from .encode import FLOOR_DB, Encoded, encode, encode_measured, psnr
from .gpu import gpu_bytes
from .resample import resize, target_shape
from .texture_set import TextureSet, image_size, make_texture_set, source_hashes

__all__ = [
    "COLOR_SLOTS",
    "FLOOR_DB",
    "MAX_SIDE",
    "SLOTS",
    "AlphaDecision",
    "AlphaPolicy",
    "CorruptTexture",
    "Encoded",
    "Pixels",
    "SeveralMaterials",
    "Slot",
    "TextureError",
    "TextureFormat",
    "TextureSet",
    "TextureTooLarge",
    "UnsupportedTexture",
    "WrongTextureType",
    "as_slot",
    "decide_alpha",
    "decode",
    "encode",
    "encode_measured",
    "gpu_bytes",
    "image_size",
    "make_texture_set",
    "psnr",
    "resize",
    "source_hashes",
    "target_shape",
    "uv_coverage",
]
