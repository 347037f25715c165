"""Colour differences of known size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trellis_assets.geometry import colour_deviation, rebuild
from trellis_assets.geometry.likeness import shading_deviation
from trellis_assets.gltf import Model

from . import shapes


def test_a_model_looks_like_itself_and_like_its_rebuild() -> None:
    master = shapes.painted(*shapes.bumpy(3, seed=2), size=1024)
    assert colour_deviation(master, master, samples=3000).mean < 0.3
    other = rebuild(master, triangles=500, texture_size=256).model
    assert colour_deviation(master, other, samples=3000).mean < 3.0


def test_darker_by_a_known_factor() -> None:
    white = shapes.plain(*shapes.icosphere(2))
    part = white.parts[0]
    grey = replace(
        part, material=replace(part.material, base_color_factor=(0.2140, 0.214, 0.214, 1))
    )
    found = colour_deviation(white, Model((grey,)), samples=1000)
    assert found.mean == pytest.approx(255 - 127.5, abs=1.0)
    assert found.p95 == pytest.approx(found.mean)


def test_shading_by_normal_map_and_by_vertex() -> None:
    """A coarse model is shaded like its master by a normal map, and otherwise without it."""
    master = shapes.painted(*shapes.bumpy(4, seed=2, height=0.2), size=512)
    assert shading_deviation(master, master, samples=3000) < 0.1
    coarse = rebuild(master, triangles=300, texture_size=256).model
    (part,) = coarse.parts
    bare = Model((replace(part, material=replace(part.material, normal=None)),))
    with_map, without = (shading_deviation(master, each, samples=3000) for each in (coarse, bare))
    assert with_map < 1.5
    assert without > 4.0
