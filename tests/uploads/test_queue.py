"""Notifications instead of listings: what is told is taken in, what was lost is found later."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from trellis_assets.uploads import UploadQueue

from .house import BUCKET, NOT_AN_IMAGE, House, picture


@pytest.fixture
def told(bucket: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house on S3 that lists nothing by itself: only the queue tells it of uploads."""
    url = boto3.client("sqs").create_queue(
        QueueName="uploads", Attributes={"VisibilityTimeout": "0"}
    )["QueueUrl"]
    bucket.queue = UploadQueue(url, BUCKET, "uploads", wait_s=0)
    monkeypatch.setattr("trellis_assets.pipeline.uploads.look._PAGE", 0)
    return bucket


def tell(house: House, path: str, *, wrapped: str = "") -> None:
    assert house.queue is not None
    key = f"uploads/{path}".replace(" ", "+")
    event: dict[str, Any] = {"s3": {"bucket": {"name": BUCKET}, "object": {"key": key}}}
    body: dict[str, Any] = {"Records": [event]}
    if wrapped == "sns":
        body = {"Type": "Notification", "Message": json.dumps(body)}
    if wrapped == "eventbridge":
        body = {"detail": {"bucket": {"name": BUCKET}, "object": {"key": f"uploads/{path}"}}}
    boto3.client("sqs").send_message(QueueUrl=house.queue.url, MessageBody=json.dumps(body))


def left(house: House) -> int:
    assert house.queue is not None
    reply = boto3.client("sqs").get_queue_attributes(
        QueueUrl=house.queue.url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(reply["Attributes"]["ApproximateNumberOfMessages"])


@pytest.mark.parametrize("wrapped", ["", "sns", "eventbridge"])
def test_what_the_queue_tells_is_taken_in(told: House, wrapped: str) -> None:
    told.put("hero/old lantern.png", picture(1))
    told.put("hero/old lantern.yaml", "height_m: 0.3\n")
    told.put("unheard.png", picture(2))
    assert told.look().runs == ()
    tell(told, "hero/old lantern.png", wrapped=wrapped)
    told.looks(3)
    assert told.runs() == ["old_lantern"]
    assert told.entry("old_lantern")["height_m"] == 0.3
    assert left(told) == 0


def test_a_message_stays_until_the_run_it_led_to_exists(told: House) -> None:
    told.put("lantern.png", picture())
    tell(told, "lantern.png")
    lost = told.look(launch=False)
    assert len(lost.runs) == 1
    assert left(told) == 1, "deleted with the look after the one that asked for the run"
    told.look()
    told.look()
    assert left(told) == 0
    assert told.runs() == ["lantern"]


def test_a_sidecar_is_told_of_as_well(told: House) -> None:
    told.put("lantern.png", picture())
    tell(told, "lantern.png")
    told.looks(2)
    told.put("lantern.yaml", "height_m: 0.3\n")
    tell(told, "lantern.yaml")
    told.looks(2)
    assert told.entry("lantern")["height_m"] == 0.3


def test_messages_twice_or_of_what_is_gone_do_nothing(told: House) -> None:
    told.put("lantern.png", picture())
    for path in ("lantern.png", "lantern.png", "gone.png"):
        tell(told, path)
    told.looks(4)
    assert told.runs() == ["lantern"]
    assert left(told) == 0


def test_an_upload_that_must_wait_is_told_again(told: House) -> None:
    told.put("lantern.png", picture(1))
    tell(told, "lantern.png")
    told.looks(3)
    told.busy.add("lantern")
    told.put("lantern.png", picture(2))
    tell(told, "lantern.png")
    told.looks(2)
    assert left(told) == 1
    told.busy.clear()
    told.looks(3)
    assert told.runs() == ["lantern", "lantern"]
    assert left(told) == 0


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[]",
        "7",
        '{"Event": "s3:TestEvent"}',
        '{"Records": [{"s3": {}}]}',
        '{"Records": [{"s3": {"bucket": {"name": "other"}, "object": {"key": "uploads/a.png"}}}]}',
        '{"Records": [{"s3": {"bucket": {"name": "art"}, "object": {"key": "catalog/a.png"}}}]}',
        '{"Message": "{\\"Message\\": 4}"}',
    ],
)
def test_messages_that_are_not_ours_are_thrown_away(told: House, body: str) -> None:
    assert told.queue is not None
    boto3.client("sqs").send_message(QueueUrl=told.queue.url, MessageBody=body)
    told.looks(2)
    assert left(told) == 0
    assert told.runs() == []


def test_bad_images_go_to_quarantine_and_are_not_told_of(told: House) -> None:
    told.put("torn.png", NOT_AN_IMAGE)
    tell(told, "torn.png")
    told.look()
    tell(told, "quarantine/torn.png")
    told.looks(2)
    assert told.files() == ["quarantine/torn.png", "quarantine/torn.png.reason.txt"]
    assert left(told) == 0


def test_a_notification_that_was_lost_is_made_good_page_by_page(
    told: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trellis_assets.pipeline.uploads.look._PAGE", 2)
    for number in range(5):
        told.put(f"asset_{number}.png", picture(number))
    told.looks(3)
    assert told.runs() == [f"asset_{number}" for number in range(5)]
    told.put("asset_0.png", picture(9))
    told.looks(4)
    assert told.runs()[-1] == "asset_0", "it begins anew at the end"


def test_a_queue_that_is_not_there_is_a_readable_error(bucket: House) -> None:
    from trellis_assets.uploads import CannotReadUploads

    bucket.queue = UploadQueue("https://sqs.us-east-1.amazonaws.com/1/none", BUCKET, "uploads")
    with pytest.raises(CannotReadUploads, match="TRELLIS_ASSETS_UPLOADS_QUEUE"):
        bucket.look()
