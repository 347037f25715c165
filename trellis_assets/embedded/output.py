"""The model as TRELLIS.2 writes it: one mesh, one material, WebP textures, Y up, front to +Z."""

from __future__ import annotations

import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from trellis_assets import __version__
from trellis_assets.embedded.atlas import Atlas
from trellis_assets.embedded.bake import Baked
from trellis_assets.embedded.charts import Charts, face_normals
from trellis_assets.embedded.order import numbered
from trellis_assets.embedded.stress import Distressed, Sound, distress
from trellis_assets.embedded.surface import Meshed
from trellis_assets.gltf import Image, Material, Mesh, Model, Part

Float = NDArray[np.float32]

# Counts up whenever the same input gives other bytes: what is generated is filed under this name.
REVISION = 5
GENERATOR = f"trellis-assets embedded greybox generator {__version__}, greybox {REVISION}"
LONGEST_SIDE = 0.997
WEBP_QUALITY = 85
WEBP_METHOD = 2


def sound_model(
    meshed: Meshed,
    found: Charts,
    atlas: Atlas,
    baked: Baked,
    *,
    double_sided: bool,
    extras: Mapping[str, Any],
) -> Model:
    """The model without faults."""
    with ThreadPoolExecutor(2) as beside:
        pictures = beside.map(_webp, (baked.rgb, baked.orm))
        mesh = _split_by_charts(meshed, found, atlas)
        return _model(mesh, *pictures, double_sided=double_sided, extras=extras)


def _split_by_charts(meshed: Meshed, found: Charts, atlas: Atlas) -> Mesh:
    """The mesh with a vertex of its own for every chart that meets there."""
    triangles = meshed.triangles
    key = triangles.ravel().astype(np.int64) * found.count + np.repeat(found.chart, 3)
    unique, first, inverse = numbered(key)
    vertex = unique // found.count
    uv = atlas.corners(found.chart).reshape(-1, 2)[first] / atlas.texels
    world, normals = _world(meshed)
    return Mesh(
        positions=world[vertex],
        triangles=inverse.reshape(-1, 3).astype(np.uint32),
        normals=normals[vertex],
        uvs=np.clip(uv, 0.0, 1.0).astype(np.float32),
    )


def stressed_model(
    meshed: Meshed,
    found: Charts,
    atlas: Atlas,
    baked: Baked,
    *,
    seed: int,
    extras: Mapping[str, Any],
) -> tuple[Model, dict[str, int]]:
    """The model with the faults of real TRELLIS.2 output, and how many of each."""
    world, normals = _world(meshed)
    sound = Sound(
        world,
        normals,
        meshed.triangles,
        atlas.flat,
        atlas.corners(found.chart),
        found.chart,
        meshed.pairs,
        baked.rgb,
        baked.orm,
    )
    worse: Distressed = distress(sound, seed=seed)
    mesh = Mesh(worse.positions, worse.triangles, worse.normals, np.clip(worse.uvs, 0.0, 1.0))
    pictures = _webp(worse.rgba), _webp(worse.orm)
    return _model(mesh, *pictures, double_sided=True, extras=extras), worse.faults


def _model(
    mesh: Mesh,
    base_color: Image,
    orm: Image,
    *,
    double_sided: bool,
    extras: Mapping[str, Any],
) -> Model:
    material = Material(
        name="Material_0", base_color=base_color, orm=orm, double_sided=double_sided
    )
    return Model(
        parts=(Part(mesh, material, name="geometry_0"),),
        name="world",
        generator=GENERATOR,
        extras=extras,
    )


def _world(meshed: Meshed) -> tuple[Float, Float]:
    """Positions (y up, centred, longest side just under 1) and unit vertex normals."""
    low, high = meshed.positions.min(axis=0), meshed.positions.max(axis=0)
    scale = LONGEST_SIDE / float((high - low).max())
    flip = np.array([1.0, -1.0, 1.0], dtype=np.float32)
    world = (meshed.positions - 0.5 * (low + high)) * (scale * flip)
    faces = face_normals(meshed.positions, meshed.triangles)
    total = np.stack(
        [
            np.bincount(
                meshed.triangles.ravel(), weights=np.repeat(faces[:, axis], 3), minlength=len(world)
            )
            for axis in range(3)
        ],
        axis=1,
    )
    length = np.linalg.norm(total, axis=1, keepdims=True)
    safe = np.where(length > 1e-12, total / np.maximum(length, 1e-12), [0.0, 0.0, 1.0])
    return world.astype(np.float32), (safe * flip).astype(np.float32)


def _webp(pixels: NDArray[np.uint8]) -> Image:
    buffer = io.BytesIO()
    PillowImage.fromarray(pixels).save(buffer, "WEBP", quality=WEBP_QUALITY, method=WEBP_METHOD)
    return Image(buffer.getvalue(), "image/webp")
