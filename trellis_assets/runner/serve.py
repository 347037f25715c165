"""``trellis-assets serve``: the embedded generator behind the protocol of the hosted API."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path

import click

from trellis_assets.errors import TrellisAssetsError


class CannotServe(TrellisAssetsError):
    """The server cannot start as asked."""


def serve_command(host: str, port: int, api_key_env: str | None, state: Path) -> None:
    """Serve until interrupted; what was accepted is finished, what waits is kept.

    Raises:
        CannotServe: no key where one is needed, the address is taken, or the folder is unusable.
    """
    import uvicorn

    from trellis_assets.embedded.server import create_app
    from trellis_assets.pipeline.generator import embedded_model

    key = _key(api_key_env, host)
    listener = _listen(host, port)
    try:
        app = create_app(embedded_model, state_dir=state, api_key=key)
    except OSError as error:
        listener.close()
        raise CannotServe(
            f"cannot use {state}: {error.strerror or error}", fix="give another folder to --state"
        ) from error
    bound = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else shown  # noqa: S104 - compared only
    click.echo(f"Serving 3dInference on http://{shown}:{bound}/v1; tasks and results in {state}")
    click.echo("Point a pipeline at it:")
    click.echo("  export TRELLIS_ASSETS_GENERATOR=runware")
    click.echo(f"  export RUNWARE_BASE_URL=http://{shown}:{bound}/v1")
    click.echo(f"  export RUNWARE_API_KEY={f'${api_key_env}' if api_key_env else 'any'}")
    config = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=30)
    uvicorn.Server(config).run(sockets=[listener])


def _key(api_key_env: str | None, host: str) -> str | None:
    if api_key_env is None:
        if not _is_loopback(host):
            raise CannotServe(
                f"{host} can be reached from other machines, and no key would be asked for",
                fix="name a variable that holds a key with --api-key-env, or listen on 127.0.0.1",
            )
        return None
    key = os.environ.get(api_key_env, "").strip()
    if not key:
        raise CannotServe(
            f"the variable {api_key_env} is not set", fix="export it, or leave out --api-key-env"
        )
    return key


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotServe(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            fix="choose another --port, or stop what listens there",
        ) from error
    listener.listen(128)
    return listener
