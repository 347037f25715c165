"""A model that is there: who is said to have made it, what a replaced or hostile file does."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tests.end_to_end.conftest import SAMPLE
from tests.moving_models import tube
from trellis_assets.catalog import Entry
from trellis_assets.catalog.write import entry_text
from trellis_assets.delivery.authorship import TRAINED, authorship_record
from trellis_assets.geometry import place as place_model
from trellis_assets.geometry.pose import key_poses, posed
from trellis_assets.gltf import Model, UnsupportedGlb, load_model, model_to_glb
from trellis_assets.pipeline.authorship import authorship_of
from trellis_assets.pipeline.bill import make_bill
from trellis_assets.pipeline.catalog_plan import plan_catalog
from trellis_assets.pipeline.node import Brief, Node
from trellis_assets.pipeline.nodes import delivery
from trellis_assets.pipeline.nodes.appearance import APPEARANCE
from trellis_assets.pipeline.nodes.concept import CONCEPT_IMAGE
from trellis_assets.pipeline.nodes.generation import GENERATED_MODEL
from trellis_assets.pipeline.nodes.geometry import LADDER, MASTER_MODEL
from trellis_assets.pipeline.nodes.textures import TEXTURE_SETS
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.pipeline.source import SourceChanged
from trellis_assets.pipeline.step import run_step
from trellis_assets.pipeline.waivers import blocking
from trellis_assets.runner.ahead import waits_for_generator
from trellis_assets.store import FolderStore, content_hash
from trellis_assets.validation.khronos import validate_glbs
from trellis_assets.validation.limits import TooLarge

from .stool import TRIANGLES, stool
from .studio import PROFILES


@pytest.fixture
def place(tmp_path: Path) -> Path:
    put(tmp_path, stool())
    return tmp_path


def put(place: Path, data: bytes) -> None:
    FolderStore(place / "catalog").write("models/stool.glb", data)


def brief_in(place: Path, *, source_sha256: str = "", **fields: object) -> Brief:
    content = {
        "id": "stool",
        "model": "stool.glb",
        "class": "prop",
        "height_m": 0.45,
        "profiles": ["mobile.prop"],
        "owner": "me",
        "license": "CC0-1.0",
        **fields,
    }
    catalog = FolderStore(place / "catalog")
    entry = Entry.model_validate(content)
    return Brief(entry, PROFILES, catalog, "embedded", source_sha256=source_sha256)


def refused(place: Path, asset: Brief, error: type[Exception], message: str) -> None:
    """The first step refuses the model, and nothing is stored."""
    store = FolderStore(place / "store")
    with pytest.raises(error, match=message):
        run_step(CONCEPT_IMAGE, asset, store, progress=lambda *_: None)
    assert list(store.list()) == []


@pytest.mark.slow
def test_a_model_of_several_meshes_goes_through_the_steps_as_it_is(place: Path) -> None:
    put(place, stool(lambda document: document["nodes"].append({"name": "socket_top"})))
    asset = brief_in(place, lods={"triangles": 1500, "texture_size": 512})
    store = FolderStore(place / "store")
    steps = {
        node.name: run_step(node, asset, store, progress=lambda *_: None).record
        for node in (CONCEPT_IMAGE, GENERATED_MODEL, MASTER_MODEL, LADDER[0])
    }
    given = asset.catalog.read("models/stool.glb")
    assert store.read("assets/stool/generated.glb") == given
    master = load_model(store.read("assets/stool/master.glb"))
    assert [part.name for part in master.parts] == ["seat", "leg_0", "leg_1", "leg_2"]
    assert {part.material.name for part in master.parts} == {"wood", "iron"}
    assert np.ptp(master.bounds(), axis=0)[1] == pytest.approx(0.45)
    assert steps["lod0"].facts["triangles"] <= 1500 < TRIANGLES
    (left,) = [f for f in steps["generated_model"].findings if f["rule"] == "scene.left-out"]
    assert left["message"] == "not delivered: 1 node without a mesh (socket_top)"
    assert not any(blocking(record.findings) for record in steps.values())
    assert [key for key in store.list() if not key.startswith("assets/stool/")] == []


def test_a_given_model_is_on_no_bill(place: Path) -> None:
    shutil.copy(SAMPLE / "profiles.yaml", place / "catalog")
    text = entry_text(brief_in(place).entry)
    FolderStore(place / "catalog").write("assets/stool.yaml", text.encode())
    settings = PipelineSettings.from_environment(
        {
            "TRELLIS_ASSETS_CATALOG": str(place / "catalog"),
            "TRELLIS_ASSETS_STORE": str(place / "store"),
            "TRELLIS_ASSETS_GENERATOR": "runware",
        }
    )
    plan = plan_catalog(settings)
    assert "generated_model" in plan.due["stool"]
    bill = make_bill(settings, plan)
    assert (bill.buy, bill.free, bill.stopped) == ({}, (), {})
    assert waits_for_generator(plan, settings) == ()


def test_an_ai_model_that_made_it_elsewhere_is_declared(place: Path) -> None:
    store = FolderStore(place / "store")
    record = authorship_record(authorship_of(brief_in(place, ai_model="Sculptor 3"), store))
    assert (record["generator"], record["model"]) == ("elsewhere", "Sculptor 3")
    assert record["digital_source_type"] == TRAINED
    assert record["concept_sha256"] is None, "there was no concept image"


def test_a_model_replaced_under_a_run_is_not_taken_for_the_old_one(place: Path) -> None:
    planned = brief_in(place, source_sha256=content_hash(stool()))
    put(place, stool() + bytes(4))
    refused(place, planned, SourceChanged, "the model of stool was replaced")


def test_a_model_beyond_all_bounds_is_refused_before_it_is_unpacked(place: Path) -> None:
    def endless(document: dict[str, Any]) -> None:
        document["extras"] = [[] for _ in range(300_001)]

    put(place, stool(endless))
    refused(place, brief_in(place), TooLarge, "300,000 objects")


def test_instances_are_refused_before_anything_is_stored(place: Path) -> None:
    def copy(document: dict[str, Any]) -> None:
        document["nodes"][0]["extensions"] = {"EXT_mesh_gpu_instancing": {"attributes": {}}}

    put(place, stool(copy))
    refused(place, brief_in(place), UnsupportedGlb, "1 node of instances")


def test_a_model_that_moves_is_delivered_with_all_that_moves_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tube(16, 40)
    put(place, model_to_glb(given))
    asset = brief_in(place, height_m=4.0, lods={"triangles": 700, "texture_size": 512})
    store = FolderStore(place / "store")
    steps = {
        node.name: run_step(node, asset, store, progress=lambda *_: None).record
        for node in (
            *(CONCEPT_IMAGE, GENERATED_MODEL, MASTER_MODEL, LADDER[0], TEXTURE_SETS[1]),
            _variant_of_lod0(monkeypatch),
        )
    }
    what = "a skin with 2 joints, 2 animations, 2 morph targets"
    assert steps["generated_model"].facts["moves"] == what
    assert what in steps["master_model"].facts["repair"]["skipped"]
    assert what in steps["lod0"].facts["why"]
    assert not any(blocking(record.findings) for record in steps.values())
    variant = steps["variants/mobile.prop"]
    glb = store.read(f"assets/stool/variants/mobile.prop/{variant.facts['rungs'][0]['path']}")
    (spec,) = validate_glbs([glb])
    assert (spec.errors, spec.warnings) == (0, 0)
    _plays_as(load_model(glb), place_model(given, height_m=4.0))


def _variant_of_lod0(monkeypatch: pytest.MonkeyPatch) -> Node:
    """Lower rungs take as long as LOD0, each, and are made and delivered by the same steps."""
    monkeypatch.setattr(delivery, "RUNGS", ("lod0",))
    profile = PROFILES.profiles["mobile.prop"].model_copy(update={"rungs": 1})
    node = delivery.variant_node("mobile.prop", profile)
    inputs = tuple(name for name in node.inputs if name != APPEARANCE.name)  # it is of all rungs
    return replace(node, inputs=inputs)


def _plays_as(model: Model, original: Model) -> None:
    """Fewer vertices, each of them where it is in the original, in every pose of every clip."""
    assert model.rig is not None
    assert [clip.name for clip in model.rig.clips] == ["wave", "slide"]
    assert model.triangle_count <= 700 < original.triangle_count
    assert model.parts[0].shape_names == ("bulge", "twist")
    poses = zip(key_poses(model, most=6), key_poses(original, most=6), strict=True)
    for mine, theirs in poses:
        pairs = zip(posed(model, mine).parts, posed(original, theirs).parts, strict=True)
        for found, wanted in pairs:
            off = cKDTree(wanted.mesh.positions).query(found.mesh.positions)[0]
            assert off.max() < 1e-5


def test_the_generator_is_no_part_of_a_given_model(place: Path) -> None:
    one = brief_in(place)
    other = Brief(one.entry, one.profiles, one.catalog, "runware")
    assert GENERATED_MODEL.settings(one) == GENERATED_MODEL.settings(other)
