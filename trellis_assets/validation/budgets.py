"""What budgets limit, measured on a model."""

from __future__ import annotations

from dataclasses import dataclass

from trellis_assets.gltf import Image, Model
from trellis_assets.textures import CorruptTexture, gpu_bytes, image_size


@dataclass(frozen=True)
class Measured:
    """The numbers that budgets limit."""

    triangles: int
    vertices: int
    draw_calls: int
    materials: int
    file_bytes: int
    gpu_bytes: int
    """Texture memory with mip levels, uncompressed RGBA8."""
    textures: dict[str, tuple[int, int]]
    """Slot to (width, height) in pixels; the largest if several materials use the slot."""


def measure_model(model: Model, *, file_bytes: int) -> Measured:
    """Count what budgets limit; of pictures only the headers are read."""
    sizes: dict[bytes, tuple[int, int]] = {}
    textures: dict[str, tuple[int, int]] = {}
    for part in model.parts:
        for slot, image in part.material.images().items():
            size = sizes.setdefault(image.data, _size(image))
            textures[slot] = max(textures.get(slot, (0, 0)), size)
    return Measured(
        triangles=model.triangle_count,
        vertices=model.vertex_count,
        draw_calls=len(model.parts),
        materials=len({id(part.material) for part in model.parts}),
        file_bytes=file_bytes,
        gpu_bytes=sum(gpu_bytes(*size) for size in sizes.values() if min(size) > 0),
        textures=textures,
    )


def _size(image: Image) -> tuple[int, int]:
    try:
        return image_size(image)
    except CorruptTexture:  # texture.decodes says so
        return (0, 0)
