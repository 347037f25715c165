"""Several partitions in one run, each with its own event, data version and verdict.

Dagster gives a run over many partitions one outcome. Here every partition that went well is told
on its own, and only then the run fails for the others: they alone show as failed, and a retry of
the backfill touches nothing else.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import dagster as dg

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.node import Brief, Node
from trellis_assets.pipeline.step import Step, judge_step, run_step
from trellis_assets.store import Store

from . import tags
from .checks import check_results
from .presentation import step_metadata
from .resources import PipelineResource

_BACKFILL_TAG = "dagster/backfill"

Ahead = Callable[
    [Sequence[Brief], Store, int, Callable[[str, str], None]], Mapping[str, TrellisAssetsError]
]
"""Work shared by all partitions of a run, done before each is made: briefs, store, tasks in flight,
a log (asset_id, words); returns what failed."""


def brief_of(context: dg.AssetExecutionContext, pipeline: PipelineResource, asset_id: str) -> Brief:
    """The brief of a partition; its purchases go on the budget of the refresh or backfill that
    this run belongs to. A run that a person executes again has a budget of its own.
    """
    run = context.run
    shared = run.tags.get(tags.REFRESH) or run.tags.get(_BACKFILL_TAG)
    first = run.root_run_id is None  # a run that is executed again has copies of the tags
    name = shared if shared and first else run.run_id
    buy_again = first and run.tags.get(tags.BUY_AGAIN) == "true"
    return replace(pipeline.brief(asset_id), run=name, buy_again=buy_again)


def materialize_many(
    context: dg.AssetExecutionContext,
    node: Node,
    pipeline: PipelineResource,
    *,
    key: dg.AssetKey,
    ahead: Ahead | None,
    checks: Sequence[str],
) -> Iterator[dg.MaterializeResult[None]]:
    """Make ``node`` of every partition of the run.

    Raises:
        Failure: some failed; the others are materialized.
    """
    store = pipeline.open_store()
    briefs, errors = _briefs(context, node, pipeline)

    def log(asset_id: str, words: str) -> None:
        context.log.info("%s of %s: %s", node.name, asset_id, words)

    if ahead is not None and briefs:
        errors |= ahead(list(briefs.values()), store, pipeline.in_flight, log)
    steps: dict[str, Step] = {}
    for asset_id in [each for each in briefs if each not in errors]:
        try:
            steps[asset_id] = run_step(node, briefs[asset_id], store, progress=lambda *_: None)
        except TrellisAssetsError as error:
            errors[asset_id] = error
    if steps and not errors:
        # What is downstream in this run waits for it; what it says of the partitions is put right
        # by the events that follow.
        yield dg.MaterializeResult(asset_key=key)
    for asset_id, step in steps.items():
        context.log_event(_materialization(key, asset_id, step, store, node))
        if context.selected_asset_check_keys:
            for result in check_results(step, checks):
                context.log_event(_evaluation(key, asset_id, result))
    if errors:
        told = "; ".join(f"{asset_id}: {error}" for asset_id, error in errors.items())
        raise dg.Failure(
            description=f"{len(errors)} of {len(context.partition_keys)} failed: {told}",
            allow_retries=False,
        )


def judge_all(
    context: dg.AssetExecutionContext,
    node: Node,
    pipeline: PipelineResource,
    *,
    key: dg.AssetKey,
    checks: Sequence[str],
) -> None:
    """Judge what was made for every game asset under the waivers of today; makes nothing.

    That is what Dagster's "Execute all" on a page of checks asks for: it names no partition.
    """
    store = pipeline.open_store()
    for asset_id in context.instance.get_dynamic_partitions("game_asset"):
        try:
            step = judge_step(node, pipeline.brief(asset_id), store)
        except TrellisAssetsError as error:
            context.log.warning("%s of %s is not judged: %s", node.name, asset_id, error)
            continue
        for result in check_results(step, checks):
            context.log_event(_evaluation(key, asset_id, result))


def _briefs(
    context: dg.AssetExecutionContext, node: Node, pipeline: PipelineResource
) -> tuple[dict[str, Brief], dict[str, TrellisAssetsError]]:
    """The briefs of the partitions that want ``node``, and what is wrong with the others."""
    briefs: dict[str, Brief] = {}
    errors: dict[str, TrellisAssetsError] = {}
    for asset_id in context.partition_keys:
        try:
            brief = brief_of(context, pipeline, asset_id)
            if node.settings(brief) is not None:
                briefs[asset_id] = brief
        except TrellisAssetsError as error:
            errors[asset_id] = error
    return briefs, errors


def _materialization(
    key: dg.AssetKey, asset_id: str, step: Step, store: Store, node: Node
) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        key,
        partition=asset_id,
        metadata=step_metadata(step, store),
        tags={
            "dagster/data_version": step.record.data_version,
            "dagster/code_version": node.code_version,
        },
    )


def _evaluation(
    key: dg.AssetKey, asset_id: str, result: dg.AssetCheckResult
) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=key,
        check_name=str(result.check_name),
        passed=result.passed,
        metadata=result.metadata,
        severity=result.severity,
        description=result.description,
        partition=asset_id,
    )
