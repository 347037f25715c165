from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdShade, UsdValidation

from trellis_assets.delivery import ENGINES, Budget, DeliveryError, Variant, build_variant
from trellis_assets.delivery.usdz import usdz_file
from trellis_assets.textures import make_texture_set

from .models import AUTHORSHIP, ladder, paint, picture, target, waves


def build(**values: Any) -> Variant:
    options = {"texture_format": "jpeg", "rungs": 1, "usdz": True, **values}
    bumps = picture(waves(64, 5))
    rungs = ladder(paint(normal=bumps, roughness_factor=0.5))
    return build_variant(
        asset_id="oak-barrel",
        profile=target(naming=ENGINES["web"], **options),
        rungs=rungs,
        textures=make_texture_set(rungs[0].model, size=64),
        authorship=AUTHORSHIP,
    )


@pytest.fixture(scope="module")
def variant() -> Variant:
    return build()


@pytest.fixture
def stage(variant: Variant, tmp_path: Path) -> Any:
    file = tmp_path / "thing.usdz"
    file.write_bytes(variant.files["oak-barrel.usdz"])
    return Usd.Stage.Open(str(file))


def test_all_validators_of_usd_pass(stage: Any) -> None:
    registry = UsdValidation.ValidationRegistry()
    validators = registry.GetOrLoadAllValidators()
    assert "usdUtilsValidators:UsdzPackageValidator" in [
        one.GetMetadata().name for one in validators
    ]
    found = UsdValidation.ValidationContext(validators).Validate(stage)
    assert [error.GetMessage() for error in found] == []


def test_the_mesh_is_the_rung_in_metres_with_the_record(variant: Variant, stage: Any) -> None:
    assert UsdGeom.GetStageUpAxis(stage) == "Y"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    (mesh,) = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]
    shape, lod0 = UsdGeom.Mesh(mesh), variant.models[0].parts[0].mesh
    assert np.allclose(shape.GetPointsAttr().Get(), lod0.positions)
    assert len(shape.GetFaceVertexCountsAttr().Get()) == lod0.triangle_count
    uvs = UsdGeom.PrimvarsAPI(mesh).GetPrimvar("st").Get()
    assert lod0.uvs is not None
    assert np.allclose(uvs, lod0.uvs * [1, -1] + [0, 1])
    record = stage.GetRootLayer().customLayerData["authorship"]
    assert record["digital_source_type"].endswith("trainedAlgorithmicMedia")


def test_maps_are_read_in_the_channels_and_spaces_of_gltf(stage: Any) -> None:
    shaders = {
        prim.GetName(): UsdShade.Shader(prim)
        for prim in stage.Traverse()
        if prim.IsA(UsdShade.Shader)
    }
    surface = shaders["surface"]
    read = {
        one.GetBaseName(): one.GetConnectedSources()[0][0].sourceName
        for one in surface.GetInputs()
        if one.HasConnectedSource()
    }
    assert read == {"diffuseColor": "rgb", "roughness": "g", "metallic": "b", "normal": "rgb"}
    space = {name: one.GetInput("sourceColorSpace").Get() for name, one in shaders.items()}
    assert (space["base_color"], space["orm"], space["normal"]) == ("sRGB", "raw", "raw")
    assert tuple(shaders["orm"].GetInput("scale").Get()) == (1.0, 0.5, 1.0, 1.0)


def test_its_bytes_count_like_a_rungs() -> None:
    variant = build(file_bytes=Budget(5_000, "commerce"))
    size = len(variant.files["oak-barrel.usdz"])
    assert {
        "file": "oak-barrel.usdz",
        "name": "file_bytes",
        "measured": size,
        "limit": 5_000,
        "met": False,
        "source": "commerce",
    } in variant.manifest["budgets"]
    (finding,) = [one for one in variant.findings if one.where == "oak-barrel.usdz"]
    assert (finding.rule, finding.severity, finding.measured) == (
        "budget.file-bytes",
        "error",
        size,
    )


def test_the_same_model_gives_the_same_bytes(variant: Variant) -> None:
    assert build().files == variant.files


def test_webp_textures_are_refused(variant: Variant) -> None:
    with pytest.raises(DeliveryError, match="ask the profile for png or jpeg"):
        usdz_file(ladder(paint())[0].model)


def test_without_the_library_the_fix_names_the_extra(
    variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pxr", None)
    with pytest.raises(DeliveryError, match=r"trellis-assets\[usd\]"):
        usdz_file(variant.models[0])
