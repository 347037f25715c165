"""Small models whose pictures can be worked out by hand."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from trellis_assets.gltf import Image, Material, Mesh, Model, Part

MATT: Any = {"metallic_factor": 0.0, "roughness_factor": 1.0}


def png(pixels: NDArray[np.uint8]) -> Image:
    stream = io.BytesIO()
    PilImage.fromarray(pixels).save(stream, "PNG")
    return Image(stream.getvalue(), "image/png")


def uniform(*color: int, size: int = 8) -> Image:
    return png(np.full((size, size, len(color)), color, np.uint8))


def model_of(*parts: tuple[Mesh, Material]) -> Model:
    return Model(tuple(Part(mesh, material) for mesh, material in parts))


def sphere(radius: float = 1.0, rings: int = 48, turn_inside_out: bool = False) -> Mesh:
    """A UV sphere with outward normals."""
    theta = np.linspace(0, np.pi, rings + 1)
    phi = np.linspace(0, 2 * np.pi, 2 * rings + 1)
    t, p = np.meshgrid(theta, phi, indexing="ij")
    unit = np.stack([np.sin(t) * np.sin(p), np.cos(t), np.sin(t) * np.cos(p)], axis=-1)
    unit = unit.reshape(-1, 3).astype(np.float32)
    row = 2 * rings + 1
    a = (np.arange(rings)[:, None] * row + np.arange(2 * rings)).ravel()
    quads = np.stack([a, a + row, a + row + 1, a, a + row + 1, a + 1], axis=1)
    triangles = quads.reshape(-1, 3).astype(np.uint32)
    if turn_inside_out:
        triangles = triangles[:, ::-1].copy()
    uvs = np.stack([p / (2 * np.pi), t / np.pi], axis=-1).reshape(-1, 2).astype(np.float32)
    return Mesh(unit * np.float32(radius), triangles, unit, uvs)


UVS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
"""Of a quad: u grows to the right, v downwards."""


def quad(size: float = 1.0, z: float = 0.0) -> Mesh:
    """A square that faces +Z; u grows to the right, v downwards."""
    half = size / 2
    positions = [[-half, half, z], [half, half, z], [half, -half, z], [-half, -half, z]]
    return Mesh(
        np.array(positions, np.float32),
        np.array([[0, 3, 2], [0, 2, 1]], np.uint32),
        np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        UVS,
    )


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
    """A closed box without normals and UVs."""
    corners = np.array(
        [[(low, high)[i >> axis & 1][axis] for axis in range(3)] for i in range(8)], np.float32
    )
    sides = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    triangles = [t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))]
    return Mesh(corners, np.array(triangles, np.uint32))
