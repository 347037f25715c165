"""The index follows the variants by itself: once, and only when the wave is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.end_to_end.conftest import Studio
from trellis_assets.definitions import build_definitions
from trellis_assets.defs.catalog import CATALOG_INDEX

from .made import settings_of

VARIANT = dg.AssetKey(["variants", "pc_prop"])


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        instance.add_dynamic_partitions("game_asset", ["oak", "axe"])
        yield instance


def made(instance: dg.DagsterInstance, key: dg.AssetKey, partition: str | None = None) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=partition))


def test_a_variant_of_one_entry_is_enough_and_the_index_is_made_once(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    defs = build_definitions(settings_of(studio))
    result = dg.evaluate_automation_conditions(defs, instance)
    assert result.total_requested == 0, "nothing has changed yet"
    made(instance, VARIANT, "oak")
    result = dg.evaluate_automation_conditions(defs, instance, cursor=result.cursor)
    assert result.get_num_requested(CATALOG_INDEX) == 1, "axe has no variant, and need not have"
    assert result.total_requested == 1, "nothing that may cost money is ever requested so"
    made(instance, CATALOG_INDEX)
    result = dg.evaluate_automation_conditions(defs, instance, cursor=result.cursor)
    assert result.total_requested == 0
    made(instance, VARIANT, "axe")
    made(instance, CATALOG_INDEX)  # by a refresh from the command line, say
    result = dg.evaluate_automation_conditions(defs, instance, cursor=result.cursor)
    assert result.total_requested == 0


def test_it_waits_for_the_end_of_the_wave(studio: Studio, instance: dg.DagsterInstance) -> None:
    defs = build_definitions(settings_of(studio))
    cursor = dg.evaluate_automation_conditions(defs, instance).cursor
    made(instance, VARIANT, "oak")
    run = instance.create_run_for_job(
        defs.resolve_job_def("make_game_asset"),
        tags={"dagster/partition": "axe"},
        status=dg.DagsterRunStatus.STARTED,
        asset_selection=frozenset({VARIANT}),
    )
    result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)
    assert result.total_requested == 0
    instance.report_run_failed(run)
    result = dg.evaluate_automation_conditions(defs, instance, cursor=result.cursor)
    assert result.get_num_requested(CATALOG_INDEX) == 1
