"""Messages over HTTP to a real local server: what arrives, what fails, and what is never told."""

from __future__ import annotations

import logging
import socket
import time
import traceback

import pytest

from trellis_assets.notifications import (
    Message,
    NotificationError,
    post_message,
    report_message,
    run_failure_message,
    webhook_url,
)

from .chat import SECRET, chat


def test_a_message_arrives_in_the_form_that_slack_takes() -> None:
    with chat() as server:
        post_message(Message("oak_barrel failed", "lod0: too few pixels"), server.url, timeout_s=5)
    (body,) = server.bodies
    assert body["text"] == "oak_barrel failed"
    assert [block["text"]["text"] for block in body["blocks"]] == [
        "*oak_barrel failed*",
        "lod0: too few pixels",
    ]
    assert {block["type"] for block in body["blocks"]} == {"section"}


def test_nobody_is_called_by_what_an_error_says() -> None:
    body = Message("<!channel> & <http://evil|click>").as_json()
    assert body["text"] == "&lt;!channel&gt; &amp; &lt;http://evil|click&gt;"


def test_a_long_error_is_cut_to_what_slack_takes() -> None:
    body = Message("h", "x" * 10_000).as_json()
    assert len(body["blocks"][1]["text"]["text"]) <= 3000


def test_the_words_for_a_failed_run_and_for_a_report() -> None:
    failed = run_failure_message(
        job="make_game_asset", asset_id="oak_barrel", step="lod0", error="\nno\nmore", run_id="r1"
    )
    assert (failed.headline, failed.details) == (
        "oak_barrel failed",
        "lod0: no\nRun r1 of make_game_asset",
    )
    report = report_message("9,990 up to date, 10 stale", "")
    assert report.headline == "Catalog: 9,990 up to date, 10 stale"


@pytest.mark.parametrize("status", [302, 404, 429, 500])
def test_a_refusal_is_told_without_the_address(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with chat(status) as server, pytest.raises(NotificationError, match=f"answered {status}") as no:
        post_message(Message("x"), server.url, timeout_s=5)
    assert len(server.bodies) == 1, "neither repeated nor redirected"
    assert SECRET not in "".join(traceback.format_exception(no.value))
    assert SECRET not in caplog.text


def test_a_silent_server_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/{SECRET}"
        started = time.monotonic()
        with pytest.raises(NotificationError, match="did not answer: ReadTimeout") as caught:
            post_message(Message("x"), url, timeout_s=0.3)
    assert time.monotonic() - started < 5
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in caplog.text


@pytest.mark.parametrize("value", [None, "", "hooks.example/x", "file:///etc/passwd", "http://[x"])
def test_an_address_that_cannot_work_is_named_not_shown(value: str | None) -> None:
    environment = {} if value is None else {"TRELLIS_ASSETS_NOTIFY_URL": value}
    with pytest.raises(NotificationError, match="TRELLIS_ASSETS_NOTIFY_URL") as caught:
        webhook_url(environment)
    assert not value or value not in str(caught.value)
