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
from ._slots import COLOR_SLOTS, SLOTS, Pixels, Slot, TextureFormat
from .alpha import AlphaDecision, AlphaPolicy, decide_alpha
from .coverage import uv_coverage
from .decode import MAX_SIDE, decode
from .encode import FLOOR_DB, Encoded, encode, encode_measured, floor_of, psnr
from .gpu import gpu_bytes
from .gutter import MipGutter, gutter_per_mip
from .ktx2 import KTX2_FLOOR_DB, decode_ktx2, mip_levels
from .resample import resize, target_shape
from .sides import SidesDecision, SidesPolicy, decide_sides
from .texture_set import (
    TextureSet,
    has_alpha_channel,
    image_gpu_bytes,
    image_size,
    make_texture_set,
)

__all__ = [
    "COLOR_SLOTS",
    "FLOOR_DB",
    "KTX2_FLOOR_DB",
    "MAX_SIDE",
    "SLOTS",
    "AlphaDecision",
    "AlphaPolicy",
    "CorruptTexture",
    "Encoded",
    "MipGutter",
    "Pixels",
    "SeveralMaterials",
    "SidesDecision",
    "SidesPolicy",
    "Slot",
    "TextureError",
    "TextureFormat",
    "TextureSet",
    "TextureTooLarge",
    "UnsupportedTexture",
    "WrongTextureType",
    "decide_alpha",
    "decide_sides",
    "decode",
    "decode_ktx2",
    "encode",
    "encode_measured",
    "floor_of",
    "gpu_bytes",
    "gutter_per_mip",
    "has_alpha_channel",
    "image_gpu_bytes",
    "image_size",
    "make_texture_set",
    "mip_levels",
    "psnr",
    "resize",
    "target_shape",
    "uv_coverage",
]
