"""S3 event notifications from an SQS queue, for buckets that are too large to list often."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote_plus

from .errors import CannotReadUploads
from .place import QUARANTINE

_MOST_AT_ONCE = 10  # what SQS allows


@dataclass(frozen=True)
class Notice:
    """One message: the uploads that it concerns, none if it is about something else."""

    paths: tuple[str, ...]
    receipt: str


class UploadQueue:
    """The queue that a bucket's notifications go to, straight, through SNS or from EventBridge."""

    def __init__(
        self,
        url: str,
        bucket: str,
        prefix: str,
        *,
        wait_s: int = 1,
        client: Callable[[], Any] | None = None,
    ) -> None:
        self.url = url
        self._wait_s = wait_s
        self._bucket = bucket
        self._start = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._make_client = client

    @cached_property
    def _client(self) -> Any:
        if self._make_client is not None:
            return self._make_client()
        import boto3

        return boto3.client("sqs")

    def receive(self, most: int) -> list[Notice]:
        """Up to ``most`` messages. They stay in the queue, out of sight, until they are deleted or
        its visibility timeout is over.
        """
        from botocore.exceptions import ClientError

        notices: dict[str, Notice] = {}
        while len(notices) < most:
            try:
                reply = self._client.receive_message(
                    QueueUrl=self.url,
                    MaxNumberOfMessages=min(_MOST_AT_ONCE, most - len(notices)),
                    WaitTimeSeconds=0 if notices else self._wait_s,
                )
            except ClientError as error:
                raise _refused(self.url, error) from error
            before = len(notices)
            for message in reply.get("Messages", []):
                notice = Notice(self._paths(message["Body"]), message["ReceiptHandle"])
                notices[message["MessageId"]] = notice
            if len(notices) == before:
                break  # nothing, or the same again
        return list(notices.values())

    def delete(self, receipts: Sequence[str]) -> None:
        """Delete messages; one that came back to the queue meanwhile is delivered again."""
        from botocore.exceptions import ClientError

        for first in range(0, len(receipts), _MOST_AT_ONCE):
            entries = [
                {"Id": str(index), "ReceiptHandle": receipt}
                for index, receipt in enumerate(receipts[first : first + _MOST_AT_ONCE])
            ]
            try:
                self._client.delete_message_batch(QueueUrl=self.url, Entries=entries)
            except ClientError as error:
                raise _refused(self.url, error) from error

    def _paths(self, body: str) -> tuple[str, ...]:
        """The uploads that a message concerns; whatever it says beyond that is not trusted."""
        try:
            places = _places(json.loads(body))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return ()
        return tuple(
            key[len(self._start) :]
            for bucket, key in places
            if bucket == self._bucket
            and key.startswith(self._start)
            and not key.startswith(f"{self._start}{QUARANTINE}/")
            and not key.endswith("/")
        )


def _places(content: Any) -> list[tuple[str, str]]:
    """Bucket and key of each event."""
    if "Message" in content:  # wrapped by SNS
        return _places(json.loads(content["Message"]))
    if "detail" in content:  # EventBridge sends the key as it is
        detail = content["detail"]
        return [(str(detail["bucket"]["name"]), str(detail["object"]["key"]))]
    events = [record["s3"] for record in content.get("Records", [])]
    return [
        (str(event["bucket"]["name"]), unquote_plus(str(event["object"]["key"])))
        for event in events
    ]


def _refused(url: str, error: Any) -> CannotReadUploads:
    reason = error.response.get("Error", {})
    return CannotReadUploads(
        f"cannot use the queue {url}: {reason.get('Code')} {reason.get('Message')}",
        fix="check TRELLIS_ASSETS_UPLOADS_QUEUE, AWS_* settings and permissions",
    )
