"""Steps are made once, plans say what is due and why, and nothing half-made counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.node import Brief, Node, asset_key
from trellis_assets.pipeline.plan import plan_asset
from trellis_assets.pipeline.record import read_record
from trellis_assets.pipeline.step import Step, StepError, run_step
from trellis_assets.store import FolderStore, Store

from .studio import Toys, brief


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return FolderStore(tmp_path)


@pytest.fixture
def toys() -> Toys:
    return Toys()


def run(graph: Mapping[str, Node], asset: Brief, store: Store) -> list[Step]:
    wanted = [node for node in graph.values() if node.settings(asset) is not None]
    return [run_step(node, asset, store, progress=lambda *_: None) for node in wanted]


def due(graph: Mapping[str, Node], asset: Brief, store: Store) -> dict[str, str]:
    return {step.node: step.why for step in plan_asset(graph, asset, store).due}


def test_all_is_due_at_first_and_nothing_afterwards(store: Store, toys: Toys) -> None:
    graph = toys.graph()
    assert list(due(graph, brief(), store)) == ["first", "second", "third"]
    run(graph, brief(), store)
    assert due(graph, brief(), store) == {}
    assert store.read("assets/oak_barrel/third.txt") == b"1"


def test_a_step_that_was_done_is_not_made_again(store: Store, toys: Toys) -> None:
    run(toys.graph(), brief(), store)
    steps = run(toys.graph(), brief(), store)
    assert toys.made == ["first", "second", "third"]
    assert all(step.cached for step in steps)


def test_an_unchanged_result_stops_the_wave(store: Store, toys: Toys) -> None:
    run(toys.graph(), brief(height_m=1.0), store)
    toys.made.clear()
    run(toys.graph(), brief(height_m=1.2), store)
    assert toys.made == ["first", "second"], "second gives the same file, so third stands"


@pytest.mark.parametrize(
    ("code", "height", "expected"),
    [
        ("2", 1.0, "code 1 became 2"),
        ("1", 5.0, "settings changed: height_m"),
    ],
)
def test_the_plan_says_why(
    store: Store, toys: Toys, code: str, height: float, expected: str
) -> None:
    run(toys.graph(), brief(), store)
    reasons = due(toys.graph(code=code), brief(height_m=height), store)
    assert reasons == {
        "first": expected,
        "second": "first is made again",
        "third": "second is made again",
    }


def test_the_plan_names_an_input_that_changed_behind_its_back(store: Store, toys: Toys) -> None:
    graph = toys.graph()
    run(graph, brief(), store)
    run_step(graph["first"], brief(height_m=7.0), store, progress=lambda *_: None)
    assert due(graph, brief(height_m=7.0), store)["second"] == "first changed"


def test_the_plan_names_an_input_that_a_step_did_not_have(store: Store, toys: Toys) -> None:
    graph = toys.graph()
    run(graph, brief(), store)
    graph["third"] = replace(graph["third"], inputs=("second", "first"))
    assert due(graph, brief(), store) == {"third": "it is made from first now"}


def test_a_newer_tool_makes_a_step_stale(
    store: Store, toys: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(toys.graph(), brief(), store)
    monkeypatch.setattr("trellis_assets.pipeline.fingerprint.tool_version", lambda _: "99.0")
    assert due(toys.graph(), brief(), store)["first"].endswith("became 99.0")


def test_a_lost_or_shortened_file_is_made_again(store: Store, toys: Toys) -> None:
    graph = toys.graph()
    run(graph, brief(), store)
    store.write("assets/oak_barrel/second.txt", b"")
    assert due(graph, brief(), store)["second"] == "files are missing from the store"
    run(graph, brief(), store)
    assert store.read("assets/oak_barrel/second.txt") == b"1"


def test_a_node_that_is_not_wanted_is_neither_planned_nor_run(store: Store, toys: Toys) -> None:
    graph = toys.graph(with_last=False)
    assert "third" not in due(graph, brief(), store)
    with pytest.raises(StepError, match="does not ask for third"):
        run_step(graph["third"], brief(), store, progress=lambda *_: None)


def test_a_missing_input_is_named(store: Store, toys: Toys) -> None:
    with pytest.raises(StepError, match="second of oak_barrel needs first"):
        run_step(toys.graph()["second"], brief(), store, progress=lambda *_: None)


def test_a_refused_step_leaves_what_was_there(store: Store, toys: Toys) -> None:
    run(toys.graph(), brief(), store)
    toys.refuse["first"] = TrellisAssetsError("no")
    with pytest.raises(TrellisAssetsError):
        run(toys.graph(), brief(height_m=9.0), store)
    assert store.read("assets/oak_barrel/first.txt") == b"1.0"
    assert read_record(store, "oak_barrel", "first") is not None


def test_a_step_killed_between_its_files_does_not_count_as_done(
    store: Store, toys: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = toys.graph()
    run(graph, brief(), store)

    def killed(_store: Store, _record: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("trellis_assets.pipeline.step.write_record", killed)
    with pytest.raises(KeyboardInterrupt):
        run(graph, brief(height_m=3.0), store)
    monkeypatch.undo()
    for height in (3.0, 1.0):
        assert due(graph, brief(height_m=height), store)["first"] == "never made"


def test_a_going_back_is_noticed(store: Store, toys: Toys) -> None:
    for height in (1.0, 4.0, 1.0):
        run(toys.graph(), brief(height_m=height), store)
    assert store.read(asset_key("oak_barrel", "third.txt")) == b"1"
    assert toys.made.count("first") == 3
