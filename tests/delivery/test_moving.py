"""Variants of a model that moves: it keeps what moves it, and what cannot hold that is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tests.moving_models import tube
from trellis_assets.delivery import (
    ENGINES,
    Budget,
    CollisionBudget,
    Rung,
    Variant,
    build_variant,
)
from trellis_assets.delivery.switching import switch_levels
from trellis_assets.geometry import reduce, what_moves
from trellis_assets.geometry.pose import key_poses, posed
from trellis_assets.gltf import Model, load_model, read_glb
from trellis_assets.textures import make_texture_set
from trellis_assets.validation import validate_glbs

from .models import AUTHORSHIP, target

BUDGETS = CollisionBudget(Budget(2, "house"), Budget(32, "house"))
ALL = {
    "geometry": "draco",
    "extensions": frozenset({"KHR_draco_mesh_compression", "MSFT_lod"}),
    "lod_file": True,
    "usdz": True,
    "impostor": True,
    "collision": BUDGETS,
}


@pytest.fixture(scope="module")
def rungs() -> list[Rung]:
    lod0 = reduce(tube(), triangles=800).model
    return [Rung("lod0", lod0), Rung("lod1", reduce(lod0, triangles=400).model)]


def variant(ladder: list[Rung], **values: Any) -> Variant:
    """Of LOD0 alone, if nothing else is said: it takes long to find where others take over."""
    return build_variant(
        asset_id="tube",
        profile=target(**{"rungs": 1, **values}),
        rungs=ladder,
        textures=make_texture_set(ladder[0].model, size=64),
        authorship=AUTHORSHIP,
    )


def left_out(found: Variant) -> dict[str, str]:
    return {one.where: one.severity for one in found.findings if one.rule == "delivery.left_out"}


def test_every_rung_keeps_bones_shapes_and_animations(rungs: list[Rung]) -> None:
    found = variant(rungs, rungs=2)
    assert found.ok
    assert left_out(found) == {}
    files = [found.files[file["path"]] for file in found.manifest["files"]]
    assert [(one.errors, one.warnings) for one in validate_glbs(files)] == [(0, 0)] * 2
    for data, rung in zip(files, rungs, strict=True):
        model = load_model(data)
        assert what_moves(model) == what_moves(rung.model) != ""
        assert model.rig is not None
        assert [node.name for node in model.rig.nodes] == ["armature", "lower", "upper", "hinge"]
        assert [part.name for part in model.parts] == [
            f"tube_LOD{0 if rung is rungs[0] else 1}_{index}" for index in range(2)
        ]


def test_a_packed_rung_poses_as_the_plain_one(rungs: list[Rung]) -> None:
    extensions = frozenset({"EXT_meshopt_compression", "KHR_mesh_quantization"})
    found = variant(rungs, geometry="meshopt", extensions=extensions)
    assert left_out(found) == {}
    data = found.files["tube_LOD0.glb"]
    assert len(data) < len(variant(rungs).files["tube_LOD0.glb"])
    (report,) = validate_glbs([data])
    assert (report.errors, report.warnings) == (0, 0)
    packed, plain = load_model(data), rungs[0].model
    for mine, theirs in zip(key_poses(packed, most=6), key_poses(plain, most=6), strict=True):
        pairs = zip(posed(packed, mine).parts, posed(plain, theirs).parts, strict=True)
        for one, other in pairs:
            off = cKDTree(other.mesh.positions).query(one.mesh.positions)[0]
            assert off.max() < 2.0 / 8192


@pytest.mark.parametrize("geometry", ["quantized", "meshopt"])
def test_parts_that_are_read_in_another_order_are_packed_each_as_itself(geometry: str) -> None:
    """The lid hangs on a bone and comes last in the file, whatever the order in the model."""
    model = tube(8, 12)
    rung = Rung("lod0", replace(model, parts=model.parts[::-1]))
    extensions = frozenset({"EXT_meshopt_compression", "KHR_mesh_quantization"})
    found = variant([rung], geometry=geometry, extensions=extensions)
    counts = {part.name: part.mesh.triangle_count for part in found.models[0].parts}
    assert counts == {"tube_LOD0_0": 2, "tube_LOD0_1": model.parts[0].mesh.triangle_count}
    written = load_model(found.files["tube_LOD0.glb"])
    assert counts == {part.name: part.mesh.triangle_count for part in written.parts}


def test_what_has_one_pose_is_left_out_and_said(rungs: list[Rung]) -> None:
    found = variant(rungs, **ALL)
    assert left_out(found) == {
        "geometry packing draco": "info",
        "impostor": "warning",
        "USDZ": "warning",
        "the file with all rungs": "warning",
    }
    assert set(found.files) == {
        "manifest.json",
        "tube_LOD0.glb",
        "tube_collision.glb",
    }
    assert [file["geometry"]["packing"] for file in found.manifest["files"]] == ["none"]
    hulls = load_model(found.files["tube_collision.glb"])
    assert not hulls.moves
    np.testing.assert_allclose(hulls.bounds()[1, 1], 2.1, atol=0.03)


@pytest.mark.parametrize(
    ("engine", "said", "files"),
    [
        ("unreal", {"collision hulls", "the import file for unreal"}, set()),
        ("godot", {"the import file for godot"}, {"tube_collision.glb"}),
        ("unity", set(), {"tube_collision.glb", "Editor/tube_LodGroup.cs"}),
        ("web", set(), {"tube_collision.glb", "tube.mjs"}),
    ],
)
def test_an_engine_gets_what_knows_bones(
    rungs: list[Rung], engine: str, said: set[str], files: set[str]
) -> None:
    found = variant(rungs, naming=ENGINES[engine], collision=BUDGETS)
    assert set(left_out(found)) == said
    paths = {file["path"] for file in found.manifest["files"]}
    beside = set(found.files) - paths - {"manifest.json"}
    assert {path for path in beside if not path.endswith(".png")} == files
    names = [node.get("name") for node in read_glb(found.files[min(paths)]).json["nodes"]]
    assert "upper" in names
    assert not any("UCX" in str(name) for name in names)


def test_the_web_module_hands_out_the_animations(rungs: list[Rung]) -> None:
    found = variant(rungs, naming=ENGINES["web"])
    assert b"lod.userData.animations = files.map" in found.files["tube.mjs"]
    still = [Rung(rung.label, _still(rung.model)) for rung in rungs]
    assert b"animations" not in variant(still, naming=ENGINES["web"]).files["tube.mjs"]


def test_a_rung_takes_over_where_no_pose_tells_it_apart(rungs: list[Rung]) -> None:
    moving = switch_levels([rung.model for rung in rungs])
    still = switch_levels([_still(rung.model) for rung in rungs])
    assert moving[1].error > 2.0 * still[1].error
    assert moving[1].shown_below <= still[1].shown_below


def _still(model: Model) -> Model:
    parts = tuple(
        replace(
            part,
            mesh=replace(part.mesh, joints=None, weights=None, targets=()),
            node=-1,
            skin=-1,
            shape=-1,
            shape_names=(),
        )
        for part in model.parts
    )
    return replace(model, parts=parts, rig=None)


def _tinted(model: Model) -> Model:
    first, second = model.parts
    material = replace(second.material, base_color_factor=(1.0, 0.2, 0.2, 1.0))
    return replace(model, parts=(first, replace(second, material=material)))
