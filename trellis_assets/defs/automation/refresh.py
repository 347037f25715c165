"""The catalog refresh: at its hour, whatever is out of date and nothing else.

Level-triggered: each tick compares the whole catalog with the store, so that a missed tick, a
failed run or an edit taken back need no memory. One run per game asset, from its first stale step
on.
"""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from trellis_assets.catalog import RefreshAutomation
from trellis_assets.pipeline.catalog_plan import plan_catalog
from trellis_assets.pipeline.requests import Request
from trellis_assets.pipeline.retire import restore_returned

from .. import tags
from ..jobs import make_game_asset
from ..partitions import add_partitions
from ..resources import PipelineResource
from ..step_asset import dagster_key
from .under_way import requests_for


def refresh_schedule(automation: RefreshAutomation) -> dg.ScheduleDefinition:
    """The schedule ``catalog_refresh`` with the catalog's own hour."""
    status = dg.DefaultScheduleStatus
    limit = automation.batch

    @dg.schedule(
        name="catalog_refresh",
        job=make_game_asset,
        cron_schedule=automation.cron,
        execution_timezone=automation.timezone,
        default_status=status.RUNNING if automation.enabled else status.STOPPED,
        description="Makes what the catalog wants and the store does not have: one run for each "
        "game asset, from its first stale step on, within the spending caps.",
    )
    def catalog_refresh(
        context: dg.ScheduleEvaluationContext, pipeline: PipelineResource
    ) -> Sequence[dg.RunRequest] | dg.SkipReason:
        settings, instance = pipeline.settings(), context.instance
        plan = plan_catalog(settings)
        if restore_returned(plan.catalog, pipeline.open_store()):
            plan = plan_catalog(settings)
        requests = requests_for(instance, plan, settings, limit=limit)
        for reasons in (requests.over_cap, requests.stopped, requests.given_up):
            for asset_id, why in reasons.items():
                context.log.warning("%s is not requested: %s", asset_id, why)
        context.log.info("Catalog refresh: %s", requests.words())
        if not requests.chosen:
            return dg.SkipReason(f"Nothing to request: {requests.words()}")
        tick = f"schedule-{context.scheduled_execution_time.isoformat(timespec='minutes')}"
        add_partitions(instance, [each.asset_id for each in requests.chosen])
        return [run_request(each, refresh=tick) for each in requests.chosen]

    return catalog_refresh


def run_request(request: Request, *, refresh: str) -> dg.RunRequest:
    """One run for one game asset.

    Args:
        refresh: what this belongs to; all its purchases are on one budget.
    """
    return dg.RunRequest(
        run_key=f"{request.asset_id}:{request.key}",
        partition_key=request.asset_id,
        asset_selection=[dagster_key(node) for node in request.nodes],
        tags={tags.REFRESH: refresh, tags.CHANGE: request.key},
    )
