"""One node of the pipeline as one Dagster asset."""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.node import Node
from trellis_assets.pipeline.step import run_step

from .batch import Ahead, brief_of, judge_all, materialize_many
from .checks import check_results, check_specs
from .partitions import GAME_ASSET
from .presentation import step_metadata
from .resources import PipelineResource

_OWNERS = ["team:technical-art"]


def dagster_key(node_name: str) -> dg.AssetKey:
    """``variants/pc.prop`` is the asset ``variants / pc_prop``."""
    return dg.AssetKey([part.replace(".", "_") for part in node_name.split("/")])


def step_asset(
    node: Node,
    *,
    group: str,
    kinds: set[str],
    checks: Sequence[str],
    description: str,
    tags: Mapping[str, str] | None = None,
    pool: str | None = None,
    batch: int | None = None,
    ahead: Ahead | None = None,
) -> dg.AssetsDefinition:
    """The asset of ``node``, with checks that turn the findings of the step into verdicts.

    Args:
        checks: the aspects that are judged, see :data:`.checks.ASPECTS`; never empty.
        pool: concurrency pool of the step.
        batch: partitions that a backfill puts into one run; one each if left out.
        ahead: what such a run does for all its partitions at once.
    """
    key = dagster_key(node.name)
    spec = dg.AssetSpec(
        key,
        deps=[dagster_key(name) for name in node.inputs],
        group_name=group,
        kinds=kinds,
        owners=_OWNERS,
        tags=tags,
        description=description,
        code_version=node.code_version,
        partitions_def=GAME_ASSET,
        skippable=True,
    )

    # A multi-asset of one: only here may an asset and its checks be left out, which is what a
    # variant does whose profile the entry does not ask for.
    @dg.multi_asset(
        name="__".join(key.path),
        specs=[spec],
        partitions_def=GAME_ASSET,
        check_specs=check_specs(key, checks, blocking=node.blocking),
        can_subset=True,
        pool=pool,
        backfill_policy=dg.BackfillPolicy.multi_run(batch) if batch else None,
    )
    def materialize(
        context: dg.AssetExecutionContext, pipeline: PipelineResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        if not context.has_partition_key and not context.selected_asset_keys:
            judge_all(context, node, pipeline, key=key, checks=checks)
        elif len(context.partition_keys) > 1:
            yield from materialize_many(
                context, node, pipeline, key=key, ahead=ahead, checks=checks
            )
        else:
            yield from _materialize_one(context, node, pipeline, checks=checks)

    return materialize


def _materialize_one(
    context: dg.AssetExecutionContext,
    node: Node,
    pipeline: PipelineResource,
    *,
    checks: Sequence[str],
) -> Iterator[dg.MaterializeResult[None]]:
    """Make ``node`` of the run's one partition; yields nothing if its entry does not ask for it.

    Raises:
        Failure: the step says why it cannot be made.
    """

    def progress(stage: str, share: float) -> None:
        context.log.info("%s: %s (%.0f%%)", node.name, stage, 100 * share)

    asset_id = context.partition_key
    try:
        brief = brief_of(context, pipeline, asset_id)
        if node.settings(brief) is None:
            context.log.info("%s does not ask for %s: nothing to make", asset_id, node.name)
            return
        store = pipeline.open_store()
        step = run_step(node, brief, store, progress=progress)
    except TrellisAssetsError as error:
        # Expected and deterministic: trying again would only say the same again.
        raise dg.Failure(description=str(error), allow_retries=False) from error
    if step.cached:
        context.log.info("%s of %s is up to date: nothing was made", node.name, asset_id)
    yield dg.MaterializeResult(
        asset_key=dagster_key(node.name),
        metadata=step_metadata(step, store),
        data_version=dg.DataVersion(step.record.data_version),
        check_results=_selected(context, check_results(step, checks)),
    )


def _selected(
    context: dg.AssetExecutionContext, results: Sequence[dg.AssetCheckResult]
) -> list[dg.AssetCheckResult]:
    names = {key.name for key in context.selected_asset_check_keys}
    return [result for result in results if result.check_name in names]
