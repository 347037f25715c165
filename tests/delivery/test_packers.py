"""What each engine gets beside its GLBs, read with a parser of its language where there is one."""

from __future__ import annotations

import io
import json
import re
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
import tree_sitter_c_sharp
from jsonschema import Draft202012Validator
from PIL import Image
from tree_sitter import Language, Node, Parser

from trellis_assets.delivery import (
    ENGINES,
    MANIFEST,
    Budget,
    CollisionBudget,
    DeliveryError,
    Variant,
    build_variant,
    manifest_schema,
)
from trellis_assets.gltf import load_model, read_glb
from trellis_assets.textures import make_texture_set
from trellis_assets.validation import validate_glbs

from .models import AUTHORSHIP, ladder, opened, paint, picture, target, waves

HULLS = CollisionBudget(Budget(2, "house"), Budget(16, "house"))


def build(engine: str, **values: Any) -> Variant:
    material = values.pop("material", None) or paint()
    rungs = ladder(material)
    options = {"collision": HULLS, **values}
    return build_variant(
        asset_id="oak_barrel",
        profile=target(name=f"{engine}.prop", naming=ENGINES[engine], **options),
        rungs=rungs,
        textures=make_texture_set(rungs[0].model, size=64),
        authorship=AUTHORSHIP,
    )


@pytest.fixture(scope="module", params=sorted(ENGINES))
def variant(request: pytest.FixtureRequest) -> Variant:
    return build(request.param)


def test_the_manifest_lists_every_file_with_its_hash(variant: Variant) -> None:
    manifest = json.loads(variant.files[MANIFEST])
    Draft202012Validator(manifest_schema()).validate(manifest)
    listed = {one["path"]: one for one in (*manifest["files"], *manifest["sidecars"])}
    assert set(listed) | {MANIFEST} == set(variant.files)
    for path, one in listed.items():
        assert one["sha256"] == sha256(variant.files[path]).hexdigest()
        assert one["bytes"] == len(variant.files[path])


def test_no_file_has_a_placeholder_left(variant: Variant) -> None:
    for path, data in variant.files.items():
        if not path.endswith((".glb", ".png")):
            assert not re.search(r"@[a-z_]+@", data.decode()), path


def test_every_glb_is_valid(variant: Variant) -> None:
    glbs = {path: data for path, data in variant.files.items() if path.endswith(".glb")}
    reports = validate_glbs(list(glbs.values()))
    assert [report.messages for report in reports if report.errors or report.warnings] == []


def test_building_again_gives_the_same_bytes(variant: Variant) -> None:
    assert build(variant.manifest["engine"]["name"]).files == variant.files


def test_unity_gets_a_script_that_parses_and_builds_a_lod_group() -> None:
    variant = build("unity")
    source = variant.files["Editor/oak_barrel_LodGroup.cs"]
    tree = Parser(Language(tree_sitter_c_sharp.language())).parse(source)
    assert not tree.root_node.has_error
    (space,) = _named(tree.root_node, "namespace_declaration")
    assert space == "TrellisAssets.oak_barrel_unity_prop"  # its own: variants never collide
    text = source.decode()
    rungs = [file["path"] for file in variant.manifest["files"]]
    assert "{ " + ", ".join(f'"{rung}"' for rung in rungs) + " }" in text
    found = re.search(r"Heights = \{ (.*) \}", text)
    assert found
    heights = [float(value.rstrip("f")) for value in found[1].split(", ")]
    assert len(heights) == len(rungs)
    assert heights == sorted(heights, reverse=True)
    sides = np.ptp(variant.models[0].bounds(), axis=0)
    side = sides.max() / np.linalg.norm(sides)
    assert heights[0] == pytest.approx(
        variant.manifest["levels"][0]["hidden_below"] * side, abs=2e-4
    )


def _named(root: Node, kind: str) -> list[str]:
    found = [] if root.type != kind else [root.child_by_field_name("name")]
    names = [one.text.decode() for one in found if one is not None and one.text]
    return names + [name for child in root.children for name in _named(child, kind)]


def test_unitys_mask_map_has_metalness_occlusion_and_smoothness() -> None:
    orm = waves(64, 3)
    variant = build("unity", material=paint(orm=picture(orm), occlusion=True))
    mask = np.asarray(Image.open(io.BytesIO(variant.files["oak_barrel_MaskMap.png"])))
    assert mask.shape == (64, 64, 4)
    assert np.array_equal(mask[..., 0], orm[..., 2])
    assert np.array_equal(mask[..., 1], orm[..., 0])
    assert np.array_equal(mask[..., 3], 255 - orm[..., 1])
    assert not mask[..., 2].any()
    bare = build("unity", material=paint(orm=None))
    assert "oak_barrel_MaskMap.png" not in bare.files


def test_unreal_gets_a_script_that_compiles_and_hulls_in_lod0() -> None:
    variant = build("unreal")
    source = variant.files["import_oak_barrel.py"].decode()
    names: dict[str, Any] = {}
    constants = "\n".join(re.findall(r"^[A-Z_]+ = .*$", source, re.MULTILINE))
    exec(compile(constants, "constants", "exec"), names)  # noqa: S102  # our own file
    compile(source, "import_oak_barrel.py", "exec")
    assert names["RUNGS"] == [file["path"] for file in variant.manifest["files"]]
    assert names["SCREEN_SIZES"] == [one["shown_below"] for one in variant.manifest["levels"]]
    first = read_glb(variant.files["SM_oak_barrel_LOD0.glb"]).json
    hulls = len(variant.manifest["collision"]["hulls"])
    assert [node["name"] for node in first["nodes"]] == [
        "SM_oak_barrel_LOD0",
        *(f"UCX_SM_oak_barrel_LOD0_{index:02d}" for index in range(hulls)),
    ]
    assert "UCX_" not in str(read_glb(variant.files["SM_oak_barrel_LOD1.glb"]).json["nodes"])
    # what is counted against budgets and drawn is the rung alone
    assert variant.manifest["files"][0]["triangles"] == 800


def test_godot_gets_a_scene_whose_ranges_meet() -> None:
    variant = build("godot")
    scene = variant.files["oak_barrel.tscn"].decode()
    resources = re.findall(r'\[ext_resource type="PackedScene" path="(.*)" id="(\d)"\]', scene)
    rungs = [file["path"] for file in variant.manifest["files"]]
    assert resources == [
        *((path, str(index)) for index, path in enumerate(rungs)),
        ("oak_barrel_collision.glb", "4"),
    ]
    for level, path in enumerate(rungs):  # the override names the node that is in the file
        (node,) = read_glb(variant.files[path]).json["nodes"]
        assert f'[node name="{node["name"]}" parent="lod{level}" index="0"]' in scene
    ends = re.findall(r"visibility_range_end = (.*)", scene)
    begins = re.findall(r"visibility_range_begin = (.*)", scene)
    assert begins == ends[:-1]
    assert [float(end) for end in ends] == sorted(float(end) for end in ends)
    hulls = read_glb(variant.files["oak_barrel_collision.glb"]).json["nodes"]
    assert all(node["name"].endswith("-convcolonly") for node in hulls)


def test_roblox_gets_the_importers_settings_and_no_hulls() -> None:
    variant = build("roblox", rungs=1)
    settings = json.loads(variant.files["oak_barrel_import.json"])
    assert settings["file"] in variant.files
    width = float(np.ptp(variant.models[0].bounds(), axis=0)[0])
    assert settings["importer"]["Scale Unit"] == "Meter"
    assert settings["size_in_studs"][0] == pytest.approx(width / 0.28, abs=1e-3)
    assert variant.manifest["collision"] is None


def test_one_file_holds_all_rungs_through_msft_lod() -> None:
    variant = build("web", lod_file=True, extensions=frozenset({"MSFT_lod"}))
    document = read_glb(variant.files["oak_barrel.glb"]).json
    assert document["extensionsUsed"] == ["MSFT_lod"]
    assert "extensionsRequired" not in document
    assert document["scenes"][0]["nodes"] == [0]
    finest = document["nodes"][0]
    assert finest["extensions"]["MSFT_lod"]["ids"] == [1, 2, 3]
    coverages = finest["extras"]["MSFT_screencoverage"]
    assert len(coverages) == 4
    assert coverages == sorted(coverages, reverse=True)
    assert len(document["images"]) == len(
        read_glb(variant.files["oak_barrel_lod0.glb"]).json["images"]
    )
    assert load_model(variant.files["oak_barrel.glb"]).triangle_count == 800
    (report,) = validate_glbs([variant.files["oak_barrel.glb"]])
    assert report.errors == 0


def test_an_extension_the_engine_does_not_read_is_refused() -> None:
    with pytest.raises(DeliveryError, match="EXT_texture_webp, which unreal is not known to read"):
        build("unreal", extensions=frozenset({"EXT_texture_webp"}))
    with pytest.raises(DeliveryError, match="does not allow MSFT_lod"):
        build("web", lod_file=True)


def test_pictures_of_the_rungs_are_not_of_the_hulls() -> None:
    variant = build("unreal")
    assert [model.triangle_count for model in variant.models] == [800, 400, 200, 100]
    assert opened(variant.models[0].parts[0].material.base_color).shape[:2] == (64, 64)
