"""Variants with packed geometry and KTX2: read back, measured, and never more than is asked for."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from trellis_assets.catalog import Profile
from trellis_assets.delivery import Variant, build_variant, manifest_schema
from trellis_assets.gltf import GEOMETRY_EXTENSIONS, Geometry, load_model, read_glb
from trellis_assets.previews import render
from trellis_assets.textures import make_texture_set
from trellis_assets.validation import measure_model, validate_glbs

from .models import AUTHORSHIP, ladder, paint, target

WEB = frozenset({*GEOMETRY_EXTENSIONS["meshopt"], "KHR_texture_basisu"})


def build(**values: Any) -> Variant:
    rungs = ladder(paint())
    return build_variant(
        asset_id="oak_barrel",
        profile=target(**values),
        rungs=rungs,
        textures=make_texture_set(rungs[0].model, size=64),
        authorship=AUTHORSHIP,
    )


def glbs(variant: Variant) -> dict[str, bytes]:
    return {name: data for name, data in variant.files.items() if name.endswith(".glb")}


@pytest.mark.parametrize("how", ["quantized", "meshopt", "draco"])
def test_packed_rungs_come_back_and_their_error_is_in_the_manifest(how: Geometry) -> None:
    plain = build(rungs=2)
    variant = build(geometry=how, extensions=frozenset(GEOMETRY_EXTENSIONS[how]), rungs=2)
    assert variant.ok
    for (name, data), file in zip(glbs(variant).items(), variant.manifest["files"], strict=True):
        model = load_model(data)
        assert set(file["extensions"]) == set(GEOMETRY_EXTENSIONS[how])
        assert file["triangles"] == model.triangle_count
        assert file["vertices"] == model.vertex_count
        assert file["geometry"]["packing"] == how
        assert 0 < file["geometry"]["position_error_m"] < 2.3 / 8192
        assert file["geometry"]["uv_error_texels"] <= 0.5
        assert len(data) < len(plain.files[name])
    jsonschema.validate(json.loads(variant.files["manifest.json"]), manifest_schema())
    assert all(report.valid for report in validate_glbs(list(glbs(variant).values())))


def test_a_target_that_does_not_read_the_packing_gets_plain_geometry_and_is_told() -> None:
    variant = build(geometry="meshopt", extensions=frozenset({"KHR_mesh_quantization"}), rungs=1)
    (data,) = glbs(variant).values()
    assert "extensionsUsed" not in read_glb(data).json
    assert "meshopt" in {finding.where for finding in variant.findings}


def test_ktx2_and_meshopt_together() -> None:
    variant = build(texture_format="ktx2", geometry="meshopt", extensions=WEB, rungs=2)
    content = read_glb(variant.files["oak_barrel_LOD0.glb"]).json
    assert content["extensionsUsed"] == content["extensionsRequired"] == sorted(WEB)
    for texture in content["textures"]:
        assert "source" not in texture  # no fallback
        assert set(texture["extensions"]) == {"KHR_texture_basisu"}
    assert {image["mimeType"] for image in content["images"]} == {"image/ktx2"}
    file = variant.manifest["files"][0]
    orm = next(texture for texture in file["textures"] if texture["slot"] == "orm")
    assert orm["chroma"] == "UASTC"
    assert orm["gpu_bytes"] == pytest.approx(64 * 64 * 4 / 3, rel=0.01)
    assert variant.manifest["source_textures"]["gpu_bytes"] > 3 * file["texture_gpu_bytes"]
    shipped = variant.files["oak_barrel_LOD0.glb"]
    counted = measure_model(load_model(shipped), file_bytes=len(shipped)).gpu_bytes
    assert counted == file["texture_gpu_bytes"], "a check of the file counts as the manifest does"
    jsonschema.validate(json.loads(variant.files["manifest.json"]), manifest_schema())
    picture = render(load_model(variant.files["oak_barrel_LOD0.glb"]), size=48)
    plain = render(load_model(build(rungs=1).files["oak_barrel_LOD0.glb"]), size=48)
    assert abs(picture[..., :3].astype(int) - plain[..., :3]).mean() < 3


def test_a_profile_that_asks_for_what_it_does_not_read_is_refused() -> None:
    limits = {"limit": 100, "source": "house"}
    fields: dict[str, Any] = {
        "title": "x", "triangles": limits, "texture_size": limits, "materials": limits
    }  # fmt: skip
    with pytest.raises(ValueError, match="geometry draco needs KHR_draco_mesh_compression"):
        Profile(**fields, geometry="draco")
    with pytest.raises(ValueError, match="texture_format ktx2 needs KHR_texture_basisu"):
        Profile(**fields, texture_format="ktx2")
