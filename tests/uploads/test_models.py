"""A GLB in the uploads becomes a game asset that is made from it."""

from __future__ import annotations

from typing import Any

from tests.pipeline.stool import stool

from .house import House, picture


def _instances(document: dict[str, Any]) -> None:
    document["nodes"][0]["extensions"] = {"EXT_mesh_gpu_instancing": {"attributes": {}}}


def test_a_model_becomes_an_entry_and_a_run(house: House) -> None:
    house.put("hero/stool.glb", stool())
    look = house.look()
    assert [run.asset_id for run in look.runs] == ["stool"]
    entry = house.entry("stool")
    assert (entry["model"], entry["class"]) == ("stool.glb", "hero")
    assert "concept" not in entry
    assert house.catalog.read("models/stool.glb") == stool()


def test_a_replaced_model_is_run_again(house: House) -> None:
    house.put("stool.glb", stool())
    house.looks(2)
    new = stool(lambda document: document["nodes"][1].update(scale=[1, 1.1, 1]))
    house.put("stool.glb", new)
    house.looks(2)
    assert house.runs() == ["stool", "stool"]
    assert house.catalog.read("models/stool.glb") == new


def test_a_model_of_instances_goes_to_quarantine_with_the_reason(folder: House) -> None:
    folder.put("stool.glb", stool(_instances))
    folder.look()
    assert "1 node of instances" in folder.reason("stool.glb")
    assert not folder.catalog.exists("assets/stool.yaml")


def test_an_image_does_not_take_the_place_of_a_model(folder: House) -> None:
    folder.put("stool.glb", stool())
    folder.looks(2)
    folder.remove("stool.glb")
    folder.put("stool.png", picture())
    folder.looks(2)
    assert "stool is made from its model, stool.glb" in folder.reason("stool.png")
    assert folder.entry("stool")["model"] == "stool.glb"
    assert not folder.catalog.exists("concepts/stool.png")
