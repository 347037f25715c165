"""Receiving the service's notices: a hint to poll now, never a result.

Nothing signs a webhook, so nothing in it is believed: it only ends the pause before the next
``getResponse``, which is what verifies it. The path holds an unguessable token. Without a receiver,
or when a notice is lost, doubled or forged, polling alone gives the same outcome.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

_LARGEST_NOTICE = 2**20
_MOST_EARLY = 4096  # notices of tasks nobody waits for yet


class WebhookInbox:
    """An ASGI application (``.app``) and the waker for a :class:`TrellisClient` that shares it.

    Serve ``app`` where the service can reach it, give ``url(public_base)`` to the request as
    ``webhook_url`` and the inbox to the client as ``waker``. The server and the client may run on
    different threads and event loops.
    """

    def __init__(self, token: str | None = None) -> None:
        self._token = token or secrets.token_urlsafe(32)
        self._lock = threading.Lock()
        self._sleepers: dict[str, set[_Sleeper]] = {}
        self._early: OrderedDict[str, None] = OrderedDict()
        self.app = Starlette(routes=[Route("/{token}", self._receive, methods=["POST"])])

    def __repr__(self) -> str:
        return "WebhookInbox(****)"

    def url(self, public_base: str) -> str:
        """The address to give to the service; it holds the token and is as secret as that."""
        return f"{public_base.rstrip('/')}/{self._token}"

    async def pause(self, task_uuid: str, seconds: float) -> None:
        """Return after ``seconds``, or as soon as there is a notice of the task."""
        sleeper = _Sleeper()
        with self._lock:
            if task_uuid in self._early:
                del self._early[task_uuid]
                return
            self._sleepers.setdefault(task_uuid, set()).add(sleeper)
        try:
            async with asyncio.timeout(seconds):
                await sleeper.event.wait()
        except TimeoutError:
            pass  # no news: the ordinary end of a pause
        finally:
            with self._lock:
                waiting = self._sleepers.get(task_uuid, set())
                waiting.discard(sleeper)
                if not waiting:
                    self._sleepers.pop(task_uuid, None)

    def wake(self, task_uuid: str) -> None:
        """End the pause of whoever waits for the task; remembered when nobody does yet."""
        with self._lock:
            waiting = list(self._sleepers.get(task_uuid, ()))
            if not waiting:
                self._early[task_uuid] = None
                while len(self._early) > _MOST_EARLY:
                    self._early.popitem(last=False)
        for sleeper in waiting:
            sleeper.wake()

    async def _receive(self, request: Request) -> Response:
        given = str(request.path_params["token"])
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return Response(status_code=404)
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
                if len(body) > _LARGEST_NOTICE:
                    return Response(status_code=413)
            notice = json.loads(bytes(body))
        except (ValueError, RecursionError, ClientDisconnect):
            return Response(status_code=400)
        for task_uuid in set(_task_uuids(notice)):
            self.wake(task_uuid)
        return Response(status_code=204)


class _Sleeper:
    """An event on the loop of the one who waits, set from any thread."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.event.set)


def _task_uuids(notice: Any) -> Iterator[str]:
    """The taskUUIDs of a notice in any of the shapes seen: ``data``, ``errors``, ``error``,
    a flat item, an array.
    """
    found: list[Any] = notice if isinstance(notice, list) else [notice]
    for outer in found[:64]:
        if not isinstance(outer, Mapping):
            continue
        parts: list[Any] = [outer, outer.get("error")]
        for name in ("data", "errors"):
            inner = outer.get(name)
            parts += inner[:64] if isinstance(inner, list) else [inner]
        for part in parts:
            named = part.get("taskUUID") if isinstance(part, Mapping) else None
            if isinstance(named, str) and len(named) == 36:
                try:
                    yield str(UUID(named))
                except ValueError:
                    continue
