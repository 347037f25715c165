"""``trellis-assets ui``: Dagster's own web server and daemon, with history that survives."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path

import click

from trellis_assets.catalog import load_profiles
from trellis_assets.catalog.load import ASSETS_FOLDER
from trellis_assets.pipeline.memory import remembered_catalog
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import open_store

from .home import prepare_home


def ui_command(host: str, port: int) -> None:
    """Become ``dagster dev``; every good catalog entry has its partition by then.

    Raises:
        CatalogError: there is no usable catalog. One without entries will do: uploads make them.
    """
    settings = PipelineSettings.from_environment()
    load_profiles(settings.catalog)
    entries: Collection[str] = ()
    if any(settings.catalog.list(f"{ASSETS_FOLDER}/")):
        catalog = remembered_catalog(settings.catalog, open_store(settings.store))
        entries = catalog.entries
        for problem in catalog.problems:
            click.secho(f"error: {problem}", fg="red", err=True)
    if "://" not in settings.uploads:
        Path(settings.uploads).mkdir(parents=True, exist_ok=True)
    home = prepare_home()
    import dagster as dg

    from trellis_assets.defs.partitions import add_partitions
    from trellis_assets.defs.pools import limit_pools

    from .leftovers import close_dead_runs

    with dg.DagsterInstance.get() as instance:
        close_dead_runs(instance)
        add_partitions(instance, entries)
        limit_pools(instance)
    click.echo(f"Dagster: http://{host}:{port}/asset-groups   history: {home}")
    click.echo(f"Images dropped into {settings.uploads} become game assets.")
    sys.stdout.flush()
    # `dagster dev` advises `dg dev`, which wants a project folder; ours is wherever the catalog is.
    quiet = ["-W", "ignore:Function `dev_command`"]
    dev = ["-m", "dagster", "dev", "-w", str(home / "workspace.yaml")]
    command = [sys.executable, *quiet, *dev]
    # Become Dagster, so that Ctrl-C and signals reach it and nothing stands between.
    os.execv(command[0], [*command, "-h", host, "-p", str(port)])  # noqa: S606
