"""Seeded shapes, their faults, and what every result must satisfy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from trellis_assets.geometry._pixels import decode, encode_png, linear, sample
from trellis_assets.geometry.shading import with_normals
from trellis_assets.gltf import Image, Material, Mesh, Model, Part

Array = NDArray[Any]


def icosphere(level: int = 3, radius: float = 1.0) -> tuple[Array, Array]:
    """Closed unit sphere of 20 * 4^level triangles: (V, 3) float32, (T, 3) int64."""
    t = (1.0 + 5.0**0.5) / 2.0
    points = np.array(
        [
            *([-1, t, 0], [1, t, 0], [-1, -t, 0], [1, -t, 0], [0, -1, t], [0, 1, t]),
            *([0, -1, -t], [0, 1, -t], [t, 0, -1], [t, 0, 1], [-t, 0, -1], [-t, 0, 1]),
        ],
        np.float64,
    )
    faces = np.array(
        [
            *([0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4]),
            *([11, 10, 2], [10, 7, 6], [7, 1, 8], [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8]),
            *([3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7], [9, 8, 1]),
        ]
    )
    for _ in range(level):
        edge = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
        unique, inverse = np.unique(edge, axis=0, return_inverse=True)
        ab, bc, ca = np.split(inverse.reshape(-1) + len(points), 3)
        points = np.concatenate([points, points[unique].mean(axis=1)])
        a, b, c = faces.T
        faces = np.concatenate(
            [np.stack(x, 1) for x in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))]
        )
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return (points * radius).astype(np.float32), faces


def box(cells: int = 1, size: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> tuple[Array, Array]:
    """Closed axis-aligned box of 12 * cells^2 triangles around the origin, welded."""
    line = np.linspace(-0.5, 0.5, cells + 1)
    u, v = (axis.ravel() for axis in np.meshgrid(line, line, indexing="ij"))
    number = np.arange(len(u)).reshape(cells + 1, cells + 1)
    a, b = number[:-1, :-1].ravel(), number[1:, :-1].ravel()
    c, d = number[1:, 1:].ravel(), number[:-1, 1:].ravel()
    quad = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    points: list[Array] = []
    faces: list[Array] = []
    for axis in range(3):
        for side in (-0.5, 0.5):
            place = np.empty((len(u), 3))
            place[:, axis] = side
            place[:, (axis + 1) % 3], place[:, (axis + 2) % 3] = u, v
            faces.append((quad if side > 0 else quad[:, ::-1]) + len(u) * len(points))
            points.append(place)
    unique, inverse = np.unique(np.concatenate(points).round(9), axis=0, return_inverse=True)
    return (unique * size).astype(np.float32), inverse.reshape(-1)[np.concatenate(faces)]


def grid(cells: int = 8) -> tuple[Array, Array]:
    """Open square sheet in the XY plane facing +Z."""
    line = np.linspace(0.0, 1.0, cells + 1)
    x, y = (axis.ravel() for axis in np.meshgrid(line, line, indexing="ij"))
    number = np.arange(len(x)).reshape(cells + 1, cells + 1)
    a, b = number[:-1, :-1].ravel(), number[1:, :-1].ravel()
    c, d = number[1:, 1:].ravel(), number[:-1, 1:].ravel()
    points = np.stack([x, y, np.zeros_like(x)], 1).astype(np.float32)
    return points, np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


def pipe(radius: float, bottom: float, top: float) -> tuple[Array, Array]:
    """Closed upright pipe of 8 sides and 24 rings, outside out."""
    sides, rings = 8, 24
    angle = np.tile(np.arange(sides) * (2.0 * np.pi / sides), rings)
    height = np.repeat(np.linspace(bottom, top, rings), sides)
    ends = [[0.0, bottom, 0.0], [0.0, top, 0.0]]
    wall = np.stack([np.cos(angle) * radius, height, np.sin(angle) * radius], 1)
    a = np.arange(sides * (rings - 1))
    b = a - a % sides + (a + 1) % sides
    first, last = a[:sides], a[-sides:] + sides
    low, high = sides * rings, sides * rings + 1
    faces = [
        *(np.stack([a, a + sides, b], 1), np.stack([b, a + sides, b + sides], 1)),
        np.stack([np.full(sides, low), first, np.roll(first, -1)], 1),
        np.stack([np.full(sides, high), np.roll(last, -1), last], 1),
    ]
    return np.concatenate([wall, ends]).astype(np.float32), np.concatenate(faces)


def bumpy(level: int, seed: int, height: float = 0.1) -> tuple[Array, Array]:
    """A closed sphere with smooth random bumps."""
    points, faces = icosphere(level)
    rng = np.random.default_rng(seed)
    waves = rng.normal(size=(6, 3)) * 3.0
    rise = np.sin(points @ waves.T + rng.uniform(0, 6, 6)).mean(axis=1)
    return (points * (1.0 + height * rise[:, None])).astype(np.float32), faces


def colour_of(points: Array) -> Array:
    """(N, 3) sRGB 0..1 that every place in space is painted with; changes slowly."""
    return np.clip(0.5 + 0.35 * points, 0.0, 1.0)


def painted(points: Array, faces: Array, *, size: int = 512, **material: Any) -> Model:
    """A model whose texture shows :func:`colour_of`, one tiny chart per triangle.

    This is the worst atlas there is: every edge is a seam.
    """
    count = len(faces)
    side = int(np.ceil(np.sqrt(count)))
    cell = 1.0 / side
    column, row = np.arange(count) % side, np.arange(count) // side
    corner = np.array([[0.2, 0.2], [0.8, 0.2], [0.2, 0.8]]) * cell
    uvs = corner[None] + np.stack([column, row], 1)[:, None] * cell
    pixels = np.full((size, size, 3), 128, np.uint8)
    y, x = np.mgrid[:size, :size]
    place = np.stack([(x + 0.5) / size, (y + 0.5) / size], -1).reshape(-1, 2)
    which = (place[:, 1] // cell).astype(int) * side + (place[:, 0] // cell).astype(int)
    valid = which < count
    local = (place - np.stack([which % side, which // side], 1) * cell) / cell
    b, c = (local[:, 0] - 0.2) / 0.6, (local[:, 1] - 0.2) / 0.6
    tri = points[faces[np.minimum(which, count - 1)]]
    at = tri[:, 0] * (1 - b - c)[:, None] + tri[:, 1] * b[:, None] + tri[:, 2] * c[:, None]
    pixels.reshape(-1, 3)[valid] = np.round(colour_of(at)[valid] * 255)
    mesh = with_normals(Mesh(points.astype(np.float32), faces.astype(np.uint32)))
    assert mesh.normals is not None
    flat = mesh.triangles.reshape(-1)
    soup = Mesh(
        positions=mesh.positions[flat],
        triangles=np.arange(3 * count, dtype=np.uint32).reshape(-1, 3),
        normals=mesh.normals[flat],
        uvs=uvs.reshape(-1, 2).astype(np.float32),
    )
    return Model((Part(soup, Material(base_color=encode_png(pixels, "base_color"), **material)),))


def plain(points: Array, faces: Array, **material: Any) -> Model:
    """A model without UVs or textures."""
    mesh = with_normals(Mesh(points.astype(np.float32), faces.astype(np.uint32)))
    return Model((Part(mesh, Material(**material)),))


def image(pixels: Array) -> Image:
    done, data = cv2.imencode(".png", pixels[:, :, ::-1])
    assert done
    return Image(data.tobytes(), "image/png")


def surface_colours(model: Model, samples: int = 4000) -> tuple[Array, Array]:
    """Random surface points of a textured model and the linear colours it shows there."""
    rng = np.random.default_rng(3)
    points, colours = [], []
    for part in model.parts:
        mesh = part.mesh
        assert mesh.uvs is not None
        assert part.material.base_color is not None
        tri = mesh.positions[mesh.triangles].astype(np.float64)
        area = np.linalg.norm(np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0]), axis=1)
        face = rng.choice(len(tri), samples, p=area / area.sum())
        w = rng.dirichlet((1, 1, 1), samples)
        points.append((tri[face] * w[..., None]).sum(1))
        uv = (mesh.uvs[mesh.triangles][face] * w[..., None]).sum(1)
        pixels = decode(part.material.base_color)
        colours.append(sample(linear(pixels[:, :, :3]), uv.astype(np.float32)))
    return np.concatenate(points), np.concatenate(colours)


def volume(points: Array, faces: Array) -> float:
    a, b, c = (points[faces[:, k]].astype(np.float64) for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0)


def model_volume(model: Model) -> float:
    return sum(volume(part.mesh.positions, part.mesh.triangles) for part in model.parts)


def assert_valid(model: Model) -> None:
    """What glTF 2.0 and every engine ask of a mesh."""
    assert model.triangle_count > 0
    for part in model.parts:
        mesh = part.mesh
        count = mesh.vertex_count
        assert mesh.positions.dtype == np.float32
        assert mesh.triangles.dtype == np.uint32
        assert np.isfinite(mesh.positions).all()
        assert mesh.triangles.max() < count
        assert len(np.unique(mesh.triangles)) == count, "unused vertices"
        a, b, c = mesh.triangles.T
        assert not ((a == b) | (b == c) | (c == a)).any()
        assert mesh.normals is not None
        assert np.abs(np.linalg.norm(mesh.normals, axis=1) - 1).max() < 1e-4
        if mesh.uvs is not None:
            assert np.isfinite(mesh.uvs).all()
        if mesh.tangents is not None:
            assert np.abs(np.linalg.norm(mesh.tangents[:, :3], axis=1) - 1).max() < 1e-4
            assert np.isin(mesh.tangents[:, 3], (-1.0, 1.0)).all()


def same(left: Model, right: Model) -> bool:
    """Equal bytes in every array and image."""

    def arrays(model: Model) -> list[bytes]:
        found = []
        for part in model.parts:
            mesh = part.mesh
            values = (mesh.positions, mesh.triangles, mesh.normals, mesh.uvs, mesh.tangents)
            found += [b"" if array is None else array.tobytes() for array in values]
            found += [picture.data for picture in part.material.images().values()]
        return found

    return arrays(left) == arrays(right)


Maker = Callable[[], tuple[Array, Array]]
