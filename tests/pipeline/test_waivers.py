"""Waivers change verdicts, never files: what is held, what is judged again, what expires."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from trellis_assets.catalog import Waiver
from trellis_assets.pipeline.graph import build_graph
from trellis_assets.pipeline.node import Brief, Node
from trellis_assets.pipeline.plan import AssetPlan, plan_asset, review_catalog
from trellis_assets.pipeline.record import read_record
from trellis_assets.pipeline.step import HeldBack, Step, run_step
from trellis_assets.store import Store, open_store

from .studio import PROFILES, Toys, brief, with_finding

LAST_DAY = date(2027, 3, 1)


def waived(*, today: date = LAST_DAY, **fields: Any) -> Brief:
    content = {
        "rule": "toy.rule", "asset": "oak_barrel", "owner": "jane", "reason": "on purpose",
        "expires": LAST_DAY, **fields,
    }  # fmt: skip
    return replace(brief(), waivers=(Waiver.model_validate(content),), today=today)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "store"))


@pytest.fixture
def toys() -> Toys:
    return Toys()


@pytest.fixture
def graph(toys: Toys) -> dict[str, Node]:
    graph = toys.graph()
    graph["second"] = with_finding(graph["second"], "error")
    return graph


def make(graph: dict[str, Node], name: str, asset: Brief, store: Store) -> Step:
    return run_step(graph[name], asset, store, progress=lambda *_: None)


def due(plan: AssetPlan) -> list[str]:
    return [step.node for step in plan.due]


def test_an_error_holds_back_what_comes_after_it_in_later_runs_too(
    graph: dict[str, Node], store: Store
) -> None:
    for name in ("first", "second"):
        make(graph, name, brief(), store)
    plan = plan_asset(graph, brief(), store)
    assert due(plan) == []
    (held,) = plan.held
    assert held.node == "third"
    assert held.why == "second: toy.rule: too | big. Fix: smaller, or waive it"
    with pytest.raises(HeldBack, match=r"third of oak_barrel is not made, because of second"):
        make(graph, "third", brief(), store)


def test_a_step_that_does_not_block_holds_nothing_back(
    graph: dict[str, Node], store: Store
) -> None:
    graph["second"] = replace(graph["second"], blocking=False)
    for name in graph:
        make(graph, name, brief(), store)
    assert plan_asset(graph, brief(), store).due == ()
    assert plan_asset(graph, brief(), store).held == ()


def test_a_waiver_lets_the_rest_be_made_and_makes_nothing_again(
    graph: dict[str, Node], toys: Toys, store: Store
) -> None:
    for name in ("first", "second"):
        make(graph, name, brief(), store)
    before = read_record(store, "oak_barrel", "second")
    asset = waived()
    plan = plan_asset(graph, asset, store)
    assert [(step.node, step.why) for step in plan.due] == [
        ("second", "only judged again: a waiver changed or expired"),
        ("third", "never made"),
    ]
    steps = [make(graph, name, asset, store) for name in due(plan)]
    assert [step.cached for step in steps] == [True, False]
    assert toys.made == ["first", "second", "third"]
    after = read_record(store, "oak_barrel", "second")
    assert before
    assert after
    assert replace(after, findings=before.findings) == before, "only the verdict changed"
    assert after.findings[0]["waived"]["owner"] == "jane"
    assert plan_asset(graph, asset, store).due == ()


def test_the_day_after_its_last_the_waiver_holds_back_again(
    graph: dict[str, Node], toys: Toys, store: Store
) -> None:
    for name in graph:
        make(graph, name, waived(), store)
    tomorrow = waived(today=LAST_DAY + timedelta(days=1))
    plan = plan_asset(graph, tomorrow, store)
    assert due(plan) == ["second"]
    assert [step.node for step in plan.held] == ["third"]
    step = make(graph, "second", tomorrow, store)
    assert step.cached
    assert [finding["rule"] for finding in step.record.findings] == ["toy.rule", "waiver.expired"]
    assert due(plan_asset(graph, tomorrow, store)) == []
    assert toys.made == ["first", "second", "third"]


def test_a_waiver_of_another_asset_or_step_changes_nothing(
    graph: dict[str, Node], store: Store
) -> None:
    for name in ("first", "second"):
        make(graph, name, brief(), store)
    plan = plan_asset(graph, brief(), store)
    for other in (waived(asset="elm*"), waived(step="first"), waived(rule="toy.other")):
        assert plan_asset(graph, other, store) == plan


def test_only_the_variants_that_a_waiver_concerns_depend_on_it() -> None:
    nodes = build_graph(PROFILES)
    asset = brief(profiles=["mobile.prop", "pc.prop"])

    def changed(**fields: Any) -> set[str]:
        scoped = replace(asset, waivers=waived(**fields).waivers, today=LAST_DAY)
        return {
            name for name, node in nodes.items() if node.settings(scoped) != node.settings(asset)
        }

    both = {"variants/mobile.prop", "variants/pc.prop"}
    assert changed() == both
    assert changed(step="lod*") == both
    assert changed(profile="pc.prop") == {"variants/pc.prop"}
    assert changed(step="texture_set_1024") == {"variants/mobile.prop"}
    assert changed(asset="elm") == set()
    assert changed(expires=LAST_DAY - timedelta(days=1)) == set()


def test_the_review_tells_unused_waivers_once_all_steps_are_made(
    graph: dict[str, Node], store: Store
) -> None:
    asset = waived(rule="toy.other")

    def review() -> list[str]:
        plans = [plan_asset(graph, asset, store)]
        return [finding.rule for finding in review_catalog(plans, asset.waivers, LAST_DAY)]

    make(graph, "first", asset, store)
    assert review() == []
    graph["second"] = Toys().graph()["second"]
    for name in ("second", "third"):
        make(graph, name, asset, store)
    assert review() == ["waiver.unused"]
