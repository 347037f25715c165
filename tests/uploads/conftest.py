"""Houses to look at: one in folders, one on S3, with the same promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from trellis_assets.store import FolderStore, open_store
from trellis_assets.uploads import FolderUploads, open_uploads

from .house import BUCKET, SAMPLE, House


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> House:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    house = House(
        FolderUploads(uploads), FolderStore(tmp_path / "catalog"), FolderStore(tmp_path / "store")
    )
    house.catalog.write("profiles.yaml", SAMPLE.read("profiles.yaml"))
    # Files here are made with an old mtime; their ctime is always now.
    house.options["settle_s"] = house.options["patience_s"] = 0
    return house


@pytest.fixture
def bucket(aws: None) -> House:
    house = House(
        open_uploads(f"s3://{BUCKET}/uploads"),
        open_store(f"s3://{BUCKET}/catalog"),
        open_store(f"s3://{BUCKET}/store"),
    )
    house.catalog.write("profiles.yaml", SAMPLE.read("profiles.yaml"))
    return house


@pytest.fixture(params=["folder", "bucket"])
def house(request: pytest.FixtureRequest) -> House:
    found: House = request.getfixturevalue(request.param)
    return found
