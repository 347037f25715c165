from __future__ import annotations

import copy
import json
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from trellis_assets.delivery import (
    MANIFEST,
    Budget,
    NodeRecord,
    Variant,
    asset_report,
    authorship_record,
    build_variant,
    manifest_bytes,
    manifest_schema,
    report_schema,
)
from trellis_assets.finding import Finding
from trellis_assets.gltf import load_model
from trellis_assets.textures import gpu_bytes, image_size, make_texture_set

from .models import AUTHORSHIP, ladder, paint, target

WAIVER = {
    "rule": "uv.overlap", "asset": "oak_*", "profile": None, "step": "lod0", "node": None,
    "owner": "jane", "reason": "mirrored on purpose", "expires": "2027-03-01",
}  # fmt: skip


@pytest.fixture(scope="module")
def variant() -> Variant:
    rungs = ladder(paint())
    return build_variant(
        asset_id="oak_barrel",
        profile=target(texture_format="jpeg", file_bytes=Budget(9_000, "commerce")),
        rungs=rungs,
        textures=make_texture_set(rungs[0].model, size=64),
        authorship=AUTHORSHIP,
        tools={"meshoptimizer": "0.2.30a0"},
        code_version="abc123",
        waivers=[WAIVER],
    )


@pytest.mark.parametrize("schema", [manifest_schema(), report_schema()])
def test_the_schemas_are_valid_schemas(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


def test_the_manifest_validates(variant: Variant) -> None:
    written = json.loads(variant.files[MANIFEST])
    Draft202012Validator(manifest_schema()).validate(written)
    assert written["waivers"] == [WAIVER]
    assert written["findings"]  # a missed budget is in it, so that part is checked too


@pytest.mark.parametrize(
    "break_it",
    [
        lambda m: m.pop("authorship"),
        lambda m: m.update(version=1),
        lambda m: m.update(asset_id="../etc"),
        lambda m: m.update(extra=1),
        lambda m: m["files"][0].update(path="a/b.glb"),
        lambda m: m["files"][0].update(sha256="xyz"),
        lambda m: m["files"][0]["textures"][0].update(slot="diffuse"),
        lambda m: m["authorship"].update(seed="seven"),
        lambda m: m["budgets"][0].update(source=""),
        lambda m: m["findings"][0].pop("fix"),
        lambda m: m.pop("waivers"),
        lambda m: m["waivers"][0].pop("owner"),
    ],
)
def test_the_schema_refuses_a_broken_manifest(variant: Variant, break_it: Any) -> None:
    manifest = copy.deepcopy(json.loads(variant.files[MANIFEST]))
    break_it(manifest)
    assert not Draft202012Validator(manifest_schema()).is_valid(manifest)


def test_hashes_sizes_and_counts_are_those_of_the_files(variant: Variant) -> None:
    listed = {file["path"]: file for file in variant.manifest["files"]}
    assert set(listed) | {MANIFEST} == set(variant.files)
    for path, file in listed.items():
        data = variant.files[path]
        model = load_model(data)
        assert file["sha256"] == sha256(data).hexdigest()
        assert file["bytes"] == len(data)
        assert (file["triangles"], file["vertices"]) == (model.triangle_count, model.vertex_count)
        assert np.allclose([file["bounds"]["min"], file["bounds"]["max"]], model.bounds())
        images = model.parts[0].material.images()
        assert {texture["slot"] for texture in file["textures"]} == set(images)
        for texture in file["textures"]:
            image = images[texture["slot"]]
            assert texture["sha256"] == sha256(image.data).hexdigest()
            assert (texture["width"], texture["height"]) == image_size(image)
            assert (texture["mime"], texture["bytes"]) == (image.mime, len(image.data))
            assert texture["gpu_bytes"] == gpu_bytes(*image_size(image))


def test_budgets_say_what_was_measured_and_where_the_limit_comes_from(variant: Variant) -> None:
    lines = [line for line in variant.manifest["budgets"] if line["file"].endswith("LOD1.glb")]
    found = {line["name"]: line for line in lines}
    assert set(found) == {"triangles", "materials", "texture_size", "file_bytes"}
    assert found["triangles"] == {
        "file": "oak_barrel_LOD1.glb",
        "name": "triangles",
        "measured": 400,
        "limit": 400,
        "met": True,
        "source": "house",
    }
    assert all(line["met"] == (line["measured"] <= line["limit"]) for line in lines)


def test_versions_are_recorded(variant: Variant) -> None:
    assert variant.manifest["code_version"] == "abc123"
    tools = {"meshoptimizer", "numpy", "opencv-python-headless", "pillow", "trellis-assets"}
    assert set(variant.manifest["tools"]) == tools


def test_equal_manifests_are_equal_bytes(variant: Variant) -> None:
    turned = dict(reversed(list(variant.manifest.items())))
    assert manifest_bytes(turned) == variant.files[MANIFEST]


def test_the_embedded_generator_is_not_called_trained() -> None:
    record = authorship_record({"generator": "embedded"})
    assert record["digital_source_type"].endswith("/algorithmicMedia")
    given = authorship_record({"digital_source_type": "http://cv.iptc.org/newscodes/x/y"})
    assert given["digital_source_type"].endswith("x/y")


def test_a_report_of_an_asset_validates(variant: Variant) -> None:
    hole = Finding("mesh.watertight", "warning", "lod0.glb", "3 edges", "holes", "close them")
    shown = {**hole.as_json(), "picture": "previews/findings/lod0/mesh.watertight.png"}
    report = asset_report(
        asset_id="oak_barrel",
        nodes=[NodeRecord("lod0", "f1", "ab" * 32, 1234, file="lod0.glb", seconds=1.5)],
        findings=[*(finding.as_json() for finding in variant.findings), shown],
        waivers=variant.manifest["waivers"],
        variants={"pc.prop": variant.manifest},
        authorship=variant.manifest["authorship"],
    )
    Draft202012Validator(report_schema()).validate(report)
    assert report["variants"][0]["triangles"] == [800, 400, 200, 100]
    assert report["variants"][0]["budgets_missed"] == sum(
        not line["met"] for line in variant.manifest["budgets"]
    )
    report["nodes"][0]["output_sha256"] = "short"
    assert not Draft202012Validator(report_schema()).is_valid(report)
