"""A variant with an error fails its game asset, though nothing comes after it that could wait."""

from __future__ import annotations

from typing import Any

import pytest

from trellis_assets.pipeline.plan import AssetPlan, DueStep

LOOK = {
    "rule": "look.ssim", "severity": "error", "where": "lod1", "message": "0.8 SSIM",
    "why": "it shows", "fix": "more triangles",
}  # fmt: skip


def plan(*due: str, **fields: Any) -> AssetPlan:
    findings = {"lod0": (), "variants/pc.prop": ({**LOOK, **fields},)}
    steps = tuple(DueStep(node, "edited") for node in due)
    return AssetPlan("oak", tuple(findings), steps, findings=findings)


def test_the_error_of_a_variant_is_told_until_it_is_mended() -> None:
    said = "variants/pc.prop: look.ssim: 0.8 SSIM. Fix: more triangles, or waive it"
    assert plan().refused == plan("lod0").refused == said


@pytest.mark.parametrize(
    "good",
    [plan("variants/pc.prop"), plan(severity="warning"), plan(waived={"owner": "jane"})],
    ids=["made again", "warning", "waived"],
)
def test_nothing_is_told_of_what_is_made_again_warned_of_or_waived(good: AssetPlan) -> None:
    assert good.refused == ""
