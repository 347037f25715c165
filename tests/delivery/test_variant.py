from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from trellis_assets.delivery import (
    ENGINES,
    MANIFEST,
    Budget,
    DeliveryError,
    Rung,
    Variant,
    build_variant,
    same_size_for_all,
)
from trellis_assets.gltf import Image, Model, Part, load_model, read_glb
from trellis_assets.textures import CorruptTexture, SeveralMaterials, image_size, make_texture_set

from .models import AUTHORSHIP, flat, ladder, opened, paint, picture, sheet, target, waves


def build(material: Any = None, *, alpha: Any = "auto", **values: Any) -> Variant:
    """A variant of four rungs. Comparing their looks takes seconds: fewer where it says nothing."""
    given = material if material is not None else paint()
    rungs = values.pop("rungs_given", None) or ladder(given)
    reduce = values.pop("reduce", None)
    return build_variant(
        asset_id="oak_barrel",
        profile=target(**values),
        rungs=rungs,
        textures=make_texture_set(rungs[0].model, size=64, alpha=alpha),
        authorship=AUTHORSHIP,
        reduce=reduce,
    )


def models(variant: Variant) -> dict[str, Model]:
    return {name: load_model(data) for name, data in variant.files.items() if name.endswith(".glb")}


def test_every_rung_is_a_file_with_clean_names() -> None:
    variant = build()
    assert list(variant.files) == [*(f"oak_barrel_LOD{level}.glb" for level in range(4)), MANIFEST]
    for level, (_, model) in enumerate(models(variant).items()):
        assert model.triangle_count == 800 >> level
        assert [part.name for part in model.parts] == [f"oak_barrel_LOD{level}"]
        assert model.parts[0].material.name == "oak_barrel"
    assert variant.ok
    assert variant.findings == ()


def test_an_impostor_is_a_last_level_with_a_cut_out_atlas_of_its_own() -> None:
    variant = build(impostor=True)
    rungs = models(variant)
    level, last = list(rungs.items())[-1]
    # Two sides: the strip has no thickness to be seen from the right or the left.
    assert (level, last.triangle_count) == ("oak_barrel_LOD4.glb", 4)
    assert variant.manifest["files"][4]["origin"] == "impostor"
    assert [model.parts[0].material.alpha_mode for model in rungs.values()] == [
        *["OPAQUE"] * 4,
        "MASK",
    ]
    assert last.parts[0].material.name == "oak_barrel_1"
    assert opened(last.parts[0].material.base_color).shape[2] == 4
    assert variant.ok


def test_two_builds_are_byte_for_byte_equal() -> None:
    assert build(texture_format="jpeg").files == build(texture_format="jpeg").files


def test_textures_are_encoded_once_and_shared() -> None:
    hashes = [
        tuple(sha256(image.data).hexdigest() for image in model.parts[0].material.images().values())
        for model in models(build(texture_format="jpeg")).values()
    ]
    assert len(set(hashes)) == 1


@pytest.mark.parametrize(
    ("wish", "extensions", "allowed"),
    [
        ("png", [], {"image/png"}),
        ("jpeg", [], {"image/png", "image/jpeg"}),
        ("webp", [], {"image/png", "image/jpeg"}),
        ("webp", ["EXT_texture_webp"], {"image/png", "image/jpeg", "image/webp"}),
    ],
)
def test_no_extension_outside_the_allow_list(
    wish: str, extensions: list[str], allowed: set[str]
) -> None:
    cut_out = np.dstack([waves(64), np.full((64, 64), 255, np.uint8)])
    cut_out[:, :30, 3] = 0  # with alpha, JPEG is no choice
    ior = {"KHR_materials_ior": {"ior": 1.4}}
    material = paint(base_color=picture(cut_out), extensions=ior)
    variant = build(material, texture_format=wish, extensions=frozenset(extensions), rungs=2)
    for name, data in variant.files.items():
        if name.endswith(".glb"):
            content = read_glb(data).json
            assert set(content.get("extensionsUsed", [])) <= set(extensions)
            assert b"KHR_materials_ior" not in data
            assert {image["mimeType"] for image in content["images"]} <= allowed
    left_out = {finding.where for finding in variant.findings}
    assert "KHR_materials_ior" in left_out
    assert ("EXT_texture_webp" in left_out) == (wish == "webp" and not extensions)


def test_webp_is_written_where_it_is_read() -> None:
    rgba = np.dstack([waves(64), np.full((64, 64), 255, np.uint8)])
    rgba[:, :30, 3] = 0  # with alpha, JPEG is no choice
    material = paint(base_color=picture(rgba))
    variant = build(
        material, texture_format="webp", extensions=frozenset({"EXT_texture_webp"}), rungs=1
    )
    content = read_glb(variant.files["oak_barrel_LOD0.glb"]).json
    assert content["extensionsUsed"] == content["extensionsRequired"] == ["EXT_texture_webp"]
    assert "image/webp" in {image["mimeType"] for image in content["images"]}


def test_allowed_material_extensions_are_kept() -> None:
    material = paint(extensions={"KHR_materials_ior": {"ior": 1.4}})
    variant = build(material, extensions=frozenset({"KHR_materials_ior"}), rungs=1)
    loaded = models(variant)["oak_barrel_LOD0.glb"].parts[0].material
    assert loaded.extensions == {"KHR_materials_ior": {"ior": 1.4}}


def test_each_slot_has_its_own_size_and_unread_slots_are_left_out() -> None:
    sizes = {"base_color": Budget(32, "a"), "orm": Budget(16, "b")}
    material = paint(normal=picture(waves(64, 5)))
    variant = build(material, texture_size=sizes)
    loaded = models(variant)["oak_barrel_LOD2.glb"].parts[0].material.images()
    assert {slot: image_size(image) for slot, image in loaded.items()} == {
        "base_color": (32, 32),
        "orm": (16, 16),
    }
    assert [finding.where for finding in variant.findings] == ["normal"]


def test_plain_maps_become_factors() -> None:
    material = paint(
        base_color=flat(16, 188, 188, 188),
        orm=flat(16, 255, 51, 255),
        metallic_factor=0.5,
        emissive=flat(16, 255, 0, 0),
        emissive_factor=(0.5, 1.0, 1.0),
    )
    variant = build(material, rungs=1)
    loaded = models(variant)["oak_barrel_LOD0.glb"].parts[0].material
    assert loaded.images() == {}
    assert loaded.base_color_factor == pytest.approx((0.5029, 0.5029, 0.5029, 1), abs=1e-3)
    assert loaded.roughness_factor == pytest.approx(0.2)
    assert loaded.metallic_factor == pytest.approx(0.5)
    assert loaded.emissive_factor == pytest.approx((0.5, 0, 0))
    plain = ["base_color", "emissive", "normal", "orm"]
    assert variant.manifest["files"][0]["plain_slots"] == plain


def test_plain_occlusion_stays_a_map_and_a_bent_normal_too() -> None:
    material = paint(
        orm=flat(16, 90, 51, 255), occlusion=True, normal=flat(16, 180, 128, 230), base_color=None
    )
    loaded = models(build(material, rungs=1))["oak_barrel_LOD0.glb"].parts[0].material
    assert set(loaded.images()) == {"orm", "normal"}
    assert loaded.occlusion


def test_occlusion_is_kept_and_read_back() -> None:
    orm = waves(64, 3)
    variant = build(paint(orm=picture(orm), occlusion=True), rungs=2)
    loaded = models(variant)["oak_barrel_LOD1.glb"].parts[0].material
    assert loaded.occlusion
    assert loaded.orm is not None
    assert np.array_equal(opened(loaded.orm), orm)


def test_alpha_is_decided_by_what_is_covered_and_the_evidence_is_in_the_manifest() -> None:
    rgba = np.dstack([waves(64), np.full((64, 64), 255, np.uint8)])
    rgba[:, :30, 3] = 0
    material = paint(base_color=picture(rgba))
    loaded = models(build(material, rungs=1))["oak_barrel_LOD0.glb"].parts[0].material
    assert loaded.alpha_mode == "MASK"
    assert loaded.base_color is not None
    assert opened(loaded.base_color).shape[2] == 4
    opaque = build(material, alpha="OPAQUE", rungs=1)
    loaded = models(opaque)["oak_barrel_LOD0.glb"].parts[0].material
    assert (loaded.alpha_mode, opened(loaded.base_color).shape[2]) == ("OPAQUE", 3)
    assert opaque.manifest["alpha"]["histogram"][0] == 30 * 64


def test_a_rung_with_its_own_atlas_keeps_it_at_the_targets_size() -> None:
    own = paint(256)
    rungs = [*ladder(paint())[:3], Rung("lod3", sheet(100, own))]
    loaded = models(build(rungs_given=rungs))
    first = loaded["oak_barrel_LOD0.glb"].parts[0].material
    last = loaded["oak_barrel_LOD3.glb"].parts[0].material
    assert last.base_color is not None
    assert image_size(last.base_color) == (64, 64)
    expected = make_texture_set(sheet(100, own), size=64).images["base_color"]
    assert np.array_equal(opened(last.base_color), opened(expected))
    assert not np.array_equal(opened(last.base_color), opened(first.base_color))
    assert last.name == "oak_barrel_1"


def test_a_rungs_own_atlas_has_the_texels_that_are_seen_where_it_is_shown() -> None:
    rungs = [*ladder(paint())[:3], Rung("lod3", sheet(100, paint(1024, seed=2)))]
    variant = build(rungs_given=rungs, texture_size=same_size_for_all(1024, "sheet"))
    shown = variant.manifest["levels"][3]["shown_below"]
    last = models(variant)["oak_barrel_LOD3.glb"].parts[0].material
    assert last.base_color is not None
    side = image_size(last.base_color)[0]
    assert shown < 0.1  # it looks unlike the master
    assert side / 2 < max(3 * 1080 * shown, 256) <= side


def test_a_rung_is_reduced_only_where_the_ladder_has_none() -> None:
    material = paint()
    asked: list[int] = []

    def reduce(triangles: int) -> Model:
        asked.append(triangles)
        return sheet(triangles, material)

    variant = build(material, triangles=Budget(300, "x"), rungs=2, reduce=reduce)
    assert asked == [300, 150]
    assert [file["origin"] for file in variant.manifest["files"]] == ["reduced", "reduced"]


def test_textures_shrink_until_the_file_fits_base_color_last() -> None:
    rng = np.random.default_rng(1)
    noisy = [picture(rng.integers(0, 256, (256, 256, 3), np.uint8)) for _ in range(2)]
    material = paint(base_color=picture(waves(256)), orm=noisy[0], normal=noisy[1])
    rungs = ladder(material, 200)
    values: dict[str, Any] = {
        "triangles": Budget(200, "x"),
        "texture_size": same_size_for_all(256, "sheet"),
        "rungs": 1,
    }

    def make(**more: Any) -> Variant:
        return build_variant(
            asset_id="oak_barrel",
            profile=target(**values, **more),
            rungs=rungs,
            textures=make_texture_set(rungs[0].model, size=256),
            authorship=AUTHORSHIP,
        )

    full = len(make().files["oak_barrel_LOD0.glb"])
    variant = make(file_bytes=Budget(full // 2, "commerce"))
    assert variant.ok
    assert len(variant.files["oak_barrel_LOD0.glb"]) <= full // 2
    sizes = {t["slot"]: t["width"] for t in variant.manifest["files"][0]["textures"]}
    assert sizes == {"base_color": 256, "orm": 128, "normal": 128}
    assert [f.rule for f in variant.findings] == ["delivery.texture_size"]
    gpu = make(gpu_bytes=Budget(3 * 128 * 128 * 4 * 4 // 3 + 100, "rank"))
    assert gpu.ok
    assert gpu.manifest["files"][0]["texture_gpu_bytes"] <= 3 * 128 * 128 * 4 * 4 // 3 + 100


def test_colour_quality_gives_way_before_texels_do() -> None:
    rng = np.random.default_rng(2)
    grainy = np.clip(waves(128) + rng.normal(0, 6, (128, 128, 3)), 0, 255).astype(np.uint8)
    rungs = ladder(paint(base_color=picture(grainy), orm=None), 100)
    textures = make_texture_set(rungs[0].model, size=128)

    def make(**values: Any) -> Variant:
        return build_variant(
            asset_id="oak_barrel",
            profile=target(
                triangles=Budget(100, "x"),
                texture_size=same_size_for_all(128, "sheet"),
                texture_format="jpeg",
                rungs=1,
                **values,
            ),
            rungs=rungs,
            textures=textures,
            authorship=AUTHORSHIP,
        )

    good = make()
    tight = make(file_bytes=Budget(len(good.files["oak_barrel_LOD0.glb"]) + 5_000, "commerce"))
    (texture,) = tight.manifest["files"][0]["textures"]
    assert tight.ok
    assert texture["width"] == 128
    assert 34 <= texture["psnr_db"] < 38 <= good.manifest["files"][0]["textures"][0]["psnr_db"]
    assert "colour quality floor 38 -> 34 dB" in tight.findings[0].message


def test_a_budget_that_cannot_be_met_is_a_finding_with_numbers() -> None:
    rungs = ladder(paint(256))
    variant = build_variant(
        asset_id="oak_barrel",
        profile=target(
            texture_size=same_size_for_all(256, "sheet"),
            file_bytes=Budget(5_000, "commerce"),
            max_materials=Budget(0, "engine"),
            rungs=2,
        ),
        rungs=rungs,
        textures=make_texture_set(rungs[0].model, size=256),
        authorship=AUTHORSHIP,
    )
    assert not variant.ok
    assert {finding.severity for finding in variant.findings} == {"error"}  # in every rung
    found = {finding.rule: finding for finding in variant.findings if finding.where[:4] == "LOD0"}
    assert set(found) == {"budget.file-bytes", "budget.materials"}
    size = found["budget.file-bytes"]
    assert size.measured == len(variant.files["oak_barrel_LOD0.glb"])
    assert (size.limit, size.source, size.severity) == (5_000, "commerce", "error")
    assert size.fix
    assert size.why
    # the mesh alone is too large, so the textures were not sacrificed for nothing
    assert variant.manifest["files"][0]["textures"][0]["width"] == 256


def test_the_file_with_all_rungs_has_to_fit_as_well() -> None:
    rng = np.random.default_rng(1)
    noisy = picture(rng.integers(0, 256, (256, 256, 3), np.uint8))
    rungs = ladder(paint(base_color=picture(waves(256)), orm=noisy))

    def make(**more: Any) -> Variant:
        return build_variant(
            asset_id="oak_barrel",
            profile=target(
                texture_size=same_size_for_all(256, "sheet"),
                extensions=frozenset({"MSFT_lod"}),
                lod_file=True,
                **more,
            ),
            rungs=rungs,
            textures=make_texture_set(rungs[0].model, size=256),
            authorship=AUTHORSHIP,
        )

    full = make().files
    between = (len(full["oak_barrel_LOD0.glb"]) + len(full["oak_barrel.glb"])) // 2 + 9_000
    variant = make(file_bytes=Budget(between, "commerce"))
    assert variant.ok
    assert len(full["oak_barrel_LOD0.glb"]) + 9_000 < between < len(full["oak_barrel.glb"])
    assert [finding.rule for finding in variant.findings] == ["delivery.texture_size"]
    lines = {line["file"]: line for line in variant.manifest["budgets"] if "bytes" in line["name"]}
    assert set(lines) == set(variant.files) - {MANIFEST}
    assert lines["oak_barrel.glb"]["measured"] == len(variant.files["oak_barrel.glb"]) <= between


def test_too_many_triangles_are_an_error_at_lod0_only() -> None:
    variant = build(triangles=Budget(200, "x"), rungs_given=ladder(paint())[:2], rungs=1)
    assert [(f.rule, f.severity, f.measured) for f in variant.findings] == [
        ("budget.triangles", "error", 400)
    ]


def test_vertices_are_counted_where_the_target_does() -> None:
    variant = build(vertices=Budget(500, "uefn"), rungs=2)
    assert [(f.rule, f.where[:4]) for f in variant.findings] == [("budget.vertices", "LOD0")]


def test_parts_with_equal_materials_share_one() -> None:
    model = sheet(100, paint())
    other = replace(model.parts[0].material, name="copy")
    both = replace(model, parts=(model.parts[0], Part(model.parts[0].mesh, other)))
    variant = build(rungs_given=[Rung("lod0", both)], rungs=1)
    loaded = models(variant)["oak_barrel_LOD0.glb"]
    assert [part.name for part in loaded.parts] == ["oak_barrel_LOD0_0", "oak_barrel_LOD0_1"]
    assert len(read_glb(variant.files["oak_barrel_LOD0.glb"]).json["materials"]) == 1


def test_parts_with_different_textures_are_refused() -> None:
    first, second = sheet(100, paint()), sheet(50, paint(seed=4))
    mixed = Model(parts=first.parts + second.parts)
    with pytest.raises(SeveralMaterials):
        build_variant(
            asset_id="oak_barrel",
            profile=target(),
            rungs=[Rung("lod0", mixed)],
            textures=make_texture_set(first, size=64),
            authorship=AUTHORSHIP,
        )


def test_a_broken_texture_is_named() -> None:
    broken = paint(8, orm=Image(b"\x89PNG\r\n\x1a\nnothing", "image/png"))
    rungs = [*ladder(paint())[:3], Rung("lod3", sheet(100, broken))]
    with pytest.raises(CorruptTexture, match="orm texture"):
        build(rungs_given=rungs)


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_every_engine_gets_its_names(engine: str) -> None:
    naming = ENGINES[engine]
    variant = build(naming=naming, rungs=2)
    name = naming.file_name("oak_barrel", 1)
    assert name in variant.files
    loaded = load_model(variant.files[name])
    assert loaded.parts[0].name == naming.node_name("oak_barrel", 1)
    assert loaded.parts[0].material.name == naming.material_name("oak_barrel")
    assert variant.manifest["engine"]["name"] == engine


def test_the_authorship_record_is_in_every_file() -> None:
    variant = build()
    for name, data in variant.files.items():
        if name.endswith(".glb"):
            extras = read_glb(data).json["asset"]["extras"]
            assert extras["authorship"] == variant.manifest["authorship"]
            assert extras["authorship"]["seed"] == 7
            assert extras["authorship"]["digital_source_type"].endswith("trainedAlgorithmicMedia")


def test_unknown_authorship_fields_never_get_out() -> None:
    rungs = ladder(paint())
    with pytest.raises(DeliveryError, match="unknown fields: api_key"):
        build_variant(
            asset_id="oak_barrel",
            profile=target(),
            rungs=rungs,
            textures=make_texture_set(rungs[0].model, size=64),
            authorship={"api_key": "secret"},
        )


def test_the_manifest_file_is_the_manifest() -> None:
    variant = build()
    assert json.loads(variant.files[MANIFEST]) == variant.manifest
