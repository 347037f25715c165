"""One POST of one array to the API and its reply, with retries that cannot do harm.

Every exchange here may be repeated safely: polls and uploads change nothing that costs, and a
submission repeats the same ``taskUUID``, which the service accepts only once.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from trellis_assets.trellis2.classify import error_class, error_from_item
from trellis_assets.trellis2.errors import (
    AuthRefused,
    ConnectionLost,
    ServerFailed,
    TrellisError,
)
from trellis_assets.trellis2.pacing import RetryPolicy, parse_retry_after
from trellis_assets.trellis2.replies import Envelope, parse_envelope
from trellis_assets.trellis2.secret import ApiKey, blank_signatures

log = logging.getLogger(__name__)
LARGEST_REPLY = 8 * 2**20  # bytes of JSON
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Exchanged:
    """A reply, and whether an earlier try of it may have reached the service unanswered."""

    envelope: Envelope
    uncertain: bool


class Exchange:
    """POSTs arrays of tasks to one address with one connection pool."""

    def __init__(
        self, http: httpx.AsyncClient, url: str, key: ApiKey | None, retry: RetryPolicy
    ) -> None:
        self._http = http
        self._url = url
        self._key = key
        self._retry = retry

    def scrub(self, text: str) -> str:
        """``text`` without the key and without signatures."""
        return blank_signatures(self._key.scrub(text) if self._key else text)

    async def post(
        self, tasks: Sequence[Mapping[str, Any]], *, limits: httpx.Timeout | None = None
    ) -> Exchanged:
        """The reply to an array of tasks. Rate limits, faults of the service and lost replies are
        tried again; what remains is raised as ``RateLimited``, ``ServerFailed``,
        ``ConnectionLost`` or, for a refused key, ``AuthRefused``. Errors of tasks are left in the
        envelope.
        """
        body = json.dumps(list(tasks), allow_nan=False, separators=(",", ":")).encode()
        uncertain = False
        for attempt in range(self._retry.retries + 1):
            try:
                envelope = await self._once(body, limits)
            except TrellisError as error:
                failure = error
            else:
                refused = self._service_error(envelope)
                if refused is None:
                    return Exchanged(envelope, uncertain)
                failure = refused
            uncertain = uncertain or failure.billed is None
            if uncertain:
                failure.billed = None
            if not failure.retryable or attempt == self._retry.retries:
                raise failure
            pause = self._retry.pause(attempt, failure.retry_after)
            log.info("try %d failed (%s); again in %.1f s", attempt + 1, failure.message, pause)
            await asyncio.sleep(pause)
        raise AssertionError("unreachable: the last try returns or raises")

    async def _once(self, body: bytes, limits: httpx.Timeout | None) -> Envelope:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key.reveal()}"
        try:
            async with self._http.stream(
                "POST",
                self._url,
                content=body,
                headers=headers,
                timeout=limits or httpx.USE_CLIENT_DEFAULT,
            ) as reply:
                raw = await _bounded_body(reply)
        except httpx.TransportError as error:
            kind = type(error).__name__
            never_sent = isinstance(error, _NEVER_SENT)
            raise ConnectionLost(
                f"no reply from {_host(self._url)} ({kind})", billed=False if never_sent else None
            ) from None
        retry_after = parse_retry_after(reply.headers.get("Retry-After"))
        try:
            decoded = json.loads(raw)
        except (ValueError, RecursionError):
            raise self._not_json(reply.status_code, retry_after) from None
        return parse_envelope(decoded, reply.status_code, retry_after)

    def _not_json(self, status: int, retry_after: float | None) -> TrellisError:
        kind = error_class("", status) if status >= 400 else ServerFailed
        return kind(
            f"{_host(self._url)} answered HTTP {status} without a readable body",
            http_status=status,
            billed=False if kind is AuthRefused or status == 429 else None,
            retry_after=retry_after,
        )

    def _service_error(self, envelope: Envelope) -> TrellisError | None:
        """The error of the whole exchange, when the reply is not about tasks but about us: a
        refused key, a rate limit, a fault of the service.
        """
        status = envelope.http_status
        if status not in (401, 403, 408, 429) and status < 500:
            return None
        if envelope.data or any(item.get("status") == "error" for item in envelope.errors):
            return None
        item = envelope.errors[0] if envelope.errors else {}
        error = error_from_item(item, http_status=status, scrub=self.scrub)
        if status in (429, 503, 504) or status >= 500:
            error.retryable = error.retryable or not error.code
        # A 5xx with an error object may still hide an accepted task.
        error.billed = None if status >= 500 or status == 408 else False
        error.retry_after = envelope.retry_after
        return error


async def _bounded_body(reply: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in reply.aiter_bytes():
        size += len(part)
        if size > LARGEST_REPLY:
            raise ServerFailed(f"a reply larger than {LARGEST_REPLY} bytes was not read")
        parts.append(part)
    return b"".join(parts)


def _host(url: str) -> str:
    return httpx.URL(url).host
