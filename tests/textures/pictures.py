"""Pictures and small models for the texture tests, made from numbers."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from trellis_assets.gltf import Image, Material, Mesh, Model, Part

Pixels = NDArray[np.uint8]
MIME = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> Pixels:
    """Independent random codes: the hardest texture there is."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def painted(size: int, seed: int = 0) -> Pixels:
    """Smooth colour with some detail, like a baked base color."""
    y, x = np.mgrid[:size, :size] / size * 2 * np.pi
    waves = np.stack([np.sin(3 * x + y), np.cos(2 * y - x), np.sin(5 * x) * np.cos(4 * y)], axis=2)
    grain = np.random.default_rng(seed).normal(0, 4, waves.shape)
    return np.clip(128 + 90 * waves + grain, 0, 255).astype(np.uint8)


def metal_mask(size: int) -> Pixels:
    """An ORM map whose metalness is 0 or 1 in four-texel cells, roughness smooth."""
    cells = np.random.default_rng(5).integers(0, 2, (size // 4, size // 4), np.uint8) * 255
    orm = np.full((size, size, 3), 255, np.uint8)
    orm[..., 1] = np.linspace(40, 220, size).astype(np.uint8)
    orm[..., 2] = np.kron(cells, np.ones((4, 4), np.uint8))
    return orm


def bumps(size: int) -> Pixels:
    """A unit-length tangent-space normal map."""
    y, x = np.mgrid[:size, :size] / size * 8 * np.pi
    vectors = np.stack([np.sin(x) * 0.6, np.cos(y) * 0.6, np.ones_like(x)], axis=2)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    return np.round((vectors + 1) * 127.5).astype(np.uint8)


def saved(pixels: Pixels, kind: str = "PNG", **options: Any) -> Image:
    """Encoded by Pillow."""
    target = io.BytesIO()
    Pillow.fromarray(pixels).save(target, kind, **options)
    return Image(target.getvalue(), MIME[kind])


def opened(image: Image) -> Pixels:
    """Decoded by Pillow, as the reference for our own decoder."""
    return np.asarray(Pillow.open(io.BytesIO(image.data)))


def card(uvs: list[list[float]], **textures: Any) -> Model:
    """One quad whose corners have the given four UVs."""
    corners = [[-1, 0, 0], [1, 0, 0], [1, 2, 0], [-1, 2, 0]]
    mesh = Mesh(
        positions=np.array(corners, np.float32),
        triangles=np.array([[0, 1, 2], [0, 2, 3]], np.uint32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        uvs=np.array(uvs, np.float32),
    )
    return Model(parts=(Part(mesh, Material(name="paint", **textures)),), name="card")


def full_card(**textures: Any) -> Model:
    """A quad that uses the whole atlas."""
    return card([[0, 1], [1, 1], [1, 0], [0, 0]], **textures)
