"""Models, ladders and targets for the delivery tests, made from numbers."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from trellis_assets.delivery import Budget, Rung, VariantTarget, same_size_for_all
from trellis_assets.gltf import Image, Material, Mesh, Model, Part

AUTHORSHIP = {
    "generator": "runware",
    "model": "microsoft:trellis-2@4b",
    "seed": 7,
    "task_uuid": "7f1d6a8e-0000-4000-8000-000000000001",
    "cost_usd": 0.05,
    "concept_sha256": "ab" * 32,
    "concept_licence": "CC0-1.0",
    "owner": "props",
}


def picture(pixels: NDArray[np.uint8], kind: str = "PNG", **options: Any) -> Image:
    target = io.BytesIO()
    Pillow.fromarray(pixels).save(target, kind, **options)
    return Image(target.getvalue(), {"PNG": "image/png", "WEBP": "image/webp"}[kind])


def opened(image: Image | None) -> NDArray[np.uint8]:
    assert image is not None
    return np.asarray(Pillow.open(io.BytesIO(image.data)))


def waves(side: int, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth colours, different for each seed."""
    y, x = np.mgrid[:side, :side] / side * 2 * np.pi
    channels = [np.sin(3 * x + y + seed), np.cos(2 * y - x), np.sin(5 * x) * np.cos(4 * y)]
    return (128 + 100 * np.stack(channels, axis=2)).astype(np.uint8)


def flat(side: int, *color: int) -> Image:
    return picture(np.full((side, side, len(color)), color, np.uint8))


def paint(side: int = 64, seed: int = 0, **values: Any) -> Material:
    """A material as TRELLIS.2 writes it: WebP, RGBA under OPAQUE."""
    rgba = np.dstack([waves(side, seed), np.full((side, side), 255, np.uint8)])
    material = Material(
        name="Material_0.001",
        base_color=picture(rgba, "WEBP", quality=80),
        orm=picture(waves(side, seed + 1)),
        normal=flat(side, 128, 128, 255),
        double_sided=True,
    )
    return replace(material, **values)


def sheet(triangles: int, material: Material) -> Model:
    """A wavy strip of exactly ``triangles`` triangles that uses the whole atlas."""
    columns = triangles // 2 + 2
    along = np.repeat(np.linspace(0, 1, columns), 2)[: triangles + 2]
    across = np.tile([0.0, 1.0], columns)[: triangles + 2]
    positions = np.stack([along * 2 - 1, across + np.sin(along * 9) * 0.1, along * 0], axis=1)
    step = np.arange(triangles)
    odd = step % 2 == 1
    faces = np.stack([step, step + 1 + odd, step + 2 - odd], axis=1)
    mesh = Mesh(
        positions=positions.astype(np.float32),
        triangles=faces.astype(np.uint32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (len(positions), 1)),
        uvs=np.stack([along, across], axis=1).astype(np.float32),
    )
    return Model(parts=(Part(mesh, material, name="geometry_0"),), name="world")


def ladder(material: Material, finest: int = 800) -> list[Rung]:
    return [Rung(f"lod{level}", sheet(finest >> level, material)) for level in range(4)]


def target(**values: Any) -> VariantTarget:
    """A profile with generous limits, changed by ``values``."""
    defaults: dict[str, Any] = {
        "name": "pc.prop",
        "triangles": Budget(800, "house"),
        "texture_size": same_size_for_all(64, "sheet"),
        "max_materials": Budget(1, "engine"),
    }
    return VariantTarget(**{**defaults, **values})
