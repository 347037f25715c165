"""Small models that tests build on."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from trellis_assets.gltf import Image, Material, Mesh, Model, Part


def png(color: tuple[int, ...], size: int = 4) -> Image:
    """A plain picture."""
    mode = "RGBA" if len(color) == 4 else "RGB"
    buffer = BytesIO()
    Picture.new(mode, (size, size), color).save(buffer, "PNG")
    return Image(buffer.getvalue(), "image/png", "plain")


def box_mesh(half: tuple[float, float, float] = (0.5, 1.0, 0.25)) -> Mesh:
    """A closed box around the origin with a normal and UVs per side: 24 vertices, 12 triangles."""
    corners: list[NDArray[np.float64]] = []
    normals: list[NDArray[np.float64]] = []
    triangles: list[list[int]] = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            start = len(corners)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                point = np.zeros(3)
                point[axis], point[u], point[v] = sign, a, b
                corners.append(point * half)
                normals.append(np.eye(3)[axis] * sign)
            order = ((0, 1, 2), (0, 2, 3)) if sign > 0 else ((0, 2, 1), (0, 3, 2))
            triangles += [[start + i for i in triangle] for triangle in order]
    uvs = np.tile(np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32), (6, 1))
    return Mesh(
        np.array(corners, np.float32),
        np.array(triangles, np.uint32),
        np.array(normals, np.float32),
        uvs,
    )


def box_model() -> Model:
    """The box with base color and ORM."""
    material = Material("paint", base_color=png((200, 30, 30)), orm=png((255, 128, 0)))
    return Model((Part(box_mesh(), material, "box"),), name="box", extras={"seed": 7})
