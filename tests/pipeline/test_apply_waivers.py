"""Waivers applied to findings: in force, expired, unused, out of scope."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from trellis_assets.catalog import Waiver
from trellis_assets.finding import Finding
from trellis_assets.pipeline.waivers import apply_waivers, blocking, in_force, review_waivers

LAST_DAY = date(2027, 3, 1)
DAY_AFTER = LAST_DAY + timedelta(days=1)
OVERLAP = Finding(
    "uv.overlap", "error", "lod0.glb", "9 % overlap", "bakes bleed", "unwrap"
).as_json()
FLIPPED = Finding("mesh.flipped", "error", "lod0.glb", "3 faces", "holes", "flip them").as_json()


def waiver(**fields: Any) -> Waiver:
    content = {
        "rule": "uv.overlap", "asset": "oak_barrel", "owner": "jane", "reason": "on purpose",
        "expires": LAST_DAY,
    }  # fmt: skip
    return Waiver.model_validate({**content, **fields})


def judged(*waivers: Waiver, today: date = LAST_DAY) -> tuple[Any, ...]:
    return apply_waivers(
        [OVERLAP, FLIPPED], waivers, today, asset_id="oak_barrel", step="lod0"
    )  # fmt: skip


def test_a_waived_finding_is_shown_as_such_and_blocks_nothing() -> None:
    overlap, flipped = judged(waiver())
    assert overlap == {
        **OVERLAP,
        "waived": {"owner": "jane", "reason": "on purpose", "expires": "2027-03-01"},
    }
    assert flipped == FLIPPED
    assert blocking(judged(waiver())) == [FLIPPED]
    assert blocking(judged(waiver(), waiver(rule="mesh.flipped"))) == []


def test_out_of_scope_it_changes_nothing() -> None:
    for other in (
        waiver(asset="elm"),
        waiver(step="lod1"),
        waiver(profile="pc.prop"),
        waiver(rule="uv.range"),
    ):
        assert judged(other) == (OVERLAP, FLIPPED)
    assert blocking(judged(waiver(asset="oak_*", step="lod?"))) == [FLIPPED]


def test_a_waiver_may_be_meant_for_one_node_of_the_model() -> None:
    left, right = {**OVERLAP, "node": "wing_left"}, {**OVERLAP, "node": "wing_right"}

    def left_over(node: str) -> list[Any]:
        marked = apply_waivers(
            [left, right], [waiver(node=node)], LAST_DAY, asset_id="oak_barrel", step="lod0"
        )
        return blocking(marked)

    assert left_over("wing_left") == [right]
    assert left_over("wing_*") == []
    assert left_over("tail") == [left, right]


def test_the_day_after_its_last_the_finding_blocks_again_and_says_why() -> None:
    overlap, flipped, expired = judged(waiver(), today=DAY_AFTER)
    assert (overlap, flipped) == (OVERLAP, FLIPPED)
    assert expired["rule"] == "waiver.expired"
    assert expired["severity"] == "warning"
    assert "by jane expired on 2027-03-01" in expired["message"]
    assert blocking(judged(waiver(), today=DAY_AFTER)) == [OVERLAP, FLIPPED]


def test_a_renewed_waiver_beside_the_expired_one_is_enough() -> None:
    renewed = waiver(asset="oak_*", expires=DAY_AFTER, reason="still on purpose")
    overlap, _ = judged(waiver(), renewed, today=DAY_AFTER)
    assert overlap["waived"]["reason"] == "still on purpose"


def test_applying_again_on_another_day_forgets_what_was_said_before() -> None:
    def again(findings: Any, *waivers: Waiver, today: date) -> Any:
        return apply_waivers(findings, waivers, today, asset_id="oak_barrel", step="lod0")

    before = judged(waiver())
    after = again(before, waiver(), today=DAY_AFTER)
    assert after == judged(waiver(), today=DAY_AFTER)
    assert again(after, waiver(), today=LAST_DAY) == before
    assert again(after, today=DAY_AFTER) == (OVERLAP, FLIPPED)


def test_the_review_names_what_expired_and_what_nobody_needs() -> None:
    steps = {("oak_barrel", "lod0"): [OVERLAP], ("oak_barrel", "lod1"): []}

    def said(*waivers: Waiver, today: date = LAST_DAY) -> list[tuple[str, str]]:
        return [(each.rule, each.message) for each in review_waivers(waivers, steps, today)]

    assert said(waiver()) == []
    ((rule, message),) = said(waiver(step="lod1"))
    assert rule == "waiver.unused"
    assert "accepts nothing" in message
    ((rule, message),) = said(waiver(asset="oak_barel"))
    assert rule == "waiver.unused"
    assert "nothing of this name" in message
    ((rule, message),) = said(waiver(), today=DAY_AFTER)
    assert rule == "waiver.expired"
    assert "counts again" in message
    ((rule, message),) = said(waiver(step="lod1"), today=DAY_AFTER)
    assert rule == "waiver.expired"
    assert "no such finding any more" in message


def test_a_waiver_for_a_step_that_was_never_made_is_not_unused() -> None:
    waiting: dict[tuple[str, str], list[Any] | None] = {
        ("oak_barrel", "lod0"): [],
        ("oak_barrel", "lod1"): None,
    }
    assert review_waivers([waiver()], waiting, LAST_DAY) == []
    assert len(review_waivers([waiver(step="lod0")], waiting, LAST_DAY)) == 1


def test_those_in_force_are_told_by_scope_and_day() -> None:
    step = ("oak_barrel", "lod0")
    here, there = waiver(step="lod*"), waiver(step="lod1")
    assert in_force([here, there], [step], LAST_DAY) == [here]
    assert in_force([here], [step], DAY_AFTER) == []
