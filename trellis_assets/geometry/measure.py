"""What a mesh, its atlas and its likeness to another are like, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trellis_assets.gltf import Image, Mesh, Model

from .arrays import float_array
from .nearest import closest_points
from .pose import at_rest
from .raster import coverage
from .rows import same_rows
from .topology import components, concatenated, edges, face_components, face_vectors, weld
from .what_moves import what_moves

THIN_TEXELS = 8.0
_OVERLAP_GRID = 512
_COARSE_GRID = 128
_MOST_LAYERS = 64
_SAMPLES = 20_000
_CANDIDATES = 12
_DEFAULT_SIZE = 1024


@dataclass(frozen=True)
class Deviation:
    """Two-way distance between two surfaces, relative to the first one's diagonal."""

    rms: float
    hausdorff: float
    normal_degrees: float
    """Mean angle between the surfaces at corresponding points."""


def mesh_statistics(model: Model) -> dict[str, Any]:
    """Cheap figures for metadata, one flat dictionary of plain numbers; a few words on what moves.

    Raises:
        InvalidMesh: a UV is not a finite number.
        CorruptTexture: a base color picture has no header that can be read.
    """
    meshes = [part.mesh for part in model.parts if part.mesh.triangle_count]
    sizes = [texture_size(part.material.base_color) for part in model.parts]
    return {
        "triangles": model.triangle_count,
        "vertices": model.vertex_count,
        "parts": len(model.parts),
        "size_m": [round(float(side), 5) for side in np.ptp(at_rest(model).bounds(), axis=0)],
        **({"moves": what_moves(model)} if model.moves else {}),
        **topology_statistics(meshes),
        **atlas_statistics(meshes, max(sizes, default=_DEFAULT_SIZE)),
    }


def topology_statistics(meshes: list[Mesh]) -> dict[str, Any]:
    """Holes, winding conflicts, degenerate triangles and pieces, judged on welded positions.

    Watertight: every edge is run along as often one way as the other, so that the surface closes.
    """
    if not meshes:
        return {"watertight": False, "border_edges": 0, "components": 0}
    positions, faces = concatenated(meshes)
    place, first = weld(positions)
    points = positions[first]
    welded = place[faces]
    a, b, c = welded.T
    solid = (a != b) & (b != c) & (c != a)
    flat = solid & ~np.any(face_vectors(points, welded) != 0.0, axis=1)
    found = edges(welded[solid])
    return {
        "welded_vertices": len(first),
        "degenerate_triangles": int(np.count_nonzero(~solid)) + int(np.count_nonzero(flat)),
        "border_edges": int(np.count_nonzero(found.border)),
        "crowded_edges": int(np.count_nonzero(found.crowded)),
        "winding_conflicts": int(np.count_nonzero((found.faces == 2) & (found.balance != 0))),
        "components": int(face_components(welded[solid], len(first)).max(initial=-1)) + 1,
        "watertight": bool(len(found.faces) and np.all(found.balance == 0)),
    }


def atlas_statistics(meshes: list[Mesh], size: int) -> dict[str, Any]:
    """UV charts, their width and texel density, and how much of the atlas overlaps.

    A chart's width is its area over half its perimeter, in texels: exact for long strips.

    Raises:
        InvalidMesh: a UV is not a finite number.
    """
    unwrapped = [mesh for mesh in meshes if mesh.uvs is not None]
    if not unwrapped:
        return {"charts": 0}
    points, faces = concatenated(unwrapped)
    stacked = np.concatenate([mesh.uvs for mesh in unwrapped if mesh.uvs is not None])
    uvs = float_array(stacked, width=2, name="UVs")
    chart = charts(points, uvs, faces)
    uvs = unwrapped_tiles(uvs, faces, chart)
    shape = uvs[faces].astype(np.float64) * size
    e1, e2 = shape[:, 1] - shape[:, 0], shape[:, 2] - shape[:, 0]
    texel_area = np.abs(e1[:, 0] * e2[:, 1] - e1[:, 1] * e2[:, 0]) / 2.0
    area = np.linalg.norm(face_vectors(points, faces), axis=1) / 2.0
    width = chart_widths(shape, seamed(points, uvs, faces)[0], chart, texel_area)
    spread = density_spread(texel_area, area)
    # A hostile atlas of very many layers tells the same on a coarse grid, in bounded time.
    layered = texel_area.sum() > _MOST_LAYERS * float(size) ** 2
    count = coverage(uvs, faces, _COARSE_GRID if layered else _OVERLAP_GRID)
    covered = max(int(np.count_nonzero(count)), 1)
    return {
        "charts": len(width),
        "thin_charts_share": round(float(np.mean(width < THIN_TEXELS)), 4),
        "texels_per_m": round(float(np.sqrt(texel_area.sum() / max(area.sum(), 1e-30))), 2),
        "texel_density_spread": round(spread, 4),
        "uv_coverage": round(float(np.count_nonzero(count)) / len(count), 4),
        "uv_overlap_share": round(float(np.count_nonzero(count > 1)) / covered, 5),
    }


def charts(points: NDArray[Any], uvs: NDArray[Any], faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """(T,) chart of each triangle: joined where vertices agree in place and UV."""
    return face_components(*seamed(points, uvs, faces))


def seamed(
    points: NDArray[Any], uvs: NDArray[Any], faces: NDArray[np.int64]
) -> tuple[NDArray[np.int64], int]:
    """(T, 3) triangles over vertices that differ in place or UV, and how many those are."""
    same, first = same_rows(np.concatenate([points, uvs], axis=1))
    return same[faces], len(first)


def unwrapped_tiles(
    uvs: NDArray[Any], faces: NDArray[np.int64], chart: NDArray[np.int64]
) -> NDArray[Any]:
    """UVs with every chart moved by whole tiles to where the repeating texture starts."""
    low = np.full((int(chart.max()) + 1, 2), np.inf)
    corner = np.repeat(chart, 3)
    np.minimum.at(low, corner, uvs[faces.reshape(-1)])
    owner = np.zeros(len(uvs), np.int64)
    owner[faces.reshape(-1)] = corner
    return np.asarray(uvs - np.floor(low + 1e-6)[owner])


def uv_patches(mesh: Mesh) -> int:
    """How many pieces the index buffer falls into; a collapse stalls at three triangles each."""
    if mesh.triangle_count == 0:
        return 0
    faces = mesh.triangles.astype(np.int64)
    label = components(
        mesh.vertex_count,
        np.concatenate([faces[:, 0], faces[:, 1]]),
        np.concatenate([faces[:, 1], faces[:, 2]]),
    )
    return len(np.unique(label[faces[:, 0]]))


def texture_size(image: Image | None) -> int:
    """The longer side of an encoded picture in texels; 1024 where there is none.

    Raises:
        CorruptTexture: it has no header that can be read.
    """
    if image is None or image.mime == "image/ktx2":
        return _DEFAULT_SIZE
    from trellis_assets.textures import image_size

    return max(*image_size(image), 1)


def deviation(first: Model, second: Model, *, samples: int = _SAMPLES) -> Deviation:
    """Sampled both ways, area-weighted, from a fixed seed; the maximum is a lower bound."""
    diagonal = float(np.linalg.norm(np.diff(first.bounds(), axis=0)))
    there, turned_there = _distances(first, second, samples)
    back, turned_back = _distances(second, first, samples)
    both = np.concatenate([there, back])
    return Deviation(
        rms=float(np.sqrt(np.mean(both**2))) / diagonal,
        hausdorff=float(both.max()) / diagonal,
        normal_degrees=float(np.mean(np.concatenate([turned_there, turned_back]))),
    )


def _distances(
    sampled: Model, other: Model, samples: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.spatial import cKDTree  # takes a quarter of a second

    points, normals = _sample(sampled, samples)
    positions, faces = _soup(other)
    triangles = positions[faces].astype(np.float64)
    vectors = face_vectors(positions, faces)
    # Dense surface samples find the candidates; exact triangle distances decide between them.
    area = np.linalg.norm(vectors, axis=1)
    rng = np.random.default_rng(1)
    extra = rng.choice(len(faces), size=8 * samples, p=area / area.sum())
    weights = rng.dirichlet((1.0, 1.0, 1.0), size=len(extra))
    inner = np.array([[8, 1, 1], [1, 8, 1], [1, 1, 8], [10 / 3] * 3]) / 10.0
    spots = np.concatenate(
        [
            np.einsum("sc,tcd->tsd", inner, triangles).reshape(-1, 3),
            (triangles[extra] * weights[..., None]).sum(axis=1),
        ]
    )
    owner = np.concatenate([np.repeat(np.arange(len(faces)), len(inner)), extra])
    near = owner[cKDTree(spots).query(points, k=min(_CANDIDATES, len(spots)))[1]]
    repeated = np.repeat(np.arange(len(points)), near.shape[1])
    distance = closest_points(points[repeated], triangles[near.reshape(-1)])[1].reshape(near.shape)
    best = near[np.arange(len(points)), np.argmin(distance, axis=1)]
    cosine = np.einsum("ij,ij->i", normals, vectors[best]) / np.maximum(area[best], 1e-30)
    return distance.min(axis=1), np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def _sample(model: Model, samples: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    positions, faces = _soup(model)
    vectors = face_vectors(positions, faces)
    area = np.linalg.norm(vectors, axis=1)
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(faces), size=samples, p=area / area.sum())
    weights = rng.dirichlet((1.0, 1.0, 1.0), size=samples)
    points = (positions[faces[chosen]] * weights[..., None]).sum(axis=1)
    return points, vectors[chosen] / area[chosen, None]


def _soup(model: Model) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    return concatenated([part.mesh for part in model.parts if part.mesh.triangle_count])


def chart_widths(
    shape: NDArray[np.float64],
    faces: NDArray[np.int64],
    chart: NDArray[np.int64],
    texel_area: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(C,) twice the area of each chart over its perimeter, texels.

    Args:
        shape: (T, 3, 2) corners of each triangle in texels.
        faces: (T, 3) as :func:`seamed` gives them.
        chart: (T,) of each triangle.
        texel_area: (T,) texels squared.
    """
    found = edges(faces)
    length = np.linalg.norm(np.roll(shape, -1, axis=1) - shape, axis=2).reshape(-1)
    rim = found.border[found.of_halfedge]
    count = int(chart.max()) + 1
    perimeter = np.bincount(np.repeat(chart, 3)[rim], weights=length[rim], minlength=count)
    area = np.bincount(chart, weights=texel_area, minlength=count)
    return 2.0 * area / np.maximum(perimeter, 1e-9)


def density_spread(texel_area: NDArray[np.float64], area: NDArray[np.float64]) -> float:
    """Area-weighted standard deviation of log2 of the texel density; 1 is a factor of two."""
    valid = (area > 0.0) & (texel_area > 0.0)
    if not valid.any():
        return 0.0
    density = 0.5 * np.log2(texel_area[valid] / area[valid])
    mean = np.average(density, weights=area[valid])
    return float(np.sqrt(np.average((density - mean) ** 2, weights=area[valid])))
