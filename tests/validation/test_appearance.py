"""By eye: what is measured, what is objected to, and how fast."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.previews.scenes import MATT, box, model_of, png, quad, sphere
from trellis_assets.catalog.look_limits import LookLimits
from trellis_assets.gltf import Material, Mesh, Model, model_to_glb
from trellis_assets.previews import Scene, render
from trellis_assets.previews.views import View
from trellis_assets.validation.appearance import (
    LARGEST,
    SMALLEST,
    RungLook,
    Studio,
    read_scenes,
    shown_pixels,
)
from trellis_assets.validation.concept_likeness import ConceptLikeness, concept_likeness
from trellis_assets.validation.look_findings import (
    concept_findings,
    look_findings,
    rung_findings,
    side_findings,
)
from trellis_assets.validation.looks import Looks
from trellis_assets.validation.six_sides import six_sides

LIMITS = LookLimits()


def patterned(mesh: Mesh, seed: int = 3) -> Model:
    pixels = np.random.default_rng(seed).integers(0, 255, (16, 32, 3), np.uint8)
    return model_of((mesh, Material(base_color=png(pixels.repeat(8, 0).repeat(8, 1)), **MATT)))


MASTER = patterned(sphere())


def look_at(rung: Model, *, pixels: int = 96) -> RungLook:
    return Studio(Scene(MASTER)).compare("lod2", Scene(rung), pixels=pixels)


def rules(look: RungLook) -> dict[str, str]:
    return {found.rule: found.severity for found in rung_findings([look], LIMITS)}


def test_the_master_itself_is_beyond_reproach() -> None:
    look = look_at(MASTER)
    assert rules(look) == {}
    assert look.summary()["flip"] == 0
    assert len(look.views) == 12


def test_models_are_read_side_by_side_in_their_order() -> None:
    models = [MASTER, patterned(sphere(0.9)), patterned(sphere(0.8))]
    scenes = read_scenes(map(model_to_glb, models))
    radii = [scene.framing.radius for scene in scenes]
    assert radii == sorted(radii, reverse=True)
    skins = [scene.surface.skins[0].textures["base_color"] for scene in scenes]
    assert skins[0] is skins[1] is skins[2], "the texture they share is decoded once"


def test_a_shrunken_rung_has_another_outline() -> None:
    found = rung_findings([look_at(patterned(sphere(0.9)))], LIMITS)
    (outline,) = (finding for finding in found if finding.rule == "look.silhouette")
    assert outline.severity == "error"
    assert outline.measured == pytest.approx(0.81, abs=0.02)
    assert outline.limit == LIMITS.silhouette_floor
    assert outline.where.startswith("lod2 from azimuth")


def test_another_texture_fails_by_the_khronos_floors() -> None:
    found = rules(look_at(patterned(sphere(), seed=4)))
    assert found["look.ssim"] == found["look.psnr"] == "error"
    assert found["look.flip"] == "warning"
    assert "look.silhouette" not in found


def test_what_nobody_sees_is_a_warning() -> None:
    """A tiny picture: one pixel of edge is a large part of it."""
    found = rules(look_at(patterned(sphere(), seed=4), pixels=SMALLEST))
    assert set(found.values()) == {"warning"}


def test_the_worst_side_is_named() -> None:
    """A wart on one side shows from there, and from behind only as an outline."""
    wart = box((0.2, -0.15, 0.8), (0.5, 0.15, 1.1))
    rung = Model((*MASTER.parts, *model_of((wart, Material())).parts))
    look = look_at(rung)
    assert abs(look.worst.view.azimuth) < 90
    assert look.summary()["worst_view"]["azimuth"] == look.worst.view.azimuth


def test_rungs_are_judged_at_the_size_where_they_are_shown() -> None:
    assert shown_pixels(1.0) == LARGEST
    assert shown_pixels(0.2) == 216
    assert shown_pixels(0.001) == SMALLEST


def test_a_profile_objects_by_what_it_sets_and_by_nothing_else() -> None:
    """The limits of the class have been held against the ladder already."""
    look = look_at(patterned(sphere(), seed=4))
    looks = Looks((look,), six_sides(Scene(MASTER)), double_sided=False)
    read = Looks.from_json(json.loads(json.dumps(looks.as_json())))
    assert look_findings(read, LookLimits().only_set()) == []
    strict = LookLimits(flip=0.01, ssim_floor=0.9).only_set()
    found = {finding.rule: finding for finding in look_findings(read, strict)}
    assert set(found) == {"look.flip", "look.ssim"}
    assert found["look.ssim"].severity == "error"
    assert found["look.ssim"].where == f"lod2 from {look.lowest('ssim').view}, 96 px"
    assert found["look.flip"].measured == pytest.approx(look.worst.likeness.flip, abs=1e-4)


def test_what_was_measured_is_read_back() -> None:
    sides = six_sides(Scene(MASTER))
    for concept in (None, ConceptLikeness(0.5, 0.8, 90.0)):
        looks = Looks((look_at(patterned(sphere(0.9))),), sides, True, concept)
        text = json.dumps(looks.as_json())
        again = Looks.from_json(json.loads(text))
        assert json.dumps(again.as_json()) == text
        assert [found.rule for found in look_findings(again, LIMITS)] == [
            found.rule for found in look_findings(looks, LIMITS)
        ]


def test_holes_are_seen_from_the_side_where_they_are() -> None:
    ball = sphere()
    middle = ball.positions[ball.triangles].mean(axis=1)
    holed = replace(ball, triangles=ball.triangles[middle[:, 1] < 0.95])
    sides = six_sides(Scene(model_of((holed, Material()))))
    (hole,) = side_findings(sides, LIMITS, double_sided=False)
    assert (hole.rule, hole.severity) == ("look.hole", "warning")
    assert hole.where == "master_model from the top"
    assert 0.03 < float(hole.measured or 0) < 0.2
    (info,) = side_findings(sides, LIMITS, double_sided=True)
    assert info.severity == "info"


def test_a_stray_piece_leaves_the_box_empty() -> None:
    far = replace(quad(0.02), positions=quad(0.02).positions + np.float32(30))
    sides = six_sides(Scene(model_of((sphere(), Material()), (far, Material()))))
    assert "look.coverage" in {
        finding.rule for finding in side_findings(sides, LIMITS, double_sided=True)
    }


def test_the_concept_image_tells_front_from_side() -> None:
    axe = Scene(model_of((box((-1, 0, -0.1), (1, 1, 0.1)), Material(**MATT))))
    drawn = axe.render(size=96, azimuth=0, elevation=0, shadow=False)
    alike = concept_likeness(drawn, axe)
    assert alike.front > 0.9
    assert concept_findings(alike, LIMITS) == []
    turned = Scene(model_of((box((-0.1, 0, -1), (0.1, 1, 1)), Material(**MATT))))
    (found,) = concept_findings(concept_likeness(drawn, turned), LIMITS)
    assert (found.rule, found.severity) == ("look.orientation", "info")
    assert "azimuth 90" in found.where
    ball = render(MASTER, size=96, azimuth=0, elevation=0)
    (found,) = concept_findings(concept_likeness(ball, axe), LIMITS)
    assert (found.rule, found.severity) == ("look.concept", "warning")


def test_views_read_as_words() -> None:
    assert str(View(58.28, -31.7)) == "azimuth 58, elevation -32"
