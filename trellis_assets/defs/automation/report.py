"""The catalog report and the retirement of game assets whose entries are gone, each an asset."""

from datetime import UTC, datetime

import dagster as dg

from trellis_assets.catalog import RefreshAutomation, load_automation, load_waivers
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.catalog_plan import plan_catalog
from trellis_assets.pipeline.catalog_report import catalog_report as put_together
from trellis_assets.pipeline.catalog_report import write_catalog_report
from trellis_assets.pipeline.memory import remembered_catalog
from trellis_assets.pipeline.retire import Retirement, carry_out, find_retirement

from ..partitions import game_asset_partitions, remove_partitions
from ..resources import PipelineResource
from .under_way import busy_partitions, requests_for

RETIRED = dg.AssetKey(["retired"])
CATALOG_REPORT = dg.AssetKey(["catalog_report"])


@dg.asset(
    key=RETIRED,
    group_name="catalog",
    kinds={"glb"},
    owners=["team:technical-art"],
    description="Game assets whose entries are gone: their files are moved to `retired/`, their "
    "partitions removed; those that are back get their files again. Nothing is deleted.",
)
def retired(
    context: dg.AssetExecutionContext, pipeline: PipelineResource
) -> dg.MaterializeResult[None]:
    """Put aside and bring back."""
    try:
        found = retirement_now(context.instance, pipeline)
        carry_out(found, pipeline.open_store(), datetime.now(UTC).date())
    except TrellisAssetsError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    remove_partitions(context.instance, found.retired)
    return dg.MaterializeResult(
        metadata={
            "retired": dg.MetadataValue.int(len(found.retired)),
            "restored": dg.MetadataValue.int(len(found.restored)),
            "not_retired": dg.MetadataValue.int(len(found.kept)),
            "what": dg.MetadataValue.md("\n".join(f"- {line}" for line in found.words())),
        }
    )


@dg.asset(
    key=CATALOG_REPORT,
    deps=[RETIRED],
    group_name="catalog",
    kinds={"markdown"},
    owners=["team:technical-art"],
    description="What needs somebody, worst first: broken entries, findings that hold back, caps, "
    "budgets, waivers, what is stale and why, new and orphaned game assets.",
)
def catalog_report(
    context: dg.AssetExecutionContext, pipeline: PipelineResource
) -> dg.MaterializeResult[None]:
    """Write the report; makes and requests nothing."""
    try:
        plan = plan_catalog(pipeline.settings())
        batch = load_automation(plan.catalog.source).refresh.batch
        report = put_together(
            plan,
            requests_for(context.instance, plan, pipeline.settings(), limit=batch),
            retirement_now(context.instance, pipeline),
            load_waivers(plan.catalog.source),
            datetime.now(UTC).date(),
        )
        place = write_catalog_report(report, pipeline.open_store())
    except TrellisAssetsError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.md(report.markdown()),
            "file": dg.MetadataValue.path(place),
            "summary": dg.MetadataValue.text(report.summary),
            "attention": dg.MetadataValue.text("\n".join(report.attention)),
        }
    )


report_catalog = dg.define_asset_job(
    "report_catalog",
    selection=dg.AssetSelection.assets(RETIRED, CATALOG_REPORT),
    description="Retire what has left the catalog, then report what needs somebody.",
)


def report_schedule(automation: RefreshAutomation) -> dg.ScheduleDefinition:
    """The schedule ``catalog_report``, at the hour of the refresh."""
    status = dg.DefaultScheduleStatus
    return dg.ScheduleDefinition(
        name="catalog_report",
        job=report_catalog,
        cron_schedule=automation.cron,
        execution_timezone=automation.timezone,
        default_status=status.RUNNING if automation.enabled else status.STOPPED,
        description="Retires what has left the catalog and reports what needs somebody.",
    )


def retirement_now(instance: dg.DagsterInstance, pipeline: PipelineResource) -> Retirement:
    """What there is to put aside and to bring back at this moment."""
    store = pipeline.open_store()
    catalog = remembered_catalog(pipeline.open_catalog(), store)
    return find_retirement(
        catalog,
        store,
        at_most=load_automation(catalog.source).refresh.retire_at_most,
        busy=busy_partitions(instance),
        partitions=game_asset_partitions(instance),
    )
