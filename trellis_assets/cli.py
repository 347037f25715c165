"""The command line: thin commands over the library. Errors are one line; ``--debug`` shows more."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from trellis_assets import __version__
from trellis_assets.errors import TrellisAssetsError


class _Commands(click.Group):
    """Prints expected errors in one line and exits with 1; ``check`` with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TrellisAssetsError as error:
            if ctx.params.get("debug"):
                raise
            for line in str(error).splitlines():
                click.secho(f"error: {line}", fg="red", err=True)
            # Of a check, 1 means findings; what keeps it from checking is another matter.
            ctx.exit(2 if ctx.invoked_subcommand == "check" else 1)


def _example(*lines: str) -> str:
    return "\b\nExample:\n" + "\n".join(f"  trellis-assets {line}" for line in lines)


def _json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")(command)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
def main(debug: bool) -> None:
    """Concept images to game-ready 3D assets.

    Settings come from the environment: TRELLIS_ASSETS_CATALOG, TRELLIS_ASSETS_STORE,
    TRELLIS_ASSETS_UPLOADS (each a folder or s3://bucket/prefix), TRELLIS_ASSETS_GENERATOR (embedded
    or runware), RUNWARE_API_KEY, RUNWARE_BASE_URL, DAGSTER_HOME.
    """


@main.command(epilog=_example("setup"))
def setup() -> None:
    """Install the tools from npm (validator, texture encoder) beside this Python, once."""
    from trellis_assets.node_tools import NODE_TOOLS, install_node_tools

    done = install_node_tools()
    for tool in NODE_TOOLS:
        state = "installed" if done[tool.title] else "is there"
        click.echo(f"{tool.title} ({tool.key}): {state}")


@main.command(epilog=_example("refresh", "refresh --only oak_barrel --dry-run"))
@click.option("--only", multiple=True, metavar="ID", help="This game asset only; repeatable.")
@click.option("--dry-run", is_flag=True, help="Say what would be made and bought; make nothing.")
@click.option("--workers", type=click.IntRange(1, 64), help="Runs at once [default: cores, <= 4].")
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
@click.option(
    "--buy-again", is_flag=True, help="Buy again what failed when it was paid; needs --only."
)
@_json_option
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


@main.command(epilog=_example("status", "status --json"))
@_json_option
def status(as_json: bool) -> None:
    """Show every game asset with what is due and why."""
    from trellis_assets.runner.status import status_command

    sys.exit(status_command(as_json=as_json))


@main.command(epilog=_example("ui", "ui --port 3001"))
@click.option("--port", default=3000, show_default=True, help="Port of the web page.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def ui(port: int, host: str) -> None:
    """Open Dagster: the asset graph, partitions, history and pictures."""
    from trellis_assets.runner.ui import ui_command

    ui_command(host, port)


@main.command(epilog=_example("add barrel.png", "add axe.glb --class hero --height 1.1"))
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


@main.command(
    epilog=_example(
        "check lod0.glb --profile pc.prop --profile mobile.prop",
        "check exports/ --json --fail-on warning",
        "check raw.glb --fix mended.glb",
        "check raw.glb --pictures faults/",
        "check - < model.glb",
    )
)
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="P",
    help="Hold it against the budgets of this target profile; repeatable.",
)
@click.option(
    "--fix",
    "fix_to",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="Write repaired files: a file, or a folder for several. Only repairs that nobody sees; "
    "the findings are then those that are left.",
)
@click.option(
    "--pictures",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Draw where each finding lies, for those that a picture says more about.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="The least severity that fails.",
)
@click.option("--jobs", type=click.IntRange(1, 64), help="Files at once [default: cores, <= 8].")
@click.option(
    "--timeout",
    type=click.FloatRange(1, 3600),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Seconds for one file, and again for its pictures; a hostile file is given up.",
)
@_json_option
@click.pass_context
def check(ctx: click.Context, /, files: tuple[str, ...], **options: Any) -> None:
    r"""Check GLBs: by the glTF specification, by the rules and, with a profile, by its budgets.

    FILES are GLBs, folders (searched for .glb), patterns, or - for standard input.

    \b
    Exit code:
      0  nothing of the severity that fails
      1  findings
      2  wrong usage, a file that cannot be read, or no validator
    """
    from trellis_assets.runner.check import check_command

    sys.exit(check_command(files, debug=ctx.find_root().params["debug"], **options))


@main.command(epilog=_example("costs", "costs --by day --json"))
@click.option(
    "--by",
    type=click.Choice(["asset", "day", "tag"]),
    default="asset",
    show_default=True,
    help="What to add up by.",
)
@_json_option
def costs(by: Any, as_json: bool) -> None:
    """Show what generation has cost, with failed and reused tasks, from the ledger."""
    from trellis_assets.runner.costs import costs_command

    sys.exit(costs_command(by=by, as_json=as_json))


@main.command(epilog=_example("disclose", "disclose --profile pc.prop --out ai-content.md"))
@click.option("--only", multiple=True, metavar="ID", help="This game asset only; repeatable.")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="P",
    help="This target profile only; repeatable.",
)
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write, not print.")
@_json_option
def disclose(
    only: tuple[str, ...], profiles: tuple[str, ...], out: Path | None, as_json: bool
) -> None:
    """Write which delivered assets were made by AI, for a store page (Steam, EU AI Act Art. 50)."""
    from trellis_assets.runner.disclose import disclose_command

    sys.exit(disclose_command(only, profiles, out=out, as_json=as_json))


@main.command(epilog=_example("serve", "serve --port 9000 --api-key-env STUDIO_KEY"))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8700, show_default=True, type=click.IntRange(0, 65535), help="0: any free."
)
@click.option("--api-key-env", metavar="NAME", help="Variable with the key to ask for.")
@click.option(
    "--state",
    default=Path(".trellis/server"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for tasks and results; they outlive the server.",
)
def serve(host: str, port: int, api_key_env: str | None, state: Path) -> None:
    """Serve the generation API with the embedded generator, for other machines and for tests."""
    from trellis_assets.runner.serve import serve_command

    serve_command(host, port, api_key_env, state)


@main.command(
    epilog=_example(
        "generate barrel.png --out barrel.glb", "generate barrel.png --out bad.glb --as-trellis"
    )
)
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--out", required=True, metavar="FILE.glb", type=click.Path(path_type=Path))
@click.option("--seed", default=0, type=click.IntRange(0), help="Varies what one view cannot tell.")
@click.option("--resolution", type=int, help="Finest grid [default: 1024].")
@click.option("--triangles", type=int, help="At most [default: 500000].")
@click.option("--texture-size", type=int, help="Side of the textures [default: 2048].")
@click.option("--as-trellis", is_flag=True, help="With the faults of real output, on purpose.")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON, also beside the GLB.")
def generate(image: Path, out: Path, **options: Any) -> None:
    """Make a greybox model of one image with the embedded generator, without a catalog."""
    from trellis_assets.runner.generate import generate_command

    names = ("resolution", "triangles", "texture_size")
    api = ("resolution", "decimationTarget", "textureSize")
    settings = {name: options.pop(key) for key, name in zip(names, api, strict=True)}
    sys.exit(generate_command(image, out=out, settings=settings, **options))


@main.command(
    epilog=_example(
        "lods chest.glb --out chest-lods",
        "lods chest.glb --out chest-lods --triangles 40000 --rungs 3 --mode rebuild",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--triangles", default=10_000, show_default=True, type=click.IntRange(12), help="Of LOD0."
)
@click.option("--rungs", default=4, show_default=True, type=click.IntRange(1, 8))
@click.option(
    "--ratio",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0.1, 0.9),
    help="Triangles of a rung relative to the one before.",
)
@click.option(
    "--texture-size",
    default="2048",
    show_default=True,
    type=click.Choice(["512", "1024", "2048"]),
    help="Side of the textures baked for LOD0.",
)
@click.option(
    "--mode",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "preserve", "rebuild"]),
    help="Keep the UV atlas, rebuild and bake a new one, or decide by its state.",
)
@click.option(
    "--repair/--no-repair", "mend", default=True, show_default=True, help="Mend faults first."
)
@_json_option
def lods(file: Path, out: Path, texture_size: str, **options: Any) -> None:
    """Make the LOD ladder of any GLB: rungs, a sheet to look at and a report, without a catalog."""
    from trellis_assets.runner.lods import lods_command

    sys.exit(lods_command(file, out=out, texture_size=int(texture_size), **options))


@main.command(epilog=_example("schema"))
def schema() -> None:
    """Write the JSON Schemas of the catalog's files into catalog/schema, for editors."""
    from trellis_assets.catalog import write_schemas
    from trellis_assets.pipeline.settings import PipelineSettings

    for file in write_schemas(PipelineSettings.from_environment().catalog):
        click.echo(file)


if __name__ == "__main__":
    main()
