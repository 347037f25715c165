"""A model as a person hands it over: a stool of two meshes and materials, one leg drawn thrice."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from trellis_assets.geometry.shading import with_normals
from trellis_assets.gltf import Glb, Material, Mesh, Model, Part, model_to_glb, read_glb, write_glb

from ..gltf.shapes import png

WOOD, IRON = (200, 80, 30), (40, 60, 160)  # sRGB
TRIANGLES = 2 * 32 * 12 + 3 * 2 * 16 * 10
_FEET = ((0.3, 0.0, 0.3), (-0.3, 0.0, 0.3), (0.0, 0.0, -0.35))


def stool(edit: Callable[[dict[str, Any]], None] = lambda _: None) -> bytes:
    """The GLB, 1 m high; ``edit`` changes its JSON before it is written."""
    wood = Material("wood", base_color=png(WOOD, 64), metallic_factor=0.0, roughness_factor=0.8)
    iron = Material("iron", base_color=png(IRON, 32), metallic_factor=1.0, roughness_factor=0.3)
    seat = _turned([(0.0, 0.9), (0.5, 0.9), (0.5, 1.0), (0.0, 1.0)], segments=32, rows=12)
    leg = _turned([(0.0, 0.0), (0.05, 0.0), (0.05, 0.95), (0.0, 0.95)], segments=16, rows=10)
    parts = (Part(seat, wood, "seat"), Part(leg, iron, "leg"))
    glb = read_glb(model_to_glb(Model(parts, name="stool")))
    document = copy.deepcopy(glb.json)
    document["nodes"][1:] = [
        {**document["nodes"][1], "name": f"leg_{number}", "translation": list(foot)}
        for number, foot in enumerate(_FEET)
    ]
    document["scenes"][0]["nodes"] = [0, 1, 2, 3]
    edit(document)
    return write_glb(Glb(document, glb.bin))


def _turned(profile: list[tuple[float, float]], *, segments: int, rows: int) -> Mesh:
    """A surface of revolution, (radius, height) from bottom to top, closed, in one chart of UVs."""
    corners = np.array(profile)
    along = np.linspace(0.0, len(profile) - 1.0, rows + 1)
    radius, height = (np.interp(along, range(len(profile)), corners[:, axis]) for axis in (0, 1))
    turn = np.linspace(0.0, 2.0 * np.pi, segments + 1)
    points = np.stack(
        [
            np.outer(radius, np.sin(turn)),
            np.repeat(height[:, None], segments + 1, axis=1),
            np.outer(radius, np.cos(turn)),
        ],
        axis=-1,
    )
    u, v = np.meshgrid(turn / turn[-1], 1.0 - along / along[-1])
    at = np.arange((rows + 1) * (segments + 1)).reshape(rows + 1, segments + 1)
    a, b, c, d = (each.ravel() for each in (at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]))
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.uint32)
    flat = Mesh(
        points.reshape(-1, 3).astype(np.float32),
        faces,
        uvs=np.stack([u, v], -1).reshape(-1, 2).astype(np.float32),
    )
    return with_normals(flat)
