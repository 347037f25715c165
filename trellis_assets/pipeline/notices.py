"""Being told by the service instead of only asking it: a webhook receiver for a fan-out.

Off unless ``TRELLIS_ASSETS_WEBHOOK`` names the address under which the service reaches this machine
(a reverse proxy or tunnel in front of ``TRELLIS_ASSETS_WEBHOOK_LISTEN``, default 127.0.0.1:8701).
A notice only ends a pause early; without one, polling gives the same result.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trellis_assets.errors import TrellisAssetsError

if TYPE_CHECKING:
    from trellis_assets.trellis2 import ResultUpload, WebhookInbox

_LISTEN = "127.0.0.1:8701"
_SHORTEST_TTL = 60  # the page's


class NoticesError(TrellisAssetsError):
    """A setting of how results are announced and delivered cannot be used."""


@dataclass(frozen=True)
class Notices:
    """The receiver that is listening, and the secret address that leads to it."""

    inbox: WebhookInbox
    url: str

    def __repr__(self) -> str:
        return "Notices(****)"


@contextmanager
def listening(environment: Mapping[str, str] = os.environ) -> Iterator[Notices | None]:
    """Listen while this lasts; None where no webhook is asked for.

    Raises:
        NoticesError: an address that cannot be used, or that is taken.
    """
    public = environment.get("TRELLIS_ASSETS_WEBHOOK")
    if not public:
        yield None
        return
    address = urlsplit(public)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise NoticesError(
            "TRELLIS_ASSETS_WEBHOOK is not a complete address",
            fix="give the address that the service can reach, https://HOST/PATH",
        )
    listener = _bound(environment.get("TRELLIS_ASSETS_WEBHOOK_LISTEN") or _LISTEN)
    import uvicorn

    from trellis_assets.trellis2 import WebhookInbox

    inbox = WebhookInbox()
    # No access log: the path holds the token.
    config = uvicorn.Config(
        inbox.app, log_level="critical", access_log=False, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="webhooks", daemon=True)
    thread.start()
    try:
        yield Notices(inbox, inbox.url(public))
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def result_ttl(environment: Mapping[str, str] = os.environ) -> int | None:
    """``TRELLIS_ASSETS_RESULT_TTL``: seconds for which the service keeps a result; None leaves it
    to the service. Results are downloaded at once, so that a short life only limits who else may
    get hold of an address.

    Raises:
        NoticesError: not a number, or below the service's limit.
    """
    text = environment.get("TRELLIS_ASSETS_RESULT_TTL")
    if not text:
        return None
    if not text.isdecimal() or int(text) < _SHORTEST_TTL:
        raise NoticesError(
            f"TRELLIS_ASSETS_RESULT_TTL is {text!r}",
            fix=f"give whole seconds, at least {_SHORTEST_TTL}",
        )
    return int(text)


def result_upload(environment: Mapping[str, str] = os.environ) -> ResultUpload | None:
    """``TRELLIS_ASSETS_RESULT_UPLOAD``: s3://bucket/prefix, to which the service is to send each
    result as well; None when unset. Nothing is sent to find out whether it works.

    Raises:
        NoticesError: it names no bucket.
    """
    uri = environment.get("TRELLIS_ASSETS_RESULT_UPLOAD")
    if not uri:
        return None
    from trellis_assets.trellis2 import InvalidRequest, ResultUpload

    try:
        return ResultUpload(uri)
    except InvalidRequest as error:
        raise NoticesError(
            f"TRELLIS_ASSETS_RESULT_UPLOAD cannot be used: {error.message}",
            fix="give s3://bucket/prefix, or unset it: results are downloaded without it too",
        ) from None


def _bound(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    try:
        return socket.create_server((host, int(port)))
    except (OSError, ValueError, OverflowError) as error:
        raise NoticesError(
            f"cannot listen for webhooks on {listen}: {error}",
            fix="set TRELLIS_ASSETS_WEBHOOK_LISTEN to a free HOST:PORT of this machine",
        ) from error
