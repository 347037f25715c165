"""A texture set made ready for one target: resized, encoded, plain maps turned into factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np

from trellis_assets.gltf import Image, Material
from trellis_assets.textures import (
    Encoded,
    Pixels,
    TextureFormat,
    TextureSet,
    decode,
    encode_measured,
    floor_of,
    image_gpu_bytes,
    resize,
)

_PLAIN = 2
"""A map whose codes differ by no more than this in each channel says what a factor can say."""


Plain = tuple[float, ...]
"""The one colour of a map: RGBA, 0..1, as stored."""


@dataclass(frozen=True)
class PackedTexture:
    """One encoded texture and what the manifest says about it."""

    slot: str
    encoded: Encoded
    width: int
    height: int
    channels: int

    @property
    def gpu_bytes(self) -> int:
        return image_gpu_bytes(self.encoded.image)

    def as_dict(self) -> dict[str, Any]:
        image = self.encoded.image
        lossless = self.encoded.quality is None
        return {
            "slot": self.slot,
            "width": self.width,
            "height": self.height,
            "channels": self.channels,
            "mime": image.mime,
            "bytes": len(image.data),
            "gpu_bytes": self.gpu_bytes,
            "sha256": sha256(image.data).hexdigest(),
            "lossless": lossless,
            "quality": self.encoded.quality,
            "chroma": self.encoded.chroma,
            "psnr_db": None if lossless else round(self.encoded.psnr_db, 2),
        }


@dataclass(frozen=True)
class PackedTextures:
    """Textures by slot, and ``plain`` slots whose one colour becomes a factor."""

    textures: Mapping[str, PackedTexture]
    plain: Mapping[str, Plain]
    source: TextureSet

    @property
    def longest_side(self) -> int:
        """Texels; 1 without textures."""
        sides = (max(texture.width, texture.height) for texture in self.textures.values())
        return max(sides, default=1)

    @property
    def file_bytes(self) -> int:
        return sum(len(texture.encoded.image.data) for texture in self.textures.values())

    @property
    def gpu_bytes(self) -> int:
        return sum(texture.gpu_bytes for texture in self.textures.values())


def pack_texture(
    source: TextureSet,
    slot: str,
    *,
    size: int,
    wish: TextureFormat,
    name: str,
    relaxed_db: float = 0.0,
) -> PackedTexture | Plain:
    """One slot of ``source`` for a target, or its colour where a factor can replace the map.

    Args:
        source: the asset's texture set.
        slot: one that the set has.
        size: longest side; never scaled up.
        wish: the format, see :func:`trellis_assets.textures.encode_measured`.
        name: of the material; the image is called ``<name>_<slot>``.
        relaxed_db: how far below its usual floor the PSNR may go.
    """
    image = source.images[slot]
    pixels = decode(image, slot=slot, material=name)
    plain = _plain_value(pixels, slot, occlusion=source.occlusion)
    if plain is not None:
        return plain
    small = resize(pixels, size=size, slot=slot, alpha_mode=source.alpha.mode)
    title = f"{name}_{slot}"
    if small is pixels and wish == "png":  # the set holds exactly these bytes already
        kept = Image(image.data, image.mime, title)
        encoded = Encoded(kept, "png", float("inf"), None, "4:4:4")
    else:
        encoded = encode_measured(
            small,
            slot=slot,
            format=wish,
            floor_db=floor_of(slot, wish) - relaxed_db,
            covered=source.covered,
            alpha_mode=source.alpha.mode,
            name=title,
        )
    height, width, channels = small.shape
    return PackedTexture(slot, encoded, width, height, channels)


def pack_material(
    material: Material, packed: PackedTextures, *, name: str, extensions: frozenset[str]
) -> Material:
    """``material`` with the packed textures, the set's decisions and allowed extensions."""
    images = {slot: texture.encoded.image for slot, texture in packed.textures.items()}
    base, orm = packed.plain.get("base_color"), packed.plain.get("orm")
    emissive = packed.plain.get("emissive")
    base_factor, emissive_factor = material.base_color_factor, material.emissive_factor
    if base is not None:
        r, g, b, a = _multiplied(base_factor, (*_linear(base[:3]), base[3]))
        base_factor = (r, g, b, a)
    if emissive is not None:
        r, g, b = _multiplied(emissive_factor, _linear(emissive[:3]))
        emissive_factor = (r, g, b)
    has_occlusion = packed.source.occlusion and "orm" in images
    return replace(
        material,
        name=name,
        base_color=images.get("base_color"),
        base_color_factor=base_factor,
        orm=images.get("orm"),
        occlusion=has_occlusion,
        occlusion_texture=None,
        roughness_factor=_factor(material.roughness_factor * (orm[1] if orm else 1.0)),
        metallic_factor=_factor(material.metallic_factor * (orm[2] if orm else 1.0)),
        normal=images.get("normal"),
        emissive=images.get("emissive"),
        emissive_factor=emissive_factor,
        alpha_mode=packed.source.alpha.mode,
        alpha_cutoff=packed.source.alpha.cutoff,
        double_sided=packed.source.sides.double_sided,
        extensions={
            key: body for key, body in sorted(material.extensions.items()) if key in extensions
        },
    )


def _plain_value(pixels: Pixels, slot: str, *, occlusion: bool) -> Plain | None:
    """The one colour of a map, or None where no factor can replace it."""
    flat = pixels.reshape(-1, pixels.shape[2])
    for some in (flat[:: max(len(flat) // 4096, 1)], flat):  # few texels tell most maps apart
        lowest, highest = some.min(axis=0).astype(int), some.max(axis=0).astype(int)
        if (highest - lowest).max() > _PLAIN:
            return None
    middle = [float(value) for value in np.median(flat, axis=0)]
    if slot == "orm" and occlusion and middle[0] < 255 - _PLAIN:
        return None  # there is no occlusion factor
    if slot == "normal" and max(abs(middle[0] - 127.5), abs(middle[1] - 127.5)) > _PLAIN:
        return None
    alpha = middle[3] if len(middle) == 4 else 255.0
    return tuple(value / 255.0 for value in (*middle[:3], alpha))


def _linear(color: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in color
    )


def _multiplied(factor: tuple[float, ...], color: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(_factor(a * b) for a, b in zip(factor, color, strict=True))


def _factor(value: float) -> float:
    return round(value, 6)
