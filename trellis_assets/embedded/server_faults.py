"""A switchboard of misbehaviour, for tests: wraps the server and makes it answer badly.

    app = with_faults(create_app(generator), FaultPlan(seed=7, rate=0.3))

Every kind in :data:`KINDS` has been seen in the field or is cheap to survive. Nothing here is
active unless a test wraps the application. The plan is seeded; a subject (one task, one file)
suffers at most ``most`` faults per operation, so that a patient client always gets through.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HTML = b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"

# What may happen to a submission, a poll, a download; and how often each is drawn is equal.
KINDS: Mapping[str, tuple[str, ...]] = {
    "submit": (
        "ack_empty", "ack_extra_keys", "lost_reply", "html_503", "rate_limited",
        "rate_limited_retry_after", "credits_402", "credits_400", "errors_http_200",
    ),
    "poll": (
        "empty", "unknown_status", "no_status", "extra_keys", "html_503", "rate_limited",
        "not_registered", "error_400", "error_nested", "error_flat", "error_bare",
    ),
    "download": ("html_502", "html_200", "truncated"),
}  # fmt: skip


@dataclass
class FaultPlan:
    """Which faults, how often (``rate`` 0..1 of the exchanges) and how many per subject."""

    seed: int = 0
    rate: float = 0.3
    most: int = 2
    kinds: Sequence[str] | None = None
    happened: Counter[str] = field(default_factory=Counter)
    _subjects: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable on purpose

    def draw(self, operation: str, subject: str) -> str:
        """The fault for this exchange, ``submit.lost_reply`` for instance, or "" for none."""
        with self._lock:
            hit = self._random.random() < self.rate
            names = [f"{operation}.{kind}" for kind in KINDS[operation]]
            if self.kinds is not None:
                names = [name for name in names if name in self.kinds]
            if not hit or not names or self._subjects[operation, subject] >= self.most:
                return ""
            self._subjects[operation, subject] += 1
            name = self._random.choice(names)
            self.happened[name] += 1
            return name


def with_faults(app: ASGIApp, plan: FaultPlan) -> ASGIApp:
    """The application, misbehaving by the plan."""

    async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        if scope["method"] == "GET":
            fault = plan.draw("download", scope["path"])
            await _faulty_download(app, scope, receive, send, fault)
            return
        body = await _read(receive)
        operation, subject = _operation(body)
        fault = plan.draw(operation, subject) if operation else ""
        reply = _instead(fault, subject)
        if reply is None:
            reply = await _inner(app, scope, body)
            reply = _altered(fault, reply, subject)
        await _send(send, *reply)

    return faulty


def doubled(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """A webhook sent twice, for ``create_app(webhook_shape=...)``."""
    return (body, body)


def flat(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """A webhook that is the bare item, for ``create_app(webhook_shape=...)``."""
    return (*body.get("data", ()), *body.get("errors", ()))


_Reply = tuple[int, list[tuple[bytes, bytes]], bytes]


def _instead(fault: str, subject: str) -> _Reply | None:
    """A reply sent without asking the server, or None."""
    kind = fault.partition(".")[2]
    if kind == "html_503":
        return 503, [(b"content-type", b"text/html")], _HTML
    refusals: Mapping[str, tuple[int, str]] = {
        "rate_limited": (429, "rateLimitExceeded"),
        "rate_limited_retry_after": (429, "inferenceRateLimitExceeded"),
        "credits_402": (402, "insufficientCredits"),
        "credits_400": (400, "insufficientCredits"),
        "errors_http_200": (200, "providerRateLimitExceeded"),
        "not_registered": (404, "taskNotFound"),
    }
    if kind == "empty":
        return _json(200, {"data": []})
    if kind not in refusals:
        return None
    status, code = refusals[kind]
    error = {"code": code, "message": f"Injected {code}.", "taskUUID": subject}
    reply = _json(status, {"data": [], "errors": [error]})
    if kind == "rate_limited_retry_after":
        reply[1].append((b"retry-after", b"0"))
    return reply


def _altered(fault: str, reply: _Reply, subject: str) -> _Reply:
    """The server's own reply in another shape."""
    kind = fault.partition(".")[2]
    if kind == "lost_reply":
        return 502, [(b"content-type", b"text/html")], _HTML
    shapes: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "ack_empty": lambda body: {**body, "data": []},
        "ack_extra_keys": _with_extra_keys,
        "extra_keys": _with_extra_keys,
        "no_status": lambda body: _each(body, lambda item: _without(item, "status")),
        "unknown_status": lambda body: _each(body, _unknown_word),
        "error_nested": lambda body: _errors_as_data(body, _nested),
        "error_flat": lambda body: _errors_as_data(body, lambda item: item),
        "error_bare": lambda body: {
            **body, "data": [*body["data"], {"taskUUID": subject, "status": "error"}],
        } if body.get("errors") else body,
    }  # fmt: skip
    if kind == "error_400":
        body = json.loads(reply[2])
        return (400, *reply[1:]) if body.get("errors") and not body.get("data") else reply
    if kind not in shapes:
        return reply
    return _json(reply[0], shapes[kind](json.loads(reply[2])))


def _each(
    body: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    return {**body, "data": [change(item) for item in body.get("data", [])]}


def _with_extra_keys(body: dict[str, Any]) -> dict[str, Any]:
    more = {"nsfw": None, "metrics": {"gpuSeconds": 3.5}, "outputsExtra": [1, 2]}
    return {**_each(body, lambda item: {**item, **more}), "requestId": "r-1", "warnings": []}


def _unknown_word(item: dict[str, Any]) -> dict[str, Any]:
    running = item.get("status") == "processing"
    return {**item, "status": "cogitating"} if running else item


def _without(item: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != name}


def _nested(item: dict[str, Any]) -> dict[str, Any]:
    reason = {"code": item.get("code"), "message": item.get("message")}
    return {**_without(_without(item, "code"), "message"), "error": reason}


def _errors_as_data(
    body: dict[str, Any], shape: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    moved = [shape(item) for item in body.get("errors", [])]
    return {**_without(body, "errors"), "data": [*body.get("data", []), *moved]}


def _operation(body: bytes) -> tuple[str, str]:
    """What a POST is about: a submission or a poll, and of which task."""
    for task in json.loads(body or b"[]"):
        if task.get("taskType") == "3dInference":
            return "submit", str(task.get("taskUUID"))
        if task.get("taskType") == "getResponse":
            return "poll", str(task.get("taskUUID"))
    return "", ""


async def _faulty_download(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, fault: str
) -> None:
    kind = fault.partition(".")[2]
    if kind in ("html_502", "html_200"):
        await _send(send, int(kind[-3:]), [(b"content-type", b"text/html")], _HTML)
        return

    async def cutting(message: Message) -> None:
        # Declares all, sends half: over a socket the connection breaks, in process it is short.
        if message["type"] == "http.response.body" and kind == "truncated":
            data = message.get("body", b"")
            await send({"type": "http.response.body", "body": data[: len(data) // 2]})
            return
        await send(message)

    inner = {**scope, "extensions": {}}  # no zero-copy send: every byte passes here
    await app(inner, receive, cutting)


async def _inner(app: ASGIApp, scope: Scope, body: bytes) -> _Reply:
    """The server's own reply, collected."""
    status, headers, parts = 500, [], []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def collect(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message["headers"])
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, collect)
    return status, headers, b"".join(parts)


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _json(status: int, body: Mapping[str, Any]) -> _Reply:
    data = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(data)).encode()),
    ]
    return status, headers, data


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
