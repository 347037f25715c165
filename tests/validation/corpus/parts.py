"""What the defects are made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from trellis_assets.catalog import Profile
from trellis_assets.gltf import Glb, Image, Material, Mesh, Model, Part, model_to_glb, read_glb
from trellis_assets.gltf import write_glb as join

Vector = tuple[float, float, float]
SIZE: Vector = (1.0, 2.0, 0.5)
"""Of the box, metres along x, y and z."""
SIDE = 256
_GUTTER = 16 / SIDE


def picture(pixels: NDArray[Any], kind: str = "PNG") -> Image:
    buffer = BytesIO()
    Picture.fromarray(np.asarray(pixels, np.uint8)).save(buffer, kind)
    return Image(buffer.getvalue(), f"image/{kind.lower()}", "map")


def noise(side: int = SIDE, low: int = 90, high: int = 170, channels: int = 3) -> NDArray[Any]:
    """(side, side, channels) a coarse pattern that packs well."""
    cells = np.random.default_rng(side).integers(low, high, (16, 16, channels))
    return np.repeat(np.repeat(cells, max(side // 16, 1), 0), max(side // 16, 1), 1)[:side, :side]


def orm(side: int = SIDE, metallic: int = 0) -> Image:
    pixels = noise(side)
    pixels[..., 2] = metallic
    return picture(pixels)


def plain() -> Material:
    return Material("paint", base_color_factor=(0.4, 0.3, 0.2, 1.0), metallic_factor=0.0)


def painted(**changes: Any) -> Material:
    material = Material("paint", base_color=picture(noise()), orm=orm())
    return replace(material, **changes)


def box(
    size: tuple[float, float, float] = SIZE, at: tuple[float, float, float] = (0, 0, 0)
) -> Mesh:
    """A closed box standing on ``at``; each side its own chart, all of one texel density."""
    half = np.array(size) / 2
    centre = np.add(at, (0.0, half[1], 0.0))
    points: list[Any] = []
    normals: list[Any] = []
    uvs: list[Any] = []
    triangles: list[list[int]] = []
    scale = 0.25 / max(size)
    for axis in (0, 1, 2):
        for sign in (-1.0, 1.0):
            u, v = ((axis + 1) % 3, (axis + 2) % 3)[:: int(sign)]
            width, height = size[u] * scale, size[v] * scale
            start = len(points)
            corner = np.array([_GUTTER + 0.32 * axis, _GUTTER + 0.32 * (sign > 0)])
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
                point = np.zeros(3)
                point[axis], point[u], point[v] = sign, a, b
                points.append(point * half + centre)
                normals.append(np.eye(3)[axis] * sign)
                # v grows downwards in glTF
                uvs.append(np.add(corner, ((a + 1) / 2 * width, (1 - b) / 2 * height)))
            triangles += [[start, start + 1, start + 2], [start, start + 2, start + 3]]
    return Mesh(
        np.array(points, np.float32),
        np.array(triangles, np.uint32),
        np.array(normals, np.float32),
        np.array(uvs, np.float32),
    )


def model(mesh: Mesh | None = None, material: Material | None = None, name: str = "box") -> Model:
    mesh = box() if mesh is None else mesh
    return Model((Part(mesh, material or painted(), name),), name=name)


def bare(mesh: Mesh) -> Model:
    """A model without textures and UVs, so that rules about them have nothing to say."""
    return model(replace(mesh, uvs=None), plain())


def bare_box(x: float = 0.0) -> Mesh:
    return replace(box(at=(x, 0.0, 0.0)), uvs=None)


def joined(*meshes: Mesh) -> Mesh:
    starts = np.cumsum([0, *(mesh.vertex_count for mesh in meshes)])[:-1]

    def together(name: str) -> NDArray[np.float32]:
        return np.concatenate([getattr(mesh, name) for mesh in meshes])

    faces = [mesh.triangles + np.uint32(at) for mesh, at in zip(meshes, starts, strict=True)]
    return Mesh(together("positions"), np.concatenate(faces), together("normals"), together("uvs"))


def turned(mesh: Mesh) -> Mesh:
    assert mesh.normals is not None
    return replace(mesh, triangles=mesh.triangles[:, ::-1].copy(), normals=-mesh.normals)


def compact(mesh: Mesh) -> Mesh:
    """Without the vertices that no triangle uses."""
    used, number = np.unique(mesh.triangles, return_inverse=True)

    def kept(values: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
        return None if values is None else values[used]

    return Mesh(
        mesh.positions[used],
        number.reshape(-1, 3).astype(np.uint32),
        kept(mesh.normals),
        kept(mesh.uvs),
    )


def edited(content: Model, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with its JSON changed."""
    glb = read_glb(model_to_glb(content))
    document = json.loads(json.dumps(glb.json))
    change(document)
    return join(Glb(document, glb.bin))


def limits(**changed: Any) -> Profile:
    """A profile that the box fits, but for what is changed."""
    content: dict[str, Any] = {"triangles": 12, "texture_size": 256, "materials": 1, **changed}
    extensions = content.pop("extensions", ())
    told = {name: {"limit": value, "source": "a page"} for name, value in content.items()}
    return Profile.model_validate({"title": "Toy", "extensions": extensions, **told})


def fan(mesh: Mesh, side: int, middle: float, in_uv: float) -> Mesh:
    """A side of the box as four triangles around a point near its first edge.

    The point lies ``middle`` of the way across in space, ``in_uv`` of the way in UV space.
    """
    assert mesh.normals is not None
    assert mesh.uvs is not None
    first = 4 * side

    def between(values: NDArray[Any], share: float) -> NDArray[Any]:
        a, b, c, d = values[first : first + 4]
        return np.asarray((a + b) / 2 * (1 - share) + (c + d) / 2 * share)

    tip = mesh.vertex_count
    ring = [first, first + 1, first + 2, first + 3]
    around = [[ring[i], ring[(i + 1) % 4], tip] for i in range(4)]
    kept = np.delete(mesh.triangles, [2 * side, 2 * side + 1], axis=0)
    return Mesh(
        np.vstack([mesh.positions, between(mesh.positions, middle)]).astype(np.float32),
        np.vstack([kept, np.array(around, np.uint32)]).astype(np.uint32),
        np.vstack([mesh.normals, mesh.normals[first]]).astype(np.float32),
        np.vstack([mesh.uvs, between(mesh.uvs, in_uv)]).astype(np.float32),
    )
