"""Commands on the game assets of the catalog."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .group import example, json_option


@click.command(epilog=example("refresh", "refresh --only oak_barrel --dry-run"))
@click.option("--only", multiple=True, metavar="ID", help="This game asset only; repeatable.")
@click.option("--dry-run", is_flag=True, help="Say what would be made and bought; make nothing.")
@click.option("--workers", type=click.IntRange(1, 64), help="Runs at once [default: cores, <= 4].")
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
@click.option(
    "--buy-again", is_flag=True, help="Buy again what failed when it was paid; needs --only."
)
@json_option
def refresh(
    only: tuple[str, ...],
    dry_run: bool,
    workers: int | None,
    quiet: bool,
    buy_again: bool,
    as_json: bool,
) -> None:
    """Make whatever the catalog wants and the store does not have, through Dagster."""
    from trellis_assets.runner.command import refresh_command

    if buy_again and not only:
        raise click.UsageError("--buy-again needs --only ID: it is a decision for each game asset")
    code = refresh_command(
        only,
        dry_run=dry_run,
        workers=workers,
        quiet=quiet,
        as_json=as_json,
        buy_again=buy_again,
    )
    sys.exit(code)


@click.command(epilog=example("status", "status --json"))
@json_option
def status(as_json: bool) -> None:
    """Show every game asset with what is due and why."""
    from trellis_assets.runner.status import status_command

    sys.exit(status_command(as_json=as_json))


@click.command(epilog=example("add barrel.png", "add axe.glb --class hero --height 1.1"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--id", "asset_id", help="asset_id [default: from the file name]; one file only.")
@click.option("--class", "asset_class", help="Role in the game [default: prop].")
@click.option("--height", type=float, help="Real height in metres [default: 1].")
@click.option(
    "--profile", "profiles", multiple=True, metavar="P", help="Target profile; repeatable."
)
@click.option("--owner", help="Who answers for it [default: unassigned].")
@click.option("--license", "licence", help="Of the image or model [default: unknown].")
@click.option("--ai-model", metavar="NAME", help="The AI model that made a GLB, if one did.")
def add(files: tuple[Path, ...], **options: Any) -> None:
    """Add concept images or finished models to the catalog: an entry each, to edit and commit.

    FILES are images, of which models are generated, or GLBs, which are taken as they are. What is
    not given comes from `uploads` in catalog/automation.yaml, if it says otherwise.
    """
    from trellis_assets.runner.add import add_command

    sys.exit(add_command(files, **options))


@click.command(epilog=example("costs", "costs --by day --json"))
@click.option(
    "--by",
    type=click.Choice(["asset", "day", "tag"]),
    default="asset",
    show_default=True,
    help="What to add up by.",
)
@json_option
def costs(by: Any, as_json: bool) -> None:
    """Show what generation has cost, with failed and reused tasks, from the ledger."""
    from trellis_assets.runner.costs import costs_command

    sys.exit(costs_command(by=by, as_json=as_json))


@click.command(epilog=example("disclose", "disclose --profile pc.prop --out ai-content.md"))
@click.option("--only", multiple=True, metavar="ID", help="This game asset only; repeatable.")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="P",
    help="This target profile only; repeatable.",
)
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write, not print.")
@json_option
def disclose(
    only: tuple[str, ...], profiles: tuple[str, ...], out: Path | None, as_json: bool
) -> None:
    """Write which delivered assets were made by AI, for a store page (Steam, EU AI Act Art. 50)."""
    from trellis_assets.runner.disclose import disclose_command

    sys.exit(disclose_command(only, profiles, out=out, as_json=as_json))


@click.command(epilog=example("schema"))
def schema() -> None:
    """Write the JSON Schemas of the catalog's files into catalog/schema, for editors."""
    from trellis_assets.catalog import write_schemas
    from trellis_assets.pipeline.settings import PipelineSettings

    for file in write_schemas(PipelineSettings.from_environment().catalog):
        click.echo(file)
