"""Each step of the pipeline is judged by the rules that concern it."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from tests.pipeline.studio import brief
from tests.validation.corpus.parts import bare, box, limits, model, noise, painted, picture
from trellis_assets.gltf import model_to_glb
from trellis_assets.pipeline.nodes.judged import Verdict, judged, judging, placed_as, rung_of
from trellis_assets.previews import PreviewError
from trellis_assets.validation.picture import Illustrator

OPEN = model_to_glb(bare(replace(box(), triangles=box().triangles[2:])))


def rules(verdict: Verdict) -> dict[str, str]:
    return {str(finding["rule"]): str(finding["severity"]) for finding in verdict.findings}


def test_faults_that_the_repair_mends_are_no_news_before_it() -> None:
    assert judged({"generated.glb": OPEN}, "generated").findings == ()
    assert rules(judged({"master.glb": OPEN}, "master"))["mesh.watertight"] == "warning"


def test_a_master_of_another_size_than_the_entry_says_is_an_error() -> None:
    entry = brief(height_m=3.0).entry
    found = judged(
        {"master.glb": model_to_glb(model())}, "master", expected={"master.glb": placed_as(entry)}
    )
    assert rules(found) == {"place.dimensions": "error"}
    (finding,) = found.findings
    assert finding["where"] == "master.glb"
    assert (finding["measured"], finding["limit"]) == (2.0, 3.0)
    assert found.evidence == {}, "the words say it all"


def test_a_rung_is_compared_with_lod0() -> None:
    files = {"lod1.glb": model_to_glb(model())}
    expected = {"lod1.glb": rung_of(1, model(), 0.01)}
    assert rules(judged(files, "rung", expected=expected)) == {"lod.triangles": "warning"}


def test_a_variant_may_use_no_extension_that_its_target_does_not_read() -> None:
    webp = model(material=painted(base_color=picture(noise(), "WEBP")))
    files = {"barrel_LOD0.glb": model_to_glb(webp), "manifest.json": b"{}"}
    assert rules(judged(files, "variant", profile=limits())) == {"extension.allowed": "error"}
    allowed = limits(extensions=("EXT_texture_webp",))
    assert judged(files, "variant", profile=allowed).findings == ()


def test_a_profile_may_set_the_numbers_of_a_rule() -> None:
    files = {"barrel_LOD0.glb": model_to_glb(model(name="Barrel_LOD0"))}
    strict = limits().model_copy(update={"rules": {"name.characters": {"capitals": 0}}})
    assert judged(files, "variant", profile=limits()).findings == ()
    assert rules(judged(files, "variant", profile=strict)) == {"name.characters": "warning"}


def test_judging_goes_on_beside_other_work() -> None:
    with judging({"master.glb": OPEN}, "master") as verdict:
        work = sum(range(1000))
    assert work == 499500
    assert "mesh.watertight" in rules(verdict())


def test_where_the_worst_faults_lie_is_drawn_and_a_few_are_enough() -> None:
    verdict = judged({"master.glb": OPEN}, "master")
    drawn = {str(each["rule"]): each.get("picture") for each in verdict.findings}
    assert drawn["mesh.watertight"] == "mesh.watertight"
    seen = verdict.evidence["mesh.watertight"]
    assert seen.sheet.shape[1] > 2 * seen.portrait.shape[1]
    ladder = {f"lod{level}.glb": OPEN for level in range(6)}
    many = judged(ladder, "rung")
    names = [each["picture"] for each in many.findings if "picture" in each]
    assert names == ["mesh.watertight", *(f"mesh.watertight.{n}" for n in (2, 3, 4))]
    assert set(names) == set(many.evidence)


def test_what_cannot_be_drawn_is_said_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PreviewError("too tangled to be drawn", fix="untangle it")

    monkeypatch.setattr(Illustrator, "picture", refuse)
    verdict = judged({"master.glb": OPEN}, "master")
    open_edges = next(each for each in verdict.findings if each["rule"] == "mesh.watertight")
    assert "picture" not in open_edges
    assert open_edges["undrawn"] == "too tangled to be drawn"
    assert verdict.evidence == {}


def test_a_clean_file_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trellis_assets.validation.picture", None)
    assert judged({"lod0.glb": model_to_glb(model())}, "rung").evidence == {}
