"""Models made by hand, from the command line to delivered variants; what moves goes along."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from tests.moving_models import tube
from tests.pipeline.stool import TRIANGLES, stool
from trellis_assets.delivery import manifest_schema
from trellis_assets.geometry import what_moves
from trellis_assets.gltf import Model, load_model, model_to_glb

from .conftest import Studio, new_studio

pytestmark = pytest.mark.slow  # half a minute; the steps alone are in tests/pipeline


def _copies(document: dict[str, Any]) -> None:
    document["nodes"][0]["extensions"] = {"EXT_mesh_gpu_instancing": {"attributes": {}}}


def _socket(document: dict[str, Any]) -> None:
    document["nodes"].append({"name": "socket_top"})


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, Mapping[str, Any]]:
    """A catalog of given models alone, and what a refresh made of it with the paid generator, for
    which there is no key.
    """
    studio = new_studio(tmp_path_factory.mktemp("studio"))
    for file in (studio.catalog / "assets").iterdir():
        file.unlink()
    (studio.catalog / "models").mkdir()
    given = {
        "stool": stool(_socket),
        "copied": stool(_copies),
        "bending": model_to_glb(tube()),
    }
    for name, data in given.items():
        (studio.catalog / "models" / f"{name}.glb").write_bytes(data)
        studio.add_entry(name, model=f"{name}.glb", height_m=0.45)
    paid = {**studio.environment, "TRELLIS_ASSETS_GENERATOR": "runware", "RUNWARE_API_KEY": ""}
    done = studio.command("refresh", "--json", environment=paid)
    assert done.returncode == 1, "one of them was refused"
    outcome: Mapping[str, Any] = json.loads(done.stdout)
    return studio, outcome["game_assets"]


Made = tuple[Studio, Mapping[str, Any]]


def _delivered(studio: Studio, name: str) -> tuple[dict[str, Any], Model]:
    folder = studio.store / "assets" / name / "variants" / "quest.small"
    manifest = json.loads((folder / "manifest.json").read_text())
    jsonschema.Draft202012Validator(manifest_schema()).validate(manifest)
    return manifest, load_model((folder / manifest["files"][0]["path"]).read_bytes())


def test_several_meshes_and_materials_arrive_in_every_variant(studio: Made) -> None:
    made, outcome = studio
    assert outcome["stool"]["error"] is None
    folder = made.store / "assets" / "stool"
    given = (made.catalog / "models" / "stool.glb").read_bytes()
    assert (folder / "generated.glb").read_bytes() == given, "the file as given"
    master = load_model((folder / "master.glb").read_bytes())
    assert len(master.parts) == 4, "a seat and three legs"
    assert {part.material.name for part in master.parts} == {"wood", "iron"}
    np.testing.assert_allclose(np.ptp(master.bounds(), axis=0)[1], 0.45, rtol=1e-5)
    manifest, model = _delivered(made, "stool")
    assert 0.9 * 1000 <= model.triangle_count <= 1000 < TRIANGLES
    assert manifest["files"][0]["materials"] == 1
    colours = _legs_and_seat(model)
    assert colours["leg"][2] > colours["leg"][0], "iron is blue"
    assert colours["seat"][0] > colours["seat"][2], "wood is red"


def _legs_and_seat(model: Model) -> dict[str, np.ndarray]:
    """Mean base color, below and above the middle."""
    from tests.geometry.shapes import surface_colours

    points, colours = surface_colours(model)
    low = points[:, 1] < model.bounds()[1, 1] / 2
    return {"leg": colours[low].mean(axis=0), "seat": colours[points[:, 1] > 0.42].mean(axis=0)}


def test_what_moves_arrives_with_its_bones_shapes_and_animations(studio: Made) -> None:
    made, outcome = studio
    assert outcome["bending"]["error"] is None
    _, model = _delivered(made, "bending")
    assert what_moves(model) == "a skin with 2 joints, 2 animations, 2 morph targets"


def test_instances_are_refused_by_name_and_spoil_no_other(studio: Made) -> None:
    made, outcome = studio
    error = outcome["copied"]["error"]
    assert "1 node of instances (EXT_mesh_gpu_instancing)" in error
    assert "Fix:" in error
    assert not (made.store / "assets" / "copied" / "generated.glb").exists()


def test_nothing_is_generated_and_nothing_is_billed(studio: Made) -> None:
    made, _ = studio
    assert not (made.store / "generations").exists()
    record = json.loads((made.store / "assets/stool/steps/generated_model.json").read_text())
    assert "cost_usd" not in record["facts"]
    dry = made.refresh_json("--dry-run")
    assert dry["bill"]["buy_usd"] == {}, "not even of the one that is due"


def test_what_is_not_delivered_is_said(studio: Made) -> None:
    made, _ = studio
    record = json.loads((made.store / "assets/stool/steps/generated_model.json").read_text())
    (finding,) = [each for each in record["findings"] if each["rule"] == "scene.left-out"]
    assert "1 node without a mesh (socket_top)" in finding["message"]


def test_a_person_s_work_is_not_declared_as_that_of_an_ai(studio: Made) -> None:
    made, _ = studio
    authorship = _delivered(made, "stool")[0]["authorship"]
    assert authorship["generator"] == "by hand"
    assert authorship["digital_source_type"].endswith("/digitalCreation")
    assert authorship["model"] is None
    text = made.command("disclose").stdout
    assert "None of these 3D assets was made by a trained AI model" in text
    assert "| stool | by hand |" in text


def test_add_takes_a_model_and_refuses_one_of_instances(studio: Made, tmp_path: Path) -> None:
    made = new_studio(tmp_path)
    (tmp_path / "Bar Stool.glb").write_bytes(stool())
    (tmp_path / "copied.glb").write_bytes(stool(_copies))
    done = made.command("add", "Bar Stool.glb", "copied.glb", "--height", "0.8")
    assert done.returncode == 1
    assert "copied.glb: the GLB has 1 node of instances" in done.stderr
    assert "model: bar_stool.glb" in (made.catalog / "assets/bar_stool.yaml").read_text()
    assert (made.catalog / "models/bar_stool.glb").read_bytes() == stool()
    status = json.loads(made.command("status", "--json").stdout)
    assert status["problems"] == []
    assert "generated_model" in status["game_assets"]["bar_stool"]["due"]
