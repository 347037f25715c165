"""Safe repairs: what they mend stays mended, and nothing else changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.validation.corpus import RULE_OF, named
from tests.validation.corpus.parts import edited, model, noise, painted, picture
from trellis_assets.gltf import Geometry, load_model, model_to_glb, read_glb
from trellis_assets.validation import RULES, Subject, apply_fixes, check_subjects, judge
from trellis_assets.validation.fixes import FIXES

FIXABLE = {rule.id for rule in RULES if rule.fixable}
# A normal without a direction has no length to bring to 1; a flat triangle may close a surface.
BEYOND_REPAIR = {"zero_normal", "flat_triangle"}
BROKEN = [name for name, rule in RULE_OF.items() if rule in FIXABLE and name not in BEYOND_REPAIR]


def rules(glb: bytes, name: str) -> set[str]:
    known = named(name)
    subject = Subject(glb, profile=known.profile, expectation=known.expectation)
    return {finding.rule for finding in judge(subject)}


def test_every_rule_that_promises_a_repair_has_one() -> None:
    assert {fix.rule for fix in FIXES} == FIXABLE
    assert {RULE_OF[name] for name in BROKEN} == FIXABLE


@pytest.mark.parametrize("name", BROKEN)
def test_a_repair_silences_its_rule_and_wakes_no_other(name: str) -> None:
    broken = named(name).glb
    fixed = apply_fixes(broken, judge(Subject(broken)))
    assert {change.rule for change in fixed.changes} == {RULE_OF[name]}
    assert all(change.message for change in fixed.changes)
    assert rules(fixed.data, name) == set()
    again = apply_fixes(fixed.data, FIXABLE)
    assert again.changes == ()
    assert again.data is fixed.data


def test_repaired_files_pass_the_khronos_validator() -> None:
    files = [apply_fixes(named(name).glb, FIXABLE).data for name in BROKEN]
    for found in check_subjects([Subject(data) for data in files]):
        assert not [finding for finding in found if finding.severity == "error"], found


def test_a_repair_keeps_what_it_does_not_mend() -> None:
    """Nodes, extras and unknown extensions come back as they were."""

    def change(document: dict[str, Any]) -> None:
        document["nodes"][0] |= {"translation": [0, 1, 0], "extras": {"price": 7}}
        document["extensionsUsed"] = ["VENDOR_glitter"]
        document["nodes"][0]["extensions"] = {"VENDOR_glitter": {"bufferView": 0}}
        document["materials"][0]["alphaCutoff"] = 0.3

    glb = edited(model(), change)
    fixed = apply_fixes(glb, FIXABLE)
    assert [change.rule for change in fixed.changes] == ["alpha.cutoff"]
    before, after = read_glb(glb).json, read_glb(fixed.data).json
    del before["materials"][0]["alphaCutoff"]
    assert after == before
    assert bytes(read_glb(fixed.data).bin) == bytes(read_glb(glb).bin)


@pytest.mark.parametrize("geometry", ["quantized", "meshopt", "draco"])
def test_what_is_packed_stays_packed_and_can_be_read(geometry: Geometry) -> None:
    data = model_to_glb(model(name="a box"), geometry=geometry)
    fixed = apply_fixes(data, ["name.characters"])
    assert fixed.changes
    assert len(fixed.data) < len(data) + 64
    before, after = load_model(data).parts[0].mesh, load_model(fixed.data).parts[0].mesh
    np.testing.assert_array_equal(after.positions, before.positions)
    np.testing.assert_array_equal(after.triangles, before.triangles)


def test_a_good_file_comes_back_as_it_is() -> None:
    glb = model_to_glb(model())
    fixed = apply_fixes(glb, FIXABLE)
    assert fixed.changes == ()
    assert fixed.data is glb


def test_dropping_alpha_keeps_the_color_that_was_shown() -> None:
    pixels = np.dstack([noise(), np.zeros((256, 256), np.uint8)]).astype(np.uint8)
    for kind in ("PNG", "WEBP"):
        image = picture(pixels, kind)
        if kind == "WEBP":
            image = lossless_webp(pixels)
        glb = model_to_glb(model(material=painted(base_color=image)))
        fixed = load_model(apply_fixes(glb, ["alpha.opaque"]).data)
        base = fixed.parts[0].material.base_color
        assert base is not None
        assert np.array_equal(unpacked(base.data), pixels[..., :3])


def lossless_webp(pixels: Any) -> Any:
    from trellis_assets.gltf import Image
    from trellis_assets.validation.fixes.pictures import lossless

    return Image(lossless(pixels, "image/webp"), "image/webp", "map")


def unpacked(data: bytes) -> Any:
    from io import BytesIO

    from PIL import Image as Pillow

    return np.asarray(Pillow.open(BytesIO(data)))
