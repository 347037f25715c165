"""The smallest and the poorest meshes go through the ladder or are refused with a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trellis_assets.geometry import EmptyModel, build_lod, reduce, repair
from trellis_assets.geometry.ladder import Mode
from trellis_assets.gltf import Material, Mesh, Model, Part

from . import shapes

MODES: list[Mode] = ["auto", "preserve", "rebuild"]


def bare(count: int, *, flat: bool = False) -> Model:
    """So many triangles without normals, UVs or colours; ``flat``: without an area either."""
    rng = np.random.default_rng(count)
    points = rng.random((3 * count, 3)).astype(np.float32)
    if flat:
        points[:, 1:] = 0.0
    faces = np.arange(3 * count, dtype=np.uint32).reshape(-1, 3)
    return Model((Part(Mesh(points, faces), Material()),))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count", [1, 2])
def test_one_triangle_is_a_model(mode: Mode, count: int) -> None:
    master = repair(bare(count)).model
    lod0 = build_lod(master, None, triangles=100, texture_size=64, mode=mode)
    assert lod0.triangles == count
    rung = build_lod(master, lod0.model, triangles=50, texture_size=64)
    assert rung.triangles == count
    if lod0.route == "rebuilt":
        shapes.assert_valid(lod0.model)


@pytest.mark.parametrize("model", [Model(()), bare(0), bare(3, flat=True)])
def test_nothing_to_show_is_refused(model: Model) -> None:
    with pytest.raises(EmptyModel) as refusal:
        repair(model)
    assert refusal.value.fix
    with pytest.raises(EmptyModel):
        build_lod(model, None, triangles=100, texture_size=64, mode="rebuild")


@pytest.mark.parametrize("mode", MODES)
def test_no_rung_is_made_of_no_triangles(mode: Mode) -> None:
    with pytest.raises(EmptyModel):
        build_lod(bare(0), None, triangles=100, texture_size=64, mode=mode)


@pytest.mark.parametrize("missing", ["normals", "uvs", "colors"])
def test_collapses_keep_what_a_mesh_has_and_need_no_more(missing: str) -> None:
    points, faces = shapes.bumpy(3, seed=5)
    mesh = shapes.plain(points, faces).parts[0].mesh
    uvs = (points[:, :2] / 4 + 0.5).astype(np.float32)
    colors = np.tile(shapes.colour_of(points[:, :1]), (1, 4)).astype(np.float32)
    full = replace(mesh, uvs=uvs, colors=colors)
    poor = {
        "normals": replace(full, normals=None),
        "uvs": replace(full, uvs=None),
        "colors": replace(full, colors=None),
    }
    model = Model((Part(poor[missing], Material()),))
    found = reduce(repair(model).model, triangles=300).model
    assert 285 <= found.triangle_count <= 300
    result = found.parts[0].mesh
    assert result.normals is not None  # computed by the repair where there were none
    assert (result.uvs is None) == (missing == "uvs")
    assert (result.colors is None) == (missing == "colors")
    rows = {row.tobytes(): at for at, row in enumerate(points)}
    origin = [rows[row.tobytes()] for row in result.positions]
    if result.colors is not None:
        np.testing.assert_array_equal(result.colors, colors[origin])
