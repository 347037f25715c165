"""Each step of the pipeline is judged by the rules that concern it."""

from __future__ import annotations

from dataclasses import replace

from tests.pipeline.studio import brief
from tests.validation.corpus import bare, box, limits, model, noise, painted, picture
from trellis_assets.gltf import model_to_glb
from trellis_assets.pipeline.nodes.judged import Findings, judged, judging, placed_as, rung_of

OPEN = model_to_glb(bare(replace(box(), triangles=box().triangles[2:])))


def rules(findings: Findings) -> dict[str, str]:
    return {str(finding["rule"]): str(finding["severity"]) for finding in findings}


def test_faults_that_the_repair_mends_are_no_news_before_it() -> None:
    assert judged({"generated.glb": OPEN}, "generated") == ()
    assert rules(judged({"master.glb": OPEN}, "master"))["mesh.watertight"] == "warning"


def test_a_master_of_another_size_than_the_entry_says_is_an_error() -> None:
    entry = brief(height_m=3.0).entry
    found = judged(
        {"master.glb": model_to_glb(model())}, "master", expected={"master.glb": placed_as(entry)}
    )
    assert rules(found) == {"place.dimensions": "error"}
    assert found[0]["where"] == "master.glb"
    assert (found[0]["measured"], found[0]["limit"]) == (2.0, 3.0)


def test_a_rung_is_compared_with_lod0() -> None:
    files = {"lod1.glb": model_to_glb(model())}
    expected = {"lod1.glb": rung_of(1, model(), 0.01)}
    assert rules(judged(files, "rung", expected=expected)) == {"lod.triangles": "warning"}


def test_a_variant_may_use_no_extension_that_its_target_does_not_read() -> None:
    webp = model(material=painted(base_color=picture(noise(), "WEBP")))
    files = {"barrel_LOD0.glb": model_to_glb(webp), "manifest.json": b"{}"}
    assert rules(judged(files, "variant", profile=limits())) == {"extension.allowed": "error"}
    allowed = limits(extensions=("EXT_texture_webp",))
    assert judged(files, "variant", profile=allowed) == ()


def test_a_profile_may_set_the_numbers_of_a_rule() -> None:
    files = {"barrel_LOD0.glb": model_to_glb(model(name="Barrel_LOD0"))}
    strict = limits().model_copy(update={"rules": {"name.characters": {"capitals": 0}}})
    assert judged(files, "variant", profile=limits()) == ()
    assert rules(judged(files, "variant", profile=strict)) == {"name.characters": "warning"}


def test_judging_goes_on_beside_other_work() -> None:
    with judging({"master.glb": OPEN}, "master") as verdict:
        work = sum(range(1000))
    assert work == 499500
    assert "mesh.watertight" in rules(verdict())
