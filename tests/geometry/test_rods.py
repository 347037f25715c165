"""Antennas and pipes are there from every side on a rung of few triangles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from trellis_assets.geometry import deviation, rebuild
from trellis_assets.geometry.decimate import decimate
from trellis_assets.geometry.rods import lost_rods
from trellis_assets.gltf import Model
from trellis_assets.previews import Framing, Scene

from . import shapes

_ABOVE = 0.28  # of the picture's height: what of it shows nothing but the antenna


def with_antenna(radius: float, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """A bumpy stone of 2 m with an antenna on top."""
    stone, faces = shapes.bumpy(4, seed=seed, height=0.2)
    pipe, more = shapes.pipe(radius, 0.5, 1.9)
    return np.concatenate([stone, pipe]), np.concatenate([faces, more + len(stone)])


def antenna_seen(model: Model, framing: Framing) -> NDArray[np.int64]:
    """Pixels of the antenna from twelve sides."""
    scene = Scene(model)
    found = []
    for azimuth in range(0, 360, 30):
        picture = scene.render(
            size=512,
            azimuth=float(azimuth),
            elevation=0.0,
            bounds=framing,
            shadow=False,
            occlusion=False,
        )
        found.append(np.count_nonzero(picture[: int(_ABOVE * 512), :, 3] >= 128))
    return np.array(found)


@pytest.mark.parametrize(("radius", "seed", "triangles"), [(0.02, 1, 150), (0.01, 0, 250)])
def test_an_antenna_is_seen_from_every_side(radius: float, seed: int, triangles: int) -> None:
    """Quadrics alone let go of the first and flatten the second."""
    master = shapes.plain(*with_antenna(radius, seed))
    rung = rebuild(master, triangles=triangles, texture_size=64).model
    assert 0.95 * triangles <= rung.triangle_count <= triangles
    framing = Framing.of_model(master)
    expected = antenna_seen(master, framing)
    assert expected.min() > 100
    assert (antenna_seen(rung, framing) / expected).min() > 0.6


def test_an_antenna_costs_the_rest_nothing() -> None:
    """Its few vertices alone are held while the rest is collapsed and fitted step by step."""
    points, faces = with_antenna(0.01, seed=0)
    whole = shapes.plain(points, faces)
    with_it = decimate(points, faces, triangles=250)
    stone = faces[faces.max(axis=1) < len(shapes.icosphere(4)[0])]
    without_it = decimate(points, stone, triangles=250)
    found = deviation(whole, shapes.plain(with_it.positions, with_it.faces)).rms
    bare = shapes.plain(points, stone)
    plain = deviation(bare, shapes.plain(without_it.positions, without_it.faces)).rms
    assert found < 1.03 * plain  # 1.08 with all rods held in one collapse


def test_a_pipe_that_is_gone_is_found_and_one_that_is_there_is_not() -> None:
    points, faces = with_antenna(0.02, seed=1)
    stone = faces[faces.max(axis=1) < len(shapes.icosphere(4)[0])]
    lost = lost_rods(points, faces, stone, thickness=0.05)
    place = points[faces[lost]].mean(axis=1)
    assert np.hypot(place[:, 0], place[:, 2]).max() <= 0.02 + 1e-6
    assert place[:, 1].max() > 1.8
    assert not lost_rods(points, faces, faces, thickness=0.05).any()
    assert not lost_rods(points, faces, stone, thickness=0.03).any(), "thicker than what is sought"


def test_a_sheet_is_no_rod() -> None:
    points, faces = shapes.box(12, (1.0, 1.0, 0.01))
    assert not lost_rods(points, faces, faces[:0], thickness=0.02).any()
