"""What a tick of the catalog refresh requests: what is stale, once, within its limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from tests.end_to_end.conftest import Studio
from trellis_assets.catalog import RefreshAutomation
from trellis_assets.definitions import build_definitions
from trellis_assets.defs import tags
from trellis_assets.defs.automation.refresh import refresh_schedule
from trellis_assets.defs.jobs import make_game_asset
from trellis_assets.pipeline.requests import TRIES, choose_requests

from .made import empty_studio, entry_fields, make_all, pipeline_of, plan_of, settings_of

NIGHT = datetime(2026, 3, 1, 2, tzinfo=UTC)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    home = tmp_path / "dagster"
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        yield instance


def tick(
    studio: Studio, instance: dg.DagsterInstance, **automation: object
) -> list[dg.RunRequest] | dg.SkipReason:
    """One evaluation of the schedule."""
    schedule = refresh_schedule(RefreshAutomation.model_validate(automation))
    with dg.build_schedule_context(
        instance, scheduled_execution_time=NIGHT, resources={"pipeline": pipeline_of(studio)}
    ) as context:
        result = schedule(context)
    assert isinstance(result, list | dg.SkipReason)
    return result


def requested(studio: Studio, instance: dg.DagsterInstance, **automation: object) -> dict[str, str]:
    """Run keys by partition."""
    result = tick(studio, instance, **automation)
    if isinstance(result, dg.SkipReason):
        return {}
    return {str(each.partition_key): str(each.run_key) for each in result}


def edit(studio: Studio, asset_id: str = "oak", **fields: object) -> None:
    studio.add_entry(asset_id, **{**entry_fields(), **fields})


def run_of(
    instance: dg.DagsterInstance, request: dg.RunRequest, status: dg.DagsterRunStatus
) -> None:
    """The run of a request as Dagster's daemon would have made it, come this far."""
    instance.create_run_for_job(
        dg.Definitions(jobs=[_nothing]).resolve_job_def("nothing"),
        status=status,
        tags={**request.tags, "dagster/partition": str(request.partition_key)},
    )


@dg.job(name="nothing")
def _nothing() -> None:
    """Stands for any job."""


def test_nothing_is_requested_while_all_is_up_to_date(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    result = tick(studio, instance)
    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "Nothing to request: nothing is due"


def test_just_what_is_stale_is_requested_from_its_first_stale_step_on(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    edit(studio, lods={"triangles": 8000})
    result = tick(studio, instance)
    assert isinstance(result, list)
    (request,) = result
    assert request.partition_key == "oak"
    keys = {"/".join(key.path) for key in request.asset_selection or ()}
    rungs = {"lod0", "lod1", "lod2", "lod3"}
    assert keys == rungs | {
        "appearance", "texture_set_2048", "texture_set_1024", "texture_set_512",
        "variants/mobile_prop", "variants/pc_prop",
    }  # fmt: skip
    assert request.tags[tags.REFRESH] == "schedule-2026-03-01T02:00+00:00"
    assert instance.get_dynamic_partitions("game_asset") == ["oak"]


def test_a_broken_entry_stops_no_other(studio: Studio, instance: dg.DagsterInstance) -> None:
    (studio.catalog / "assets" / "axe.yaml").write_text("id: axe\nclass: [")
    edit(studio, height_m=2.0)
    assert list(requested(studio, instance)) == ["oak"]


def test_a_catalog_that_is_not_there_fails_the_tick(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    (studio.catalog / "profiles.yaml").unlink()
    with pytest.raises(Exception, match=r"no profiles\.yaml"):
        tick(studio, instance)


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED", "CANCELING"])
def test_what_a_run_is_at_is_not_requested_again(
    studio: Studio, instance: dg.DagsterInstance, status: str
) -> None:
    edit(studio, height_m=2.0)
    result = tick(studio, instance)
    assert isinstance(result, list)
    run_of(instance, result[0], dg.DagsterRunStatus(status))
    again = tick(studio, instance)
    assert isinstance(again, dg.SkipReason)
    assert again.skip_message == "Nothing to request: 1 under way"


def test_a_run_over_a_range_of_partitions_keeps_them_all_busy(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    for asset_id in ("axe", "oak"):
        edit(studio, asset_id, height_m=2.0)
    instance.add_dynamic_partitions("game_asset", ["oak", "other", "axe"])
    instance.create_run_for_job(
        dg.Definitions(jobs=[_nothing]).resolve_job_def("nothing"),
        status=dg.DagsterRunStatus.STARTED,
        tags={
            "dagster/asset_partition_range_start": "oak",
            "dagster/asset_partition_range_end": "axe",
        },
    )
    assert requested(studio, instance) == {}


def test_a_change_that_fails_is_tried_some_nights_and_again_after_an_edit(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    edit(studio, height_m=2.0)
    for _ in range(TRIES):
        result = tick(studio, instance)
        assert isinstance(result, list)
        run_of(instance, result[0], dg.DagsterRunStatus.FAILURE)
    given_up = tick(studio, instance)
    assert isinstance(given_up, dg.SkipReason)
    assert f"1 given up after {TRIES} failures" in str(given_up.skip_message)
    edit(studio, height_m=3.0)
    assert list(requested(studio, instance)) == ["oak"]


def test_there_and_back_again_is_requested_each_time(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    keys: list[str] = []
    for height in (2.0, 0.35, 2.0):
        edit(studio, height_m=height)
        keys += requested(studio, instance).values()
        make_all(studio)
        assert requested(studio, instance) == {}
    assert len(keys) == 3
    assert keys[0] != keys[1]


def test_a_tick_takes_a_batch_and_the_next_one_goes_on(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    studio = empty_studio(tmp_path, {f"asset_{n}": ["pc.prop"] for n in range(5)})
    seen: list[str] = []
    for count in (2, 2, 1):
        result = tick(studio, instance, batch=2)
        assert isinstance(result, list)
        assert len(result) == count
        for request in result:
            run_of(instance, request, dg.DagsterRunStatus.STARTED)
            seen.append(str(request.partition_key))
    assert sorted(seen) == [f"asset_{n}" for n in range(5)]


def test_what_a_cap_forbids_is_told_and_not_requested(studio: Studio, trusting: None) -> None:
    (studio.catalog / "caps.yaml").write_text(json.dumps({"run_usd": 0.06, "day_usd": 9}))
    for number in range(3):
        name = f"new_{number}"
        (studio.catalog / "concepts" / f"{name}.png").write_bytes(name.encode())
        studio.add_entry(name, generation={"seed": number})
    edit(studio, owner="you")
    make_all(studio)
    for number in range(3):  # bought with the other generator, and not by this one
        studio.add_entry(f"new_{number}", generation={"seed": number + 10})
    plan, settings = plan_of(studio, "runware"), settings_of(studio, "runware")
    requests = choose_requests(plan, settings, limit=99, busy=(), failures={})
    bought = {each.asset_id for each in requests.chosen}
    assert len(bought) + len(requests.over_cap) == 5
    assert 1 <= len(bought) <= 2, "0.0256 USD each, two candidates of oak and axe more"
    for why in requests.over_cap.values():
        assert "run_usd is 0.06" in why
        assert "raise run_usd in" in why


def test_the_real_definitions_resolve_what_is_requested(
    studio: Studio, instance: dg.DagsterInstance
) -> None:
    """Dagster itself accepts the selection, partition and tags of each request."""
    (studio.catalog / "automation.yaml").write_text(
        json.dumps({"refresh": {"cron": "30 4 * * 1-5", "timezone": "Europe/Berlin"}})
    )
    edit(studio, profiles=["mobile.prop", "quest.prop"])
    definitions = build_definitions(settings_of(studio))
    schedule = definitions.resolve_schedule_def("catalog_refresh")
    assert (schedule.cron_schedule, schedule.execution_timezone) == (
        "30 4 * * 1-5",
        "Europe/Berlin",
    )
    assert schedule.job_name == make_game_asset.name
    with dg.build_schedule_context(
        instance,
        scheduled_execution_time=NIGHT,
        repository_def=definitions.get_repository_def(),
        resources={"pipeline": pipeline_of(studio)},
    ) as context:
        data = schedule.evaluate_tick(context)
    (request,) = data.run_requests or ()
    assert request.tags["dagster/partition"] == "oak"
    assert request.asset_selection == [dg.AssetKey(["variants", "quest_prop"])]
