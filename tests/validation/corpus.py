"""A corpus of GLBs, each with one named defect, and the clean twins they were made from.

``python -m tests.validation.corpus FOLDER`` writes them as files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from trellis_assets.catalog import Profile
from trellis_assets.geometry.shading import with_tangents
from trellis_assets.gltf import Glb, Image, Material, Mesh, Model, Part, model_to_glb, read_glb
from trellis_assets.gltf import write_glb as join
from trellis_assets.validation import Expectation, Sibling

Vector = tuple[float, float, float]
SIZE: Vector = (1.0, 2.0, 0.5)
"""Of the box, metres along x, y and z."""
_SIDE = 256
_GUTTER = 16 / _SIDE


@dataclass(frozen=True)
class Case:
    """A file, what is known about it, and the one rule that objects; none for a clean twin."""

    name: str
    glb: bytes
    rule: str | None
    profile: Profile | None = None
    expectation: Expectation | None = None


RULE_OF: dict[str, str | None] = {}
"""The rule that objects, by the name of the case; clean twins, of which none does, first."""
_BUILDERS: dict[str, Callable[[], Any]] = {}


@cache
def case(name: str) -> Case:
    """The case of that name, made when it is first asked for."""
    made = _BUILDERS[name]()
    content, facts = made if isinstance(made, tuple) else (made, {})
    glb = model_to_glb(content) if isinstance(content, Model) else content
    return Case(name, glb, RULE_OF[name], **facts)


def _case(rule: str | None) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register a function that returns bytes, a Model, or either with facts about it."""

    def register(build: Callable[[], Any]) -> Callable[[], Any]:
        name = build.__name__.strip("_")
        RULE_OF[name], _BUILDERS[name] = rule, build
        return build

    return register


# --- what the defects are made from -------------------------------------------------------------


def picture(pixels: NDArray[Any], kind: str = "PNG") -> Image:
    buffer = BytesIO()
    Picture.fromarray(np.asarray(pixels, np.uint8)).save(buffer, kind)
    return Image(buffer.getvalue(), f"image/{kind.lower()}", "map")


def noise(side: int = _SIDE, low: int = 90, high: int = 170, channels: int = 3) -> NDArray[Any]:
    """(side, side, channels) a coarse pattern that packs well."""
    cells = np.random.default_rng(side).integers(low, high, (16, 16, channels))
    return np.repeat(np.repeat(cells, max(side // 16, 1), 0), max(side // 16, 1), 1)[:side, :side]


def orm(side: int = _SIDE, metallic: int = 0) -> Image:
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


def _bare_box(x: float = 0.0) -> Mesh:
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


# --- clean twins --------------------------------------------------------------------------------


@_case(None)
def clean_textured() -> Any:
    expected = Expectation(dimensions_m=SIZE, pivot="bottom_center", name_prefix="box")
    return model(), {"profile": limits(), "expectation": expected}


@_case(None)
def clean_bare() -> Model:
    return bare(box())


@_case(None)
def clean_normal_mapped() -> Model:
    flat = noise(low=126, high=130)
    flat[..., 2] = 255
    material = painted(normal=picture(flat))
    return model(with_tangents(box()), material)


@_case(None)
def clean_masked() -> Model:
    return model(material=painted(base_color=picture(_leaf()), alpha_mode="MASK"))


@_case(None)
def clean_blended() -> Model:
    glass = np.dstack([noise(), np.full((_SIDE, _SIDE), 120)])
    return model(material=painted(base_color=picture(glass), alpha_mode="BLEND"))


@_case(None)
def clean_rung() -> Any:
    lower, upper = (-0.5, 0.0, -0.25), (0.5, 2.0, 0.25)
    finer = Sibling(0, 24, 0.0, (lower, upper))
    return model(), {"expectation": Expectation(level=1, error=0.01, siblings=(finer,))}


@_case(None)
def clean_cavity() -> Model:
    """A hollow solid: the inner surface faces inwards, and is seen through glass."""
    material = replace(plain(), alpha_mode="BLEND", base_color_factor=(1.0, 1.0, 1.0, 0.5))
    hollow = joined(box(), turned(box((0.2, 0.2, 0.2), at=(0, 0.9, 0))))
    return model(replace(hollow, uvs=None), material)


@_case(None)
def clean_thick_slab() -> Model:
    """Two pieces side by side."""
    return bare(joined(box(), box(at=(1.5, 0, 0))))


def _leaf() -> NDArray[Any]:
    alpha = np.full((_SIDE, _SIDE), 255)
    alpha[::4] = 0
    return np.dstack([noise(), alpha])


# --- budgets ------------------------------------------------------------------------------------


@_case("budget.file-bytes")
def heavy_file() -> Any:
    return model(), {"profile": limits(file_bytes=1000)}


@_case("budget.triangles")
def many_triangles() -> Any:
    return model(), {"profile": limits(triangles=11)}


@_case("budget.triangles")
def rung_over_its_share() -> Any:
    parts = tuple(Part(_bare_box(2.0 * i), plain(), f"box_{i}") for i in range(12))
    shared = plain()
    content = Model(tuple(replace(part, material=shared) for part in parts), name="box")
    return content, {"profile": limits(triangles=200), "expectation": Expectation(level=1)}


@_case("budget.vertices")
def many_vertices() -> Any:
    return model(), {"profile": limits(vertices=23)}


@_case("budget.materials")
def many_materials() -> Any:
    other = replace(plain(), name="rust")
    content = Model((Part(_bare_box(), plain(), "a"), Part(_bare_box(2.0), other, "b")), name="box")
    return content, {"profile": limits(triangles=24)}


@_case("budget.texture-size")
def large_texture() -> Any:
    return model(), {"profile": limits(texture_size=128)}


@_case("budget.texture-size")
def large_detail_texture() -> Any:
    return model(), {"profile": limits(detail_texture_size=128)}


@_case("budget.gpu-bytes")
def much_texture_memory() -> Any:
    return model(), {"profile": limits(gpu_bytes=100_000)}


@_case("scene.draw-calls")
def many_draw_calls() -> Model:
    shared = plain()
    parts = tuple(Part(_bare_box(2.0 * i), shared, f"box_{i}") for i in range(21))
    return Model(parts, name="box")


# --- meshes -------------------------------------------------------------------------------------


@_case("mesh.empty")
def no_triangles() -> Model:
    return bare(replace(box(), triangles=np.empty((0, 3), np.uint32)))


@_case("mesh.degenerate")
def collapsed_triangle() -> Model:
    mesh = box()
    extra = np.array([[0, 0, 1]], np.uint32)
    return bare(replace(mesh, triangles=np.vstack([mesh.triangles, extra])))


@_case("mesh.degenerate")
def flat_triangle() -> Model:
    """A vertex on the diagonal of a side, closed by a triangle without area."""
    mesh = box()
    a, b, c, tip = 0, 1, 2, mesh.vertex_count
    middle = (mesh.positions[a] + mesh.positions[c]) / 2
    assert mesh.normals is not None
    assert mesh.uvs is not None
    faces = [[a, b, tip], [tip, b, c], [a, tip, c]]
    return bare(
        Mesh(
            np.vstack([mesh.positions, middle]).astype(np.float32),
            np.vstack([mesh.triangles[1:], np.array(faces)]).astype(np.uint32),
            np.vstack([mesh.normals, mesh.normals[a]]),
            np.vstack([mesh.uvs, (mesh.uvs[a] + mesh.uvs[c]) / 2]).astype(np.float32),
        )
    )


@_case("mesh.duplicate-faces")
def twice_the_same_triangle() -> Model:
    mesh = box()
    return bare(replace(mesh, triangles=np.vstack([mesh.triangles, mesh.triangles[:1]])))


@_case("mesh.duplicate-faces")
def twice_the_same_from_another_corner() -> Model:
    mesh = box()
    again = np.roll(mesh.triangles[:2], 1, axis=1)
    return bare(replace(mesh, triangles=np.vstack([mesh.triangles, again])))


@_case("mesh.watertight")
def missing_triangle() -> Model:
    mesh = box()
    return bare(compact(replace(mesh, triangles=mesh.triangles[1:])))


@_case("mesh.watertight")
def missing_side() -> Model:
    mesh = box()
    return bare(compact(replace(mesh, triangles=mesh.triangles[2:])))


@_case("mesh.manifold")
def boxes_that_share_an_edge() -> Model:
    return bare(joined(box(), box(at=(1.0, 0.0, 0.5))))


@_case("mesh.winding")
def one_triangle_turned() -> Model:
    """With normals of its own, so that it is lit as it faces."""
    mesh = box()
    assert mesh.normals is not None
    assert mesh.uvs is not None
    corners = mesh.triangles[0]
    fresh = np.arange(3, dtype=np.uint32) + np.uint32(mesh.vertex_count)
    return bare(
        compact(
            Mesh(
                np.vstack([mesh.positions, mesh.positions[corners]]),
                np.vstack([mesh.triangles[1:], fresh[::-1]]).astype(np.uint32),
                np.vstack([mesh.normals, -mesh.normals[corners]]),
                np.vstack([mesh.uvs, mesh.uvs[corners]]),
            )
        )
    )


@_case("mesh.inside-out")
def box_turned_inwards() -> Model:
    return bare(turned(box()))


@_case("mesh.inside-out")
def second_piece_turned_inwards() -> Model:
    return bare(joined(box(), turned(box(at=(1.5, 0, 0)))))


@_case("mesh.inner-hulls")
def box_in_a_box() -> Model:
    return bare(joined(box(), box((0.3, 0.3, 0.3), at=(0, 0.8, 0))))


@_case("mesh.inner-hulls")
def inner_wall() -> Model:
    return bare(joined(box(), turned(box((0.9, 1.9, 0.4), at=(0, 0.05, 0)))))


@_case("mesh.floaters")
def speck_in_the_air() -> Model:
    return bare(joined(box(), box((0.01, 0.01, 0.01), at=(0.7, 1.0, 0))))


@_case("mesh.floaters")
def dust_on_the_surface() -> Model:
    return bare(joined(box(), box((0.001, 0.001, 0.001), at=(0.502, 1.0, 0))))


@_case("mesh.unused-vertices")
def vertices_without_a_triangle() -> Model:
    mesh = box()
    assert mesh.normals is not None
    assert mesh.uvs is not None
    return bare(
        Mesh(
            np.vstack([mesh.positions, [[0.1, 0.2, 0.1]]]).astype(np.float32),
            mesh.triangles,
            np.vstack([mesh.normals, mesh.normals[:1]]),
            np.vstack([mesh.uvs, mesh.uvs[:1]]),
        )
    )


@_case("mesh.split-vertices")
def mesh_without_an_index() -> Model:
    mesh = box()
    flat = mesh.triangles.reshape(-1)
    return bare(
        Mesh(
            mesh.positions[flat],
            np.arange(len(flat), dtype=np.uint32).reshape(-1, 3),
            None if mesh.normals is None else mesh.normals[flat],
            None if mesh.uvs is None else mesh.uvs[flat],
        )
    )


@_case("mesh.vertex-colors")
def tinted_texture() -> Model:
    mesh = box()
    return model(replace(mesh, colors=np.full((mesh.vertex_count, 4), 0.5, np.float32)))


# --- UVs ----------------------------------------------------------------------------------------


@_case("uv.missing")
def textured_without_uvs() -> Model:
    return model(replace(box(), uvs=None))


@_case("uv.finite")
def uv_that_is_no_number() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    uvs = mesh.uvs.copy()
    uvs[0] = np.nan
    # Outside 0..1 as well, whatever one compares it with: the range rule skips it.
    return model(replace(mesh, uvs=uvs))


@_case("uv.range")
def uvs_in_the_next_tile() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    return model(replace(mesh, uvs=mesh.uvs + np.float32(1.0)))


@_case("uv.overlap")
def sides_on_top_of_each_other() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    uvs = mesh.uvs.copy()
    uvs[4:8] = uvs[0:4][::-1]
    uvs[4:8] = uvs[0:4]
    return model(replace(mesh, uvs=uvs))


@_case("uv.inverted")
def mirrored_side() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    uvs = mesh.uvs.copy()
    uvs[0:4] = uvs[[1, 0, 3, 2]]
    return model(replace(mesh, uvs=uvs))


@_case("uv.folded")
def side_folded_over() -> Model:
    return model(fan(box(), side=0, middle=0.1, in_uv=-0.05))


@_case("uv.degenerate")
def triangle_on_a_line_of_texels() -> Model:
    return model(fan(box(), side=0, middle=0.1, in_uv=0.0))


@_case("uv.gutter")
def charts_that_touch() -> Model:
    """Many small charts side by side without a texel between them."""
    material = painted(base_color=picture(noise(512)))
    return model(_checkered(cell=18 / 512, pitch=18 / 512), material)


@_case("uv.thin-charts")
def charts_in_slivers() -> Model:
    return model(_checkered(cell=4 / _SIDE, pitch=8 / _SIDE))


def _checkered(cell: float, pitch: float) -> Mesh:
    """A closed slab whose front and back are grids of squares, each square its own chart."""
    n, depth = 10, 0.05
    points: list[Any] = []
    normals: list[Any] = []
    uvs: list[Any] = []
    faces: list[list[int]] = []
    for face, z in enumerate((-depth / 2, depth / 2)):
        for row in range(n):
            for column in range(n):
                start = len(points)
                for a, b in ((0, 0), (1, 0), (1, 1), (0, 1)):
                    points.append(((column + a - n / 2) * 0.1, (row + b) * 0.1, z))
                    normals.append((0.0, 0.0, 1.0 if face else -1.0))
                    # Neighbours in space are none in the atlas, or they would be one chart.
                    place = np.array([column * 3 % n + (0 if face else n), row * 3 % n]) * pitch
                    across = a if face else 1 - a
                    uvs.append(place + np.array([across, 1 - b]) * cell)
                order = [0, 1, 2, 3] if face else [3, 2, 1, 0]
                quad = [start + i for i in order]
                faces += [[quad[0], quad[1], quad[2]], [quad[0], quad[2], quad[3]]]
    return _with_rim(points, normals, uvs, faces, n, depth, pitch)


def _with_rim(
    points: list[Any],
    normals: list[Any],
    uvs: list[Any],
    faces: list[Any],
    n: int,
    depth: float,
    pitch: float,
) -> Mesh:
    """The four narrow sides, cut where the grid is cut, so that the slab is closed."""
    half, top = n * 0.05, n * 0.1
    walls = (
        ((-half, 0.0), (1.0, 0.0), (0.0, -1.0, 0.0)),
        ((half, 0.0), (0.0, 1.0), (1.0, 0.0, 0.0)),
        ((half, top), (-1.0, 0.0), (0.0, 1.0, 0.0)),
        ((-half, top), (0.0, -1.0), (-1.0, 0.0, 0.0)),
    )
    for wall, (origin, along, normal) in enumerate(walls):
        for step in range(n):
            start = len(points)
            for a, z in ((0, -1), (1, -1), (1, 1), (0, 1)):
                x = origin[0] + along[0] * (step + a) * 0.1
                y = origin[1] + along[1] * (step + a) * 0.1
                points.append((x, y, z * depth / 2))
                normals.append(normal)
                place = np.array([step * 2, n + 1 + wall]) * pitch
                uvs.append(place + np.array([a, (1 - z) / 2 * 0.5]) * (4 / _SIDE))
            quad = [start, start + 1, start + 2, start + 3]
            faces += [[quad[0], quad[1], quad[2]], [quad[0], quad[2], quad[3]]]
    return Mesh(
        np.array(points, np.float32),
        np.array(faces, np.uint32),
        np.array(normals, np.float32),
        (np.array(uvs) + 8 / _SIDE).astype(np.float32),
    )


@_case("uv.texel-density")
def few_texels_for_a_tower() -> Model:
    return model(box((20.0, 40.0, 10.0)))


@_case("uv.texel-density")
def many_texels_for_a_pin() -> Model:
    material = Material("paint", base_color=picture(noise(2048)), metallic_factor=0.0)
    return model(box((0.005, 0.0105, 0.005)), material)


@_case("uv.density-spread")
def one_side_blurred() -> Model:
    mesh = box()
    assert mesh.uvs is not None
    uvs = mesh.uvs.copy()
    for side in (2, 3, 4):
        quad = uvs[4 * side : 4 * side + 4]
        uvs[4 * side : 4 * side + 4] = quad.mean(axis=0) + (quad - quad.mean(axis=0)) / 16
    return model(replace(mesh, uvs=uvs))


# --- normals and tangents -----------------------------------------------------------------------


@_case("normals.missing")
def no_normals() -> Model:
    return model(replace(box(), normals=None))


@_case("normals.unit")
def short_normals() -> Model:
    mesh = box()
    assert mesh.normals is not None
    return bare(replace(mesh, normals=mesh.normals * np.float32(0.5)))


@_case("normals.unit")
def zero_normal() -> Model:
    mesh = box()
    assert mesh.normals is not None
    normals = mesh.normals.copy()
    normals[0] = 0.0
    return bare(replace(mesh, normals=normals))


@_case("normals.flipped")
def normals_against_a_side() -> Model:
    mesh = box()
    assert mesh.normals is not None
    normals = mesh.normals.copy()
    normals[:4] *= -1
    return bare(replace(mesh, normals=normals))


def _bumpy() -> Material:
    flat = noise(low=126, high=130)
    flat[..., 2] = 255
    return painted(normal=picture(flat))


@_case("tangents.missing")
def normal_map_without_tangents() -> Model:
    return model(material=_bumpy())


@_case("tangents.invalid")
def tangent_without_a_sign() -> Model:
    mesh = with_tangents(box())
    assert mesh.tangents is not None
    tangents = mesh.tangents.copy()
    tangents[0, 3] = 0.5
    return model(replace(mesh, tangents=tangents), _bumpy())


@_case("tangents.invalid")
def long_tangent() -> Model:
    mesh = with_tangents(box())
    assert mesh.tangents is not None
    tangents = mesh.tangents.copy()
    tangents[0, :3] *= 2
    return model(replace(mesh, tangents=tangents), _bumpy())


# --- materials and alpha ------------------------------------------------------------------------


@_case("material.base-color-range")
def black_as_coal() -> Model:
    return model(material=painted(base_color=picture(noise(low=0, high=20))))


@_case("material.base-color-range")
def white_as_paper() -> Model:
    return model(material=painted(base_color=picture(noise(low=250, high=256))))


@_case("material.metallic")
def half_a_metal() -> Model:
    return model(material=painted(orm=orm(metallic=128)))


@_case("material.factors")
def metal_by_default() -> Model:
    return model(box(), Material("paint", base_color=picture(noise())))


@_case("material.double-sided")
def closed_and_double_sided() -> Model:
    return model(material=painted(double_sided=True))


@_case("alpha.opaque")
def alpha_nobody_shows() -> Model:
    return model(material=painted(base_color=picture(_leaf())))


@_case("alpha.mask-unused")
def mask_without_alpha() -> Model:
    return model(material=painted(alpha_mode="MASK"))


@_case("alpha.mask-unused")
def mask_below_which_nothing_lies() -> Model:
    pixels = np.dstack([noise(), np.full((_SIDE, _SIDE), 200)])
    return model(material=painted(base_color=picture(pixels), alpha_mode="MASK"))


@_case("alpha.blend-unneeded")
def blend_though_opaque() -> Model:
    return model(material=painted(alpha_mode="BLEND"))


@_case("alpha.blend-unneeded")
def blend_where_a_mask_would_do() -> Model:
    return model(material=painted(base_color=picture(_leaf()), alpha_mode="BLEND"))


@_case("alpha.cutoff")
def cutoff_without_mask() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["materials"][0]["alphaCutoff"] = 0.3

    return edited(model(), change)


# --- textures -----------------------------------------------------------------------------------


@_case("texture.decodes")
def picture_cut_off() -> Model:
    whole = picture(np.random.default_rng(0).integers(90, 170, (_SIDE, _SIDE, 3)))
    return model(material=painted(base_color=replace(whole, data=whole.data[:3000])))


@_case("texture.decodes")
def picture_of_nothing() -> Model:
    stub = Image(b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png", "map")
    return model(material=painted(base_color=stub))


@_case("texture.power-of-two")
def odd_size() -> Model:
    return model(material=painted(base_color=picture(noise(272)[:250, :250])))


@_case("texture.flat")
def one_color() -> Model:
    flat = np.full((_SIDE, _SIDE, 3), 120)
    return model(material=painted(base_color=picture(flat)))


@_case("texture.normal-map")
def photograph_as_normal_map() -> Model:
    material = painted(normal=picture(noise(low=10, high=120)))
    return model(with_tangents(box()), material)


@_case("texture.duplicate")
def picture_stored_twice() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["images"].append(dict(document["images"][0]))
        document["textures"].append({"sampler": 0, "source": len(document["images"]) - 1})
        material = document["materials"][0]
        material["emissiveTexture"] = {"index": len(document["textures"]) - 1}

    return edited(model(), change)


@_case("texture.unseen")
def picture_for_the_gpu() -> bytes:
    """KTX2 that a reader may, but need not, understand."""

    def change(document: dict[str, Any]) -> None:
        del document["extensionsRequired"]

    stub = b"\xabKTX 20\xbb\r\n\x1a\n" + np.array([0, 1, 256, 256], "<u4").tobytes() + bytes(64)
    return edited(model(material=painted(base_color=Image(stub, "image/ktx2", "map"))), change)


# --- placement ----------------------------------------------------------------------------------


@_case("place.dimensions")
def not_as_tall_as_asked() -> Any:
    return model(), {"expectation": Expectation(height_m=1.5)}


@_case("place.dimensions")
def not_as_wide_as_asked() -> Any:
    return model(), {"expectation": Expectation(dimensions_m=(1.2, 2.0, 0.5))}


@_case("place.axis")
def lying_on_its_back() -> Any:
    return model(), {"expectation": Expectation(dimensions_m=(1.0, 0.5, 2.0))}


@_case("place.pivot")
def pivot_at_the_bottom() -> Any:
    return model(), {"expectation": Expectation(pivot="center")}


@_case("place.pivot")
def pivot_beside_the_model() -> Any:
    moved = model(box(at=(1.0, 0.0, 0.0)))
    return moved, {"expectation": Expectation(pivot="bottom_center")}


@_case("place.scale")
def metres_taken_for_millimetres() -> Model:
    return bare(box((1000.0, 2000.0, 500.0)))


@_case("place.scale")
def a_grain() -> Model:
    return bare(box((0.001, 0.002, 0.0005)))


@_case("place.root-transform")
def root_turned() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["nodes"][0]["rotation"] = [0, 1, 0, 0]

    return edited(model(), change)


@_case("place.root-transform")
def root_scaled() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["nodes"][0]["scale"] = [1.5, 1.5, 1.5]

    return edited(model(), change)


# --- names, extensions, scene -------------------------------------------------------------------


@_case("name.characters")
def spaces_and_dots() -> Model:
    return model(name="My Box.001")


@_case("name.duplicate")
def two_nodes_of_one_name() -> Model:
    shared = plain()
    return Model(
        (Part(_bare_box(), shared, "box"), Part(_bare_box(2.0), shared, "box")), name="box"
    )


@_case("name.prefix")
def another_name_than_asked() -> Any:
    return model(), {"expectation": Expectation(name_prefix="barrel")}


@_case("extension.allowed")
def webp_for_a_target_without() -> Any:
    content = painted(base_color=picture(noise(), "WEBP"), orm=picture(orm_pixels(), "WEBP"))
    return model(material=content), {"profile": limits()}


def orm_pixels() -> NDArray[Any]:
    pixels = noise()
    pixels[..., 2] = 0
    return pixels


@_case("extension.known")
def vendor_extension() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["extensionsUsed"] = ["VENDOR_glitter"]
        document["nodes"][0]["extensions"] = {"VENDOR_glitter": {"amount": 3}}

    return edited(model(), change)


@_case("scene.unused")
def material_without_a_mesh() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["materials"].append({"name": "forgotten"})

    return edited(model(), change)


@_case("scene.unused")
def accessor_without_a_mesh() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["accessors"].append(dict(document["accessors"][0]))

    return edited(model(), change)


@_case("scene.empty-nodes")
def node_with_nothing() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["nodes"].append({"name": "nothing"})
        document["scenes"][0]["nodes"].append(1)

    return edited(model(), change)


@_case("scene.leftovers")
def camera_left_in() -> bytes:
    def change(document: dict[str, Any]) -> None:
        perspective = {"yfov": 0.7, "znear": 0.1}
        document["cameras"] = [{"type": "perspective", "perspective": perspective}]
        document["nodes"].append({"name": "camera", "camera": 0})
        document["scenes"][0]["nodes"].append(1)

    return edited(model(), change)


@_case("scene.leftovers")
def light_left_in() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["extensionsUsed"] = ["KHR_lights_punctual"]
        document["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point"}]}}
        light = {"KHR_lights_punctual": {"light": 0}}
        document["nodes"].append({"name": "light", "extensions": light})
        document["scenes"][0]["nodes"].append(1)

    return edited(model(), change)


@_case("scene.several")
def second_scene() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["scenes"].append({"name": "other", "nodes": [0]})

    return edited(model(), change)


# --- ladder -------------------------------------------------------------------------------------

_BOX_BOUNDS = ((-0.5, 0.0, -0.25), (0.5, 2.0, 0.25))


@_case("lod.triangles")
def rung_no_lighter_than_the_one_before() -> Any:
    return model(), {"expectation": Expectation(level=1, siblings=(Sibling(0, 12),))}


@_case("lod.error")
def rung_closer_than_the_one_before() -> Any:
    finer = Sibling(1, 24, 0.02)
    return model(), {"expectation": Expectation(level=2, error=0.01, siblings=(finer,))}


@_case("lod.bounds")
def rung_that_shrank() -> Any:
    expected = Expectation(level=1, siblings=(Sibling(0, 24, 0.0, _BOX_BOUNDS),))
    return model(box((1.0, 1.8, 0.5))), {"expectation": expected}


# --- files --------------------------------------------------------------------------------------


@_case("file.readable")
def not_a_glb() -> bytes:
    return b"solid box\nfacet normal 0 0 1\n"


@_case("file.readable")
def cut_off() -> bytes:
    return model_to_glb(model())[:-100]


@_case("file.readable")
def index_past_the_end() -> bytes:
    glb = read_glb(model_to_glb(bare(box())))
    body = bytearray(glb.bin)
    view = glb.json["bufferViews"][glb.json["accessors"][-1]["bufferView"]]
    body[view["byteOffset"] : view["byteOffset"] + 2] = b"\xf0\xf0"
    return join(Glb(glb.json, bytes(body)))


@_case("file.unsupported")
def morphing() -> bytes:
    def change(document: dict[str, Any]) -> None:
        primitive = document["meshes"][0]["primitives"][0]
        primitive["targets"] = [{"POSITION": primitive["attributes"]["POSITION"]}]

    return edited(model(), change)


@_case("file.too-large")
def one_mesh_drawn_by_thousands_of_nodes() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["nodes"] = [{"name": f"box_{i}", "mesh": 0} for i in range(20_000)]
        document["scenes"][0]["nodes"] = list(range(20_000))

    return edited(model(), change)


def main(folder: str) -> None:
    """Write all cases."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in RULE_OF:
        Path(folder, f"{name}.glb").write_bytes(case(name).glb)


if __name__ == "__main__":
    main(sys.argv[1])
