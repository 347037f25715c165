"""One POST: JSON before status, retries only where they may help, and honest doubt."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest

from trellis_assets.trellis2 import ApiKey, RetryPolicy
from trellis_assets.trellis2 import errors as e
from trellis_assets.trellis2.exchange import Exchange, Exchanged
from trellis_assets.trellis2.pacing import PollPolicy, parse_retry_after

from .conftest import KEY, quick_retry

Reply = httpx.Response | Exception
OK = httpx.Response(200, json={"data": [{"taskType": "x"}]})


def post(replies: list[Reply], retry: RetryPolicy | None = None) -> tuple[Any, list[httpx.Request]]:
    """What one post gives when the network answers these; and the requests it made."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        reply = replies[min(len(seen), len(replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    async def run() -> Exchanged | e.TrellisError:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            exchange = Exchange(http, "https://api.example/v1", ApiKey(KEY), retry or quick_retry())
            try:
                return await exchange.post([{"taskType": "getResponse"}])
            except e.TrellisError as error:
                return error

    return asyncio.run(run()), seen


def error_reply(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"errors": [{"code": code, "message": "no"}]}
    return httpx.Response(status, json=body, headers=headers)


def test_sends_an_array_with_the_bearer_header() -> None:
    _, (request,) = post([OK])
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == [{"taskType": "getResponse"}]


@pytest.mark.parametrize("status", [200, 400, 404])
def test_the_body_is_read_whatever_the_status(status: int) -> None:
    body = {"data": [], "errors": [{"code": "taskFailed", "taskUUID": "u"}]}
    got, seen = post([httpx.Response(status, json=body)])
    assert isinstance(got, Exchanged)
    assert got.envelope.errors[0]["code"] == "taskFailed"
    assert len(seen) == 1


@pytest.mark.parametrize(
    "first",
    [
        error_reply(429, "rateLimitExceeded"),
        httpx.Response(429, content=b""),
        error_reply(500, "internalServerError"),
        httpx.Response(503, html="<h1>down</h1>"),
        httpx.Response(502, content=b""),
        httpx.Response(504, content=b"gateway"),
        httpx.Response(200, html="<h1>captive portal</h1>"),
        httpx.ReadTimeout("t"),
        httpx.ConnectError("c"),
        httpx.RemoteProtocolError("r"),
    ],
)
def test_tried_again(first: Reply) -> None:
    got, seen = post([first, OK])
    assert isinstance(got, Exchanged)
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error_reply(401, "invalidApiKey"), e.AuthRefused),
        (httpx.Response(401, content=b""), e.AuthRefused),
        (error_reply(403, "permissionDenied"), e.AuthRefused),
    ],
)
def test_not_tried_again(reply: Reply, kind: type[e.TrellisError]) -> None:
    got, seen = post([reply, OK])
    assert type(got) is kind
    assert got.billed is False
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "billed"),
    [
        (httpx.ConnectError("c"), e.ConnectionLost, False),
        (httpx.ConnectTimeout("c"), e.ConnectionLost, False),
        (httpx.ReadTimeout("t"), e.ConnectionLost, None),
        (httpx.Response(503, html="down"), e.ServerFailed, None),
        (error_reply(500, "internalServerError"), e.ServerFailed, None),
        (error_reply(429, "rateLimitExceeded"), e.RateLimited, False),
    ],
)
def test_what_remains_says_whether_money_may_be_gone(
    reply: Reply, kind: type[e.TrellisError], billed: bool | None
) -> None:
    got, seen = post([reply], quick_retry(retries=2))
    assert type(got) is kind
    assert got.billed is billed
    assert len(seen) == 3


def test_a_refusal_after_a_lost_reply_leaves_doubt() -> None:
    got, _ = post([httpx.ReadTimeout("t"), error_reply(401, "invalidApiKey")])
    assert isinstance(got, e.AuthRefused)
    assert got.billed is None
    later, _ = post([httpx.ReadTimeout("t"), OK])
    assert later.uncertain
    never_sent, _ = post([httpx.ConnectError("t"), OK])
    assert not never_sent.uncertain


def test_retry_after_is_a_lower_bound() -> None:
    policy = RetryPolicy(first_s=1, longest_s=30, jitter_s=0)
    assert [policy.pause(n) for n in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert policy.pause(0, retry_after=12) == 12
    assert policy.pause(4, retry_after=12) == 16
    assert policy.pause(0, retry_after=10**9) == 300
    assert 1 <= RetryPolicy().pause(0) <= 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        (" 0 ", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-4", None),
        ("9" * 50, None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)
def test_retry_after_header(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header) == seconds


def test_polls_slow_down() -> None:
    pauses = PollPolicy().pauses()
    assert [round(next(pauses), 2) for _ in range(6)] == [2.0, 3.0, 4.5, 6.75, 10.0, 10.0]


def test_the_key_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = httpx.Response(
        401, json={"errors": [{"code": "invalidApiKey", "message": f"bad key {KEY}", "k": KEY}]}
    )
    for reply in (echo, httpx.ReadTimeout(KEY), httpx.Response(503, text=KEY)):
        got, _ = post([reply], quick_retry(retries=1))
        shown = f"{got!s} {got!r} {vars(got)} {got.__cause__!r}"
        assert KEY not in shown
    assert KEY not in caplog.text


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{" + b'"a":' * 50_000, b"\xff\xfe", b"NaN"])
def test_hostile_bodies_are_a_fault_of_the_server(body: bytes) -> None:
    got, _ = post([httpx.Response(200, content=body)], quick_retry(retries=0))
    assert isinstance(got, (e.ServerFailed, Exchanged))


def test_an_endless_reply_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trellis_assets.trellis2.exchange.LARGEST_REPLY", 1000)
    got, _ = post([httpx.Response(200, content=b" " * 5000)], quick_retry(retries=0))
    assert isinstance(got, e.ServerFailed)
    assert "1000" in got.message
