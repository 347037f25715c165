"""Retiring what has left the catalog, as part of a refresh from the command line."""

from __future__ import annotations

from datetime import UTC, datetime

from trellis_assets.catalog import Catalog, load_automation
from trellis_assets.pipeline.retire import Retirement, carry_out, find_retirement
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import open_store

from .home import prepare_home


def tidy_store(catalog: Catalog, settings: PipelineSettings, *, dry_run: bool) -> Retirement:
    """Put aside what has no entry any more and bring back what has one again.

    Dagster is asked, and imported, only if there is anything to retire.
    """
    store = open_store(settings.store)
    at_most = load_automation(catalog.source).refresh.retire_at_most
    found = find_retirement(catalog, store, at_most=at_most)
    if dry_run:
        return found
    if found.retired:
        prepare_home()
        import dagster as dg

        from trellis_assets.defs.automation.under_way import busy_partitions
        from trellis_assets.defs.partitions import remove_partitions

        with dg.DagsterInstance.get() as instance:
            busy = busy_partitions(instance)
            found = find_retirement(catalog, store, at_most=at_most, busy=busy)
            carry_out(found, store, datetime.now(UTC).date())
            remove_partitions(instance, found.retired)
    elif found.restored:
        carry_out(found, store, datetime.now(UTC).date())
    return found
