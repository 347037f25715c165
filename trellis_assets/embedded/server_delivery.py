"""What the server sends by itself: webhooks, uploads of results, and the fetching of images.

Runs on threads of its own, each exchange on a short-lived event loop, so that an asynchronous
transport (in tests, an application in this process) can stand in for the network.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from trellis_assets.embedded.server_jobs import FetchFailed
from trellis_assets.trellis2.logs import hide_paths_in_logs

log = logging.getLogger(__name__)
LARGEST_IMAGE = 32 * 2**20
_WEBHOOK_TIMEOUT = 5.0


@dataclass(frozen=True)
class WebhookRetry:
    """Retries of a webhook: 250 ms doubling to 8 s with jitter; the number of tries is ours."""

    tries: int = 10
    first_s: float = 0.25
    longest_s: float = 8.0


class Outbound:
    """The server's own requests. ``transport`` replaces the network."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        retry: WebhookRetry | None = None,
        shape: Callable[[Mapping[str, Any]], Sequence[Mapping[str, Any]]] | None = None,
    ) -> None:
        hide_paths_in_logs()
        self._transport = transport
        self._retry = retry or WebhookRetry()
        self._shape = shape or (lambda body: (body,))
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="trellis-outbound")

    def deliver(
        self,
        *,
        webhook: str | None,
        body: Mapping[str, Any],
        upload_to: str | None,
        glb: Callable[[], bytes | None],
        delivered: Callable[[], None],
    ) -> None:
        """Queue the webhook of a result and the PUT of its bytes, in this order (as seen in the
        field: the notice comes before the upload); ``delivered`` is called after both.
        """
        if self._closing.is_set():
            return  # told again at the next start
        self._pool.submit(self._deliver, webhook, body, upload_to, glb, delivered)

    def fetch_image(self, url: str) -> bytes:
        """The image at an address, bounded; raises ``FetchFailed``."""
        return asyncio.run(self._fetch(url))

    def close(self) -> None:
        """Send what is queued, without waiting for further retries."""
        self._closing.set()
        self._pool.shutdown(wait=True)

    def _deliver(
        self,
        webhook: str | None,
        body: Mapping[str, Any],
        upload_to: str | None,
        glb: Callable[[], bytes | None],
        delivered: Callable[[], None],
    ) -> None:
        told = True
        if webhook is not None:
            for each in self._shape(body):
                told = self._repeat("webhook", "POST", webhook, json=each) and told
        data = glb() if upload_to is not None else None
        if upload_to is not None and data is not None:
            told = self._repeat("upload", "PUT", upload_to, content=data) and told
        if told or not self._closing.is_set():
            delivered()  # after the last retry too: it is given up, not repeated for ever

    def _repeat(self, what: str, method: str, url: str, **content: Any) -> bool:
        pause = self._retry.first_s
        for attempt in range(self._retry.tries):
            status = asyncio.run(self._send(method, url, content))
            if status is not None and 200 <= status < 300:
                return True
            log.info("%s try %d failed (HTTP %s)", what, attempt + 1, status)
            jitter = random.uniform(1.0, 1.25)  # noqa: S311 - spreads retries, hides nothing
            if self._closing.wait(pause * jitter):
                return False
            pause = min(self._retry.longest_s, pause * 2)
        log.warning("%s given up after %d tries", what, self._retry.tries)
        return False

    async def _send(self, method: str, url: str, content: Mapping[str, Any]) -> int | None:
        timeout = _WEBHOOK_TIMEOUT if method == "POST" else 120.0
        try:
            async with httpx.AsyncClient(transport=self._transport, timeout=timeout) as http:
                return (await http.request(method, url, **content)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return None

    async def _fetch(self, url: str) -> bytes:
        try:
            async with (
                httpx.AsyncClient(transport=self._transport, timeout=30.0) as http,
                http.stream("GET", url, follow_redirects=True) as reply,
            ):
                if reply.status_code != 200:
                    raise FetchFailed(f"The image's address answered HTTP {reply.status_code}.")
                data = bytearray()
                async for part in reply.aiter_bytes():
                    data += part
                    if len(data) > LARGEST_IMAGE:
                        raise FetchFailed(f"The image is larger than {LARGEST_IMAGE} bytes.")
                return bytes(data)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(f"The image could not be fetched ({type(error).__name__}).") from None
