"""The command line: thin commands over the library. Errors are one line; ``--debug`` shows more."""

from __future__ import annotations

import click

from trellis_assets import __version__

from .catalog import add, costs, disclose, refresh, schema, status
from .files import check, generate, lods
from .group import Commands
from .services import serve, setup, ui

__all__ = ["main"]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
def main(debug: bool) -> None:
    """Concept images to game-ready 3D assets.

    Settings come from the environment: TRELLIS_ASSETS_CATALOG, TRELLIS_ASSETS_STORE,
    TRELLIS_ASSETS_UPLOADS (each a folder or s3://bucket/prefix), TRELLIS_ASSETS_GENERATOR (embedded
    or runware), RUNWARE_API_KEY, RUNWARE_BASE_URL, DAGSTER_HOME.
    """


for _command in (
    add, check, costs, disclose, generate, lods, refresh, schema, serve, setup, status, ui,
):  # fmt: skip
    main.add_command(_command)
