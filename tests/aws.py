"""AWS in this process: moto answers instead of the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto import mock_aws


@contextmanager
def aws(monkeypatch: pytest.MonkeyPatch, *buckets: str) -> Iterator[None]:
    """S3 with these buckets, SQS and the others, all empty."""
    credentials(monkeypatch, "testing", "testing")
    with mock_aws():
        for name in buckets:
            boto3.client("s3").create_bucket(Bucket=name)
        yield


def credentials(monkeypatch: pytest.MonkeyPatch, access: str, secret: str) -> None:
    # boto3 keeps the credentials it found first for the whole process.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
