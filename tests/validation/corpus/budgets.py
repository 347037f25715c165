"""More than a target profile allows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from trellis_assets.gltf import Model, Part
from trellis_assets.validation import Expectation

from .case import registered
from .parts import bare_box, limits, model, plain


@registered("budget.file-bytes")
def heavy_file() -> Any:
    return model(), {"profile": limits(file_bytes=1000)}


@registered("budget.triangles")
def many_triangles() -> Any:
    return model(), {"profile": limits(triangles=11)}


@registered("budget.triangles")
def rung_over_its_share() -> Any:
    parts = tuple(Part(bare_box(2.0 * i), plain(), f"box_{i}") for i in range(12))
    shared = plain()
    content = Model(tuple(replace(part, material=shared) for part in parts), name="box")
    return content, {"profile": limits(triangles=200), "expectation": Expectation(level=1)}


@registered("budget.vertices")
def many_vertices() -> Any:
    return model(), {"profile": limits(vertices=23)}


@registered("budget.materials")
def many_materials() -> Any:
    other = replace(plain(), name="rust")
    content = Model((Part(bare_box(), plain(), "a"), Part(bare_box(2.0), other, "b")), name="box")
    return content, {"profile": limits(triangles=24)}


@registered("budget.texture-size")
def large_texture() -> Any:
    return model(), {"profile": limits(texture_size=128)}


@registered("budget.texture-size")
def large_detail_texture() -> Any:
    return model(), {"profile": limits(detail_texture_size=128)}


@registered("budget.gpu-bytes")
def much_texture_memory() -> Any:
    return model(), {"profile": limits(gpu_bytes=100_000)}


@registered("scene.draw-calls")
def many_draw_calls() -> Model:
    shared = plain()
    parts = tuple(Part(bare_box(2.0 * i), shared, f"box_{i}") for i in range(21))
    return Model(parts, name="box")
