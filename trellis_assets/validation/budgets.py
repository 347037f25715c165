"""What budgets limit, measured on a model."""

from __future__ import annotations

from dataclasses import dataclass

from trellis_assets.gltf import Image, Model
from trellis_assets.textures import CorruptTexture, image_gpu_bytes, image_size


@dataclass(frozen=True)
class Measured:
    """The numbers that budgets limit."""

    triangles: int
    vertices: int
    draw_calls: int
    materials: int
    file_bytes: int
    gpu_bytes: int
    """Texture memory with mip levels: RGBA8, or in blocks for KTX2."""
    textures: dict[str, tuple[int, int]]
    """Slot to (width, height) in pixels; the largest if several materials use the slot."""


def measure_model(model: Model, *, file_bytes: int) -> Measured:
    """Count what budgets limit; of pictures only the headers are read."""
    memory: dict[bytes, int] = {}
    textures: dict[str, tuple[int, int]] = {}
    for part in model.parts:
        for slot, image in part.material.images().items():
            size, memory[image.data] = _measured(image)
            textures[slot] = max(textures.get(slot, (0, 0)), size)
    return Measured(
        triangles=model.triangle_count,
        vertices=model.vertex_count,
        draw_calls=len(model.parts),
        materials=len({id(part.material) for part in model.parts}),
        file_bytes=file_bytes,
        gpu_bytes=sum(memory.values()),
        textures=textures,
    )


def _measured(image: Image) -> tuple[tuple[int, int], int]:
    """Width and height in pixels, and bytes on the GPU."""
    try:
        size = image_size(image)
        return size, image_gpu_bytes(image) if min(size) > 0 else 0
    except CorruptTexture:  # texture.decodes says so
        return (0, 0), 0
