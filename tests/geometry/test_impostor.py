"""Crossed quads that show a model from four sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trellis_assets.geometry import EmptyModel, impostor
from trellis_assets.geometry._pixels import decode
from trellis_assets.gltf import Model, Part, load_model, model_to_glb
from trellis_assets.previews import Scene
from trellis_assets.validation import validate_glbs

from . import shapes

SIDES = {0: (1.0, 0.0, 0.0), 180: (0.0, 1.0, 0.0), 90: (0.0, 0.0, 1.0), 270: (1.0, 1.0, 0.0)}


def signpost() -> Model:
    """A ball of radius 0.5 whose four sides, by azimuth, are of the colours of ``SIDES``."""
    points, faces = shapes.icosphere(4, radius=0.5)
    centre = points[faces].mean(axis=1)
    # The renderer's azimuth 90 looks at the side of +X.
    angle = np.round(np.degrees(np.arctan2(centre[:, 0], centre[:, 2])) / 90).astype(int) % 4 * 90
    parts: list[Part] = []
    for side, colour in SIDES.items():
        mine = shapes.plain(points, faces[angle == side], base_color_factor=(*colour, 1.0))
        parts += mine.parts
    return Model(tuple(parts), name="ball")


def test_every_side_shows_its_own_colour_in_its_outline() -> None:
    model = signpost()
    found = impostor(model, size=128)
    assert found.model.triangle_count == 8
    np.testing.assert_allclose(found.model.bounds(), model.bounds(), atol=2e-3)
    # Half a ball seen from the front lies sqrt(1/2) of its radius before the quad, on average.
    assert found.error == pytest.approx(0.5 * np.sqrt(0.5), rel=0.03)
    scene = Scene(found.model)
    for azimuth, colour in SIDES.items():
        picture = scene.render(size=96, azimuth=azimuth, elevation=0)
        middle = picture[44:52, 40:46, :3].reshape(-1, 3).mean(axis=0)
        assert np.all((middle > 60) == np.array(colour, bool)), (azimuth, middle)
    material = found.model.parts[0].material
    assert material.alpha_mode == "MASK"
    assert material.base_color is not None
    alpha = decode(material.base_color)[:, :, 3]
    assert np.mean(alpha > 127) == pytest.approx(np.pi / 4 * (60 / 64) ** 2, abs=0.01)
    assert alpha[0].max() == alpha[:, 0].max() == 0


def test_it_is_lit_like_the_model() -> None:
    """The normal map holds the ball's own normals, as seen from each side."""
    found = impostor(shapes.plain(*shapes.icosphere(4)), size=128).model
    normal = found.parts[0].material.normal
    assert normal is not None
    front = decode(normal)[:64, :64].astype(float)[2:62, 2:62] / 127 - 128 / 127
    right, down = (np.mgrid[:60, :60][::-1] + 0.5) / 30 - 1
    inside = np.hypot(right, down) < 0.8
    expected = np.stack([right, -down, np.sqrt(np.maximum(1 - right**2 - down**2, 0))], axis=-1)
    assert np.abs(front - expected)[inside].max() < 0.06


def test_the_file_is_valid_small_and_the_same_every_time() -> None:
    model = shapes.painted(*shapes.bumpy(3, seed=2), emissive_factor=(0.5, 0.0, 0.0))
    found = impostor(model).model
    data = model_to_glb(found)
    assert data == model_to_glb(impostor(model).model)
    assert len(data) < 300_000
    (report,) = validate_glbs([data])
    assert (report.errors, report.warnings) == (0, 0)
    shapes.assert_valid(load_model(data))


def test_a_flat_sheet_has_two_sides_and_nothing_has_none() -> None:
    points, faces = shapes.grid(4)
    sheet = shapes.plain(points, faces, double_sided=True)
    assert impostor(sheet, size=64).model.triangle_count == 4
    with pytest.raises(EmptyModel):
        impostor(Model(()))
    points, faces = shapes.icosphere(2)
    inside_out = shapes.plain(points, faces[:, ::-1])
    ball = replace(inside_out.parts[0].material, double_sided=False)
    with pytest.raises(EmptyModel, match="seen from any side"):
        impostor(Model((replace(inside_out.parts[0], material=ball),)))
