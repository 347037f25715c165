"""Defects of size, pivot and axes."""

from __future__ import annotations

from typing import Any

from trellis_assets.gltf import Model
from trellis_assets.validation import Expectation

from .case import registered
from .parts import bare, box, edited, model


@registered("place.dimensions")
def not_as_tall_as_asked() -> Any:
    return model(), {"expectation": Expectation(height_m=1.5)}


@registered("place.dimensions")
def not_as_wide_as_asked() -> Any:
    return model(), {"expectation": Expectation(dimensions_m=(1.2, 2.0, 0.5))}


@registered("place.axis")
def lying_on_its_back() -> Any:
    return model(), {"expectation": Expectation(dimensions_m=(1.0, 0.5, 2.0))}


@registered("place.pivot")
def pivot_at_the_bottom() -> Any:
    return model(), {"expectation": Expectation(pivot="center")}


@registered("place.pivot")
def pivot_beside_the_model() -> Any:
    moved = model(box(at=(1.0, 0.0, 0.0)))
    return moved, {"expectation": Expectation(pivot="bottom_center")}


@registered("place.scale")
def metres_taken_for_millimetres() -> Model:
    return bare(box((1000.0, 2000.0, 500.0)))


@registered("place.scale")
def a_grain() -> Model:
    return bare(box((0.001, 0.002, 0.0005)))


@registered("place.root-transform")
def root_turned() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["nodes"][0]["rotation"] = [0, 1, 0, 0]

    return edited(model(), change)


@registered("place.root-transform")
def root_scaled() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["nodes"][0]["scale"] = [1.5, 1.5, 1.5]

    return edited(model(), change)
