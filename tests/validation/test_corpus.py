"""Each defect of the corpus is caught by exactly the rule that should, and clean twins pass."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.validation.corpus import RULE_OF, named
from trellis_assets.validation import RULES, Subject, judge

DRAWN = {
    "mesh.degenerate",
    "mesh.duplicate-faces",
    "mesh.floaters",
    "mesh.inner-hulls",
    "mesh.inside-out",
    "mesh.manifold",
    "mesh.watertight",
    "mesh.winding",
    "normals.flipped",
    "normals.unit",
    "tangents.invalid",
    "uv.degenerate",
    "uv.density-spread",
    "uv.finite",
    "uv.folded",
    "uv.gutter",
    "uv.inverted",
    "uv.overlap",
    "uv.range",
    "uv.thin-charts",
}
"""Rules whose findings a picture says more about."""
FILE_RULES = {"file.readable", "file.unsupported", "file.too-large"}


@pytest.mark.parametrize("name", RULE_OF)
def test_exactly_the_right_rule_objects(name: str) -> None:
    known = named(name)
    subject = Subject(known.glb, where=name, profile=known.profile, expectation=known.expectation)
    found = judge(subject)
    assert {finding.rule for finding in found} == ({known.rule} if known.rule else set()), found
    for finding in found:
        assert finding.message
        assert finding.why
        assert finding.fix
        assert finding.docs.startswith("rules.md#")
        assert (finding.shows is not None) == (finding.rule in DRAWN)


def test_the_corpus_is_large_and_leaves_no_rule_out() -> None:
    defects = Counter(rule for rule in RULE_OF.values() if rule)
    assert sum(defects.values()) >= 60
    assert set(defects) == {rule.id for rule in RULES} | FILE_RULES
