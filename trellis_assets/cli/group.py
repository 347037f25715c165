"""What all commands share: errors in one line, an example at the end of the help, ``--json``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from trellis_assets.errors import TrellisAssetsError


class Commands(click.Group):
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


def example(*lines: str) -> str:
    """The end of a command's help: lines as one would type them."""
    return "\b\nExample:\n" + "\n".join(f"  trellis-assets {line}" for line in lines)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--json``, in the same words everywhere."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")(command)
