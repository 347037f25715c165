"""Messages to a chat: a run that failed, and the outcome of the catalog report. Off by default.

A message is worth less than what it tells of: one that cannot be delivered is logged and given up.
"""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from trellis_assets.catalog import Notifications
from trellis_assets.notifications import (
    Message,
    NotificationError,
    post_message,
    report_message,
    run_failure_message,
    webhook_url,
)

from .report import CATALOG_REPORT


def notification_sensors(settings: Notifications) -> Sequence[dg.SensorDefinition]:
    """The sensors that the catalog asks for; none where notifications are off."""
    if not settings.enabled:
        return []
    wanted = []
    if settings.run_failures:
        wanted.append(_tell_failures(settings.timeout_s))
    if settings.report:
        wanted.append(_tell_report(settings.timeout_s))
    return wanted


def _tell_failures(timeout_s: float) -> dg.SensorDefinition:
    @dg.run_failure_sensor(
        name="tell_run_failures",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Posts to the chat what failed, where and why.",
    )
    def tell_run_failures(context: dg.RunFailureSensorContext) -> dg.SkipReason:
        run, steps = context.dagster_run, context.get_step_failure_events()
        error, step = context.failure_event.message or "", ""
        if steps:
            step = (steps[0].step_key or "").replace("__", "/")
            data = steps[0].step_failure_data
            told = data.user_failure_data.description if data.user_failure_data else None
            error = told or (data.error.message if data.error else error)
        message = run_failure_message(
            job=run.job_name,
            asset_id=run.tags.get("dagster/partition", ""),
            step=step,
            error=error,
            run_id=run.run_id,
        )
        return dg.SkipReason(_posted(message, timeout_s, context))

    return tell_run_failures


def _tell_report(timeout_s: float) -> dg.SensorDefinition:
    @dg.asset_sensor(
        asset_key=CATALOG_REPORT,
        name="tell_catalog_report",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Posts the counts of the catalog report, and what needs somebody.",
    )
    def tell_catalog_report(
        context: dg.SensorEvaluationContext, event: dg.EventLogEntry
    ) -> dg.SkipReason:
        materialization = event.asset_materialization
        if materialization is None:
            return dg.SkipReason("the event holds no report")
        summary, attention = (
            str(materialization.metadata[name].value) for name in ("summary", "attention")
        )
        message = report_message(summary, attention)
        return dg.SkipReason(_posted(message, timeout_s, context))

    return tell_catalog_report


def _posted(
    message: Message,
    timeout_s: float,
    context: dg.SensorEvaluationContext | dg.RunFailureSensorContext,
) -> str:
    try:
        post_message(message, webhook_url(), timeout_s=timeout_s)
    except NotificationError as error:
        context.log.warning("not told: %s", error)
        return f"Not told: {error}"
    return f"Told: {message.headline}"
