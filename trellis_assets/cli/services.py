"""Commands for the tools and servers of this machine."""

from __future__ import annotations

from pathlib import Path

import click

from .group import example


@click.command(epilog=example("setup"))
def setup() -> None:
    """Install the tools from npm (validator, texture encoder) beside this Python, once."""
    from trellis_assets.node_tools import NODE_TOOLS, install_node_tools

    done = install_node_tools()
    for tool in NODE_TOOLS:
        state = "installed" if done[tool.title] else "is there"
        click.echo(f"{tool.title} ({tool.key}): {state}")


@click.command(epilog=example("ui", "ui --port 3001"))
@click.option("--port", default=3000, show_default=True, help="Port of the web page.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def ui(port: int, host: str) -> None:
    """Open Dagster: the asset graph, partitions, history and pictures."""
    from trellis_assets.runner.ui import ui_command

    ui_command(host, port)


@click.command(epilog=example("serve", "serve --port 9000 --api-key-env STUDIO_KEY"))
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
