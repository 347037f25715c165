"""Everything Dagster loads: assets, checks, jobs and resources of this code location.

Light on purpose: no mesh or image library is imported here, and no catalog entry is read; the
target profiles alone decide which assets there are.
"""

from __future__ import annotations

import warnings

import dagster as dg

from trellis_assets.catalog import load_automation, load_profiles
from trellis_assets.defs import catalog, concepts, delivery, generation, geometry, jobs, textures
from trellis_assets.defs.automation import index, notifications, refresh, report
from trellis_assets.defs.automation.uploads import folder_sensor
from trellis_assets.defs.resources import PipelineResource
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.uploads import open_uploads


def build_definitions(settings: PipelineSettings) -> dg.Definitions:
    """The definitions for a catalog and a store.

    Raises:
        CatalogError: the profiles are missing or wrong, or the automation is.
    """
    variants = delivery.variants(load_profiles(settings.catalog))
    automation = load_automation(settings.catalog)
    uploads, resources = open_uploads(settings.uploads).uri, {}
    if "://" in uploads:
        from trellis_assets.defs.automation.uploads_on_s3 import bucket_sensor, s3_resource

        upload_sensor, resources["s3"] = bucket_sensor(automation.uploads), s3_resource()
    else:
        upload_sensor = folder_sensor(automation.uploads)
    definitions = dg.Definitions(
        assets=[
            concepts.concept_image,
            generation.generated_model,
            geometry.master_model,
            *geometry.ladder,
            *textures.texture_sets,
            *variants,
            catalog.catalog_index(variants),
            report.retired,
            report.catalog_report,
        ],
        jobs=[jobs.make_game_asset, jobs.index_catalog, report.report_catalog],
        schedules=[
            refresh.refresh_schedule(automation.refresh),
            report.report_schedule(automation.refresh),
        ],
        sensors=[
            upload_sensor,
            index.index_sensor(catalog.CATALOG_INDEX),
            *notifications.notification_sensors(automation.notifications),
        ],
        resources={
            "pipeline": PipelineResource(
                catalog=settings.catalog.uri,
                store=settings.store,
                generator=settings.generator,
                uploads=uploads,
                uploads_queue=settings.uploads_queue,
                in_flight=settings.in_flight,
            ),
            **resources,
        },
        # One process per run: a process per step would cost five times as much (measured), and
        # the steps of one game asset follow one another anyway.
        executor=dg.in_process_executor,
    )
    with warnings.catch_warnings():
        # As meant: only what waits for the service is batched, and a backfill of a whole job is
        # one run per game asset.
        warnings.filterwarnings("ignore", "Asset job .* varying BackfillPolicies", UserWarning)
        definitions.resolve_all_job_defs()
    return definitions


defs = build_definitions(PipelineSettings.from_environment())
