"""However the steps are started, by hand, in a backfill, again after a failure: the same state."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg
import pytest

from tests.pipeline.studio import CATALOG, Toys
from trellis_assets.defs.partitions import add_partitions
from trellis_assets.defs.resources import PipelineResource
from trellis_assets.defs.step_asset import step_asset
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.node import Made, Node, Workplace
from trellis_assets.store import FolderStore

IDS = ("oak_barrel", "toadstool", "amphora")
pytestmark = pytest.mark.filterwarnings("ignore:Asset job .* varying BackfillPolicies:UserWarning")
STORE, REFUSE = "TOY_STORE", "TOY_REFUSE"


def toy_definitions() -> dg.Definitions:
    """Three steps, the first in batches; ``TOY_REFUSE`` names game assets whose second fails."""
    graph = Toys().graph()
    graph["second"] = _refusing(graph["second"])
    assets = [
        step_asset(
            node,
            group="g",
            kinds={"txt"},
            checks=("spec",),
            description="d",
            batch=3 if not node.inputs else None,
        )
        for node in graph.values()
    ]
    pipeline = PipelineResource(catalog=CATALOG.uri, store=os.environ[STORE], generator="embedded")
    return dg.Definitions(
        assets=assets,
        jobs=[dg.define_asset_job("toys", selection=dg.AssetSelection.all())],
        resources={"pipeline": pipeline},
        executor=dg.in_process_executor,
    )


def toy_job() -> dg.JobDefinition:
    """The job as Dagster finds it in another process."""
    return toy_definitions().resolve_job_def("toys")


def _refusing(node: Node) -> Node:
    def make(work: Workplace) -> Made:
        if work.entry.id in os.environ.get(REFUSE, "").split():
            raise TrellisAssetsError("no room on the bench")
        return node.make(work)

    return Node(node.name, node.inputs, node.code_version, node.tools, node.settings, make)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.delenv(REFUSE, raising=False)
    monkeypatch.setenv(STORE, str(tmp_path / "other"))
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        add_partitions(instance, IDS)
        yield instance


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, object]:
    """The state after one whole run for each game asset."""
    folder = tmp_path_factory.mktemp("fresh")
    with pytest.MonkeyPatch.context() as patch, dg.DagsterInstance.ephemeral() as instance:
        patch.setenv(STORE, str(folder))
        patch.delenv(REFUSE, raising=False)
        add_partitions(instance, IDS)
        for asset_id in IDS:
            assert toy_job().execute_in_process(instance=instance, partition_key=asset_id).success
    found = state(folder)
    assert len(found) == 3 * 3 * 2
    return found


def state(folder: Path) -> dict[str, object]:
    """Files and records, without what tells when and how long."""
    store = FolderStore(folder)
    found: dict[str, object] = {}
    for key in store.list("assets/"):
        data = store.read(key)
        found[key] = data
        if key.endswith(".json"):
            record = json.loads(data)
            found[key] = {
                name: record[name] for name in record if name not in ("made_at", "seconds")
            }
    return found


def test_by_hand_one_asset_after_the_other(
    instance: dg.DagsterInstance, tmp_path: Path, fresh: Mapping[str, object]
) -> None:
    for name in ("first", "second", "third"):
        for asset_id in IDS:
            toy_job().execute_in_process(
                instance=instance, partition_key=asset_id, asset_selection=[dg.AssetKey(name)]
            )
    assert state(tmp_path / "other") == fresh


def test_a_backfill_of_all_partitions_over_some_that_are_there(
    instance: dg.DagsterInstance, tmp_path: Path, fresh: Mapping[str, object]
) -> None:
    toy_job().execute_in_process(instance=instance, partition_key=IDS[1])
    toy_job().execute_in_process(  # as the daemon splits it: the batched step, then the others
        instance=instance,
        asset_selection=[dg.AssetKey("first")],
        tags={
            "dagster/asset_partition_range_start": IDS[0],
            "dagster/asset_partition_range_end": IDS[-1],
        },
    )
    for asset_id in IDS:
        toy_job().execute_in_process(
            instance=instance,
            partition_key=asset_id,
            asset_selection=[dg.AssetKey("second"), dg.AssetKey("third")],
        )
    assert state(tmp_path / "other") == fresh


def test_a_run_executed_again_from_its_failure_on(
    instance: dg.DagsterInstance,
    tmp_path: Path,
    fresh: Mapping[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(REFUSE, IDS[0])
    outcomes = {
        asset_id: dg.execute_job(
            dg.reconstructable(toy_job), instance, tags={"dagster/partition": asset_id}
        )
        for asset_id in IDS
    }
    assert [outcome.success for outcome in outcomes.values()] == [False, True, True]
    assert "third" not in {
        event.step_key for event in outcomes[IDS[0]].all_events if event.is_step_success
    }
    monkeypatch.delenv(REFUSE)
    failed = outcomes[IDS[0]].run_id
    again = dg.execute_job(
        dg.reconstructable(toy_job),
        instance,
        reexecution_options=dg.ReexecutionOptions.from_failure(failed, instance),
        tags={"dagster/partition": IDS[0]},  # which the page copies by itself
    )
    assert again.success
    made = {event.step_key for event in again.all_events if event.is_step_success}
    assert made == {"second", "third"}, "what was done is not done again"
    assert state(tmp_path / "other") == fresh
