"""Posting to the webhook. Its address is a password: whoever knows it can write to the chat."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from trellis_assets.errors import TrellisAssetsError

from .messages import Message

NOTIFY_URL = "TRELLIS_ASSETS_NOTIFY_URL"


class NotificationError(TrellisAssetsError):
    """A message was not delivered; its words never hold the address of the webhook."""


def webhook_url(environment: Mapping[str, str] = os.environ) -> str:
    """The address from ``TRELLIS_ASSETS_NOTIFY_URL``.

    Raises:
        NotificationError: there is none, or it is no complete address.
    """
    url = environment.get(NOTIFY_URL, "")
    try:
        address = urlsplit(url)
        usable = address.scheme in ("http", "https") and bool(address.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise NotificationError(
            f"{NOTIFY_URL} is {'no complete address' if url else 'not set'}",
            fix="set it to the incoming webhook of the chat, or switch notifications off in "
            "automation.yaml",
        )
    return url


def post_message(message: Message, url: str, *, timeout_s: float) -> None:
    """Deliver ``message`` once; nothing is tried again.

    Args:
        timeout_s: for each of connecting, sending and waiting for the answer.

    Raises:
        NotificationError: no answer in time, or one other than 2xx.
    """
    import httpx

    from trellis_assets.trellis2.logs import hide_paths_in_logs

    hide_paths_in_logs()
    host = urlsplit(url).hostname
    try:
        with (
            httpx.Client(timeout=timeout_s, follow_redirects=False) as client,
            # As a stream, so that nobody's endless answer is read.
            client.stream("POST", url, json=message.as_json()) as reply,
        ):
            status = reply.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Not chained: httpx's error and its request hold the address.
        raise NotificationError(
            f"the webhook at {host} did not answer: {type(error).__name__}",
            fix=f"check {NOTIFY_URL} and the network; timeout_s is {timeout_s:g}",
        ) from None
    if not 200 <= status < 300:
        raise NotificationError(
            f"the webhook at {host} answered {status}",
            fix=f"make a new webhook in the chat and set {NOTIFY_URL} to it",
        )
