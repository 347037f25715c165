"""Each defect of the corpus is caught by exactly the rule that should, and clean twins pass."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.validation.corpus import Case, cases
from trellis_assets.validation import RULES, Subject, judge

CORPUS = cases()
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


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_exactly_the_right_rule_objects(case: Case) -> None:
    subject = Subject(case.glb, where=case.name, profile=case.profile, expectation=case.expectation)
    found = judge(subject)
    assert {finding.rule for finding in found} == ({case.rule} if case.rule else set()), found
    for finding in found:
        assert finding.message
        assert finding.why
        assert finding.fix
        assert finding.docs.startswith("rules.md#")
        assert (finding.shows is not None) == (finding.rule in DRAWN)


def test_the_corpus_is_large_and_leaves_no_rule_out() -> None:
    defects = Counter(case.rule for case in CORPUS if case.rule)
    assert sum(defects.values()) >= 60
    assert set(defects) == {rule.id for rule in RULES} | FILE_RULES
    assert len({case.name for case in CORPUS}) == len(CORPUS)
