"""Defects of names, extensions and what else is in the scene."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from trellis_assets.gltf import Model, Part
from trellis_assets.validation import Expectation

from .case import registered
from .parts import bare_box, edited, limits, model, noise, painted, picture, plain


@registered("name.characters")
def spaces_and_dots() -> Model:
    return model(name="My Box.001")


@registered("name.duplicate")
def two_nodes_of_one_name() -> Model:
    shared = plain()
    return Model((Part(bare_box(), shared, "box"), Part(bare_box(2.0), shared, "box")), name="box")


@registered("name.prefix")
def another_name_than_asked() -> Any:
    return model(), {"expectation": Expectation(name_prefix="barrel")}


@registered("extension.allowed")
def webp_for_a_target_without() -> Any:
    content = painted(base_color=picture(noise(), "WEBP"), orm=picture(orm_pixels(), "WEBP"))
    return model(material=content), {"profile": limits()}


def orm_pixels() -> NDArray[Any]:
    pixels = noise()
    pixels[..., 2] = 0
    return pixels


@registered("extension.known")
def vendor_extension() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["extensionsUsed"] = ["VENDOR_glitter"]
        document["nodes"][0]["extensions"] = {"VENDOR_glitter": {"amount": 3}}

    return edited(model(), change)


@registered("scene.unused")
def material_without_a_mesh() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["materials"].append({"name": "forgotten"})

    return edited(model(), change)


@registered("scene.unused")
def accessor_without_a_mesh() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["accessors"].append(dict(document["accessors"][0]))

    return edited(model(), change)


@registered("scene.empty-nodes")
def node_with_nothing() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["nodes"].append({"name": "nothing"})
        document["scenes"][0]["nodes"].append(1)

    return edited(model(), change)


@registered("scene.leftovers")
def camera_left_in() -> bytes:
    def change(document: dict[str, Any]) -> None:
        perspective = {"yfov": 0.7, "znear": 0.1}
        document["cameras"] = [{"type": "perspective", "perspective": perspective}]
        document["nodes"].append({"name": "camera", "camera": 0})
        document["scenes"][0]["nodes"].append(1)

    return edited(model(), change)


@registered("scene.leftovers")
def light_left_in() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["extensionsUsed"] = ["KHR_lights_punctual"]
        document["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point"}]}}
        light = {"KHR_lights_punctual": {"light": 0}}
        document["nodes"].append({"name": "light", "extensions": light})
        document["scenes"][0]["nodes"].append(1)

    return edited(model(), change)


@registered("scene.several")
def second_scene() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["scenes"].append({"name": "other", "nodes": [0]})

    return edited(model(), change)
