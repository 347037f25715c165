"""The sensor on new uploads in a folder, and what it shares with the one on S3."""

from collections.abc import Callable, Collection
from time import time

import dagster as dg

from trellis_assets.catalog import UploadAutomation, load_automation
from trellis_assets.pipeline.uploads import Desk, RunWish, take_uploads
from trellis_assets.uploads import UploadPlace, UploadQueue, open_uploads

from ..jobs import make_game_asset
from ..partitions import GAME_ASSET
from ..resources import PipelineResource
from ..step_asset import dagster_key

_RUN_KEY = "dagster/run_key"
_PARTITION = "dagster/partition"
# A run that was made and never handed over is launched by asking for it once more.
_HANDED_OVER = [each for each in dg.DagsterRunStatus if each != dg.DagsterRunStatus.NOT_STARTED]
_UNDER_WAY = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def folder_sensor(automation: UploadAutomation) -> dg.SensorDefinition:
    """The sensor on a folder."""

    def new_uploads(
        context: dg.SensorEvaluationContext, pipeline: PipelineResource
    ) -> dg.SensorResult:
        return look(context, pipeline, open_uploads(pipeline.uploads))

    return sensor_of(new_uploads, automation)


def sensor_of(
    decide: Callable[..., dg.SensorResult], automation: UploadAutomation
) -> dg.SensorDefinition:
    """The sensor around ``decide``, with the interval and the state that the catalog asks for.

    It runs without being switched on: dropping a picture is how an artist asks for a model, what
    it may cost is capped, and a look at a folder that is not there costs nothing.
    """
    running, stopped = dg.DefaultSensorStatus.RUNNING, dg.DefaultSensorStatus.STOPPED
    return dg.sensor(
        name="new_uploads",
        job=make_game_asset,
        minimum_interval_seconds=automation.interval_s,
        default_status=running if automation.enabled else stopped,
        description=(
            "Takes new and replaced images from TRELLIS_ASSETS_UPLOADS into the catalog and asks "
            "for a run of what is due. What cannot be used goes to `quarantine/` beside them, with "
            "the reason in a text file."
        ),
    )(decide)


def look(
    context: dg.SensorEvaluationContext,
    pipeline: PipelineResource,
    place: UploadPlace,
    queue: UploadQueue | None = None,
) -> dg.SensorResult:
    """One look at the uploads, in Dagster's terms."""
    instance, catalog = context.instance, pipeline.open_catalog()

    def run_exists(run_key: str) -> bool:
        runs = dg.RunsFilter(tags={_RUN_KEY: run_key}, statuses=_HANDED_OVER)
        return bool(instance.get_run_ids(runs, limit=1))

    def in_progress() -> Collection[str]:
        records = instance.get_run_records(dg.RunsFilter(statuses=_UNDER_WAY))
        return {record.dagster_run.tags.get(_PARTITION, "") for record in records}

    found = take_uploads(
        Desk(
            place=place,
            catalog=catalog,
            store=pipeline.open_store(),
            generator=pipeline.generator,
            automation=load_automation(catalog).uploads,
            now=time(),
            run_exists=run_exists,
            in_progress=in_progress,
            queue=queue,
        ),
        context.cursor,
    )
    for line in found.words.splitlines():
        context.log.info(line)
    asset_ids = [run.asset_id for run in found.runs]
    return dg.SensorResult(
        run_requests=[_request(run) for run in found.runs],
        dynamic_partitions_requests=[GAME_ASSET.build_add_request(asset_ids)],
        cursor=found.cursor,
        skip_reason=None if found.runs else found.words,
    )


def _request(run: RunWish) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=run.run_key,
        partition_key=run.asset_id,
        asset_selection=[dagster_key(node) for node in run.nodes],
    )
