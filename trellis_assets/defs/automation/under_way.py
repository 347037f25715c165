"""What Dagster knows of earlier requests: partitions with an unfinished run, and failures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import dagster as dg

from trellis_assets.pipeline.catalog_plan import CatalogPlan
from trellis_assets.pipeline.requests import Requests, choose_requests
from trellis_assets.pipeline.settings import PipelineSettings

from ..partitions import game_asset_partitions
from ..tags import CHANGE

_PARTITION = "dagster/partition"
_RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
_AT_ONCE = 400  # values in one query; SQLite takes 999


def requests_for(
    instance: dg.DagsterInstance, plan: CatalogPlan, settings: PipelineSettings, *, limit: int
) -> Requests:
    """Of all that is due, what may be requested at this moment.

    Raises:
        CatalogError: the caps cannot be read.
        GeneratorError: the address of the generator cannot be used.
    """
    keys = [each.key for each in plan.plans.values() if each.due]
    return choose_requests(
        plan,
        settings,
        limit=limit,
        busy=busy_partitions(instance),
        failures=failures_by_change(instance, keys),
    )


def busy_partitions(instance: dg.DagsterInstance) -> set[str]:
    """The game assets of all unfinished runs, whoever requested them."""
    unfinished = [
        dg.DagsterRunStatus.QUEUED,
        dg.DagsterRunStatus.NOT_STARTED,
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    ]
    busy: set[str] = set()
    for run in instance.get_runs(dg.RunsFilter(statuses=unfinished)):
        if _PARTITION in run.tags:
            busy.add(run.tags[_PARTITION])
        elif all(tag in run.tags for tag in _RANGE):
            busy.update(_range(instance, *(run.tags[tag] for tag in _RANGE)))
    return busy


def failures_by_change(instance: dg.DagsterInstance, keys: Sequence[str]) -> dict[str, int]:
    """How often the runs for each of these changes have failed.

    A run and Dagster's own retries of it count once.
    """
    roots: dict[str, set[str]] = defaultdict(set)
    for start in range(0, len(keys), _AT_ONCE):
        tags = {CHANGE: list(keys[start : start + _AT_ONCE])}
        failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], tags=tags)
        for run in instance.get_runs(failed):
            roots[run.tags[CHANGE]].add(run.root_run_id or run.run_id)
    return {key: len(runs) for key, runs in roots.items()}


def _range(instance: dg.DagsterInstance, first: str, last: str) -> Sequence[str]:
    """The partitions of a run over a range, which is in the order in which they were added."""
    keys = game_asset_partitions(instance)
    if first not in keys or last not in keys:
        return (first, last)
    return keys[keys.index(first) : keys.index(last) + 1]
