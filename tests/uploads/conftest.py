"""Houses to look at, with the same promises: in folders, on S3, and on a real S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.aws import aws as in_this_process
from tests.aws import credentials
from tests.trellis2.swift_server import ACCESS, SECRET, swift, swift_folder, why_not
from trellis_assets.store import FolderStore, open_store
from trellis_assets.uploads import FolderUploads, open_uploads

from .house import BUCKET, SAMPLE, House


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """S3 and SQS in this process."""
    with in_this_process(monkeypatch, BUCKET):
        yield


@pytest.fixture(scope="session")
def swift_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """OpenStack Swift, for as long as the tests run."""
    commands = swift_folder()
    if commands is None:
        pytest.skip(why_not())
    with swift(tmp_path_factory.mktemp("swift"), commands) as url:
        yield url


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
    return _on_s3(f"s3://{BUCKET}")


@pytest.fixture
def real_bucket(swift_url: str, monkeypatch: pytest.MonkeyPatch) -> House:
    credentials(monkeypatch, ACCESS, SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", swift_url)
    return _on_s3(f"s3://generations/{uuid4()}")


@pytest.fixture(
    params=[
        "folder",
        pytest.param("bucket", marks=pytest.mark.slow),
        pytest.param("real_bucket", marks=pytest.mark.slow),
    ]
)
def house(request: pytest.FixtureRequest) -> House:
    found: House = request.getfixturevalue(request.param)
    return found


def _on_s3(uri: str) -> House:
    house = House(
        open_uploads(f"{uri}/uploads"), open_store(f"{uri}/catalog"), open_store(f"{uri}/store")
    )
    house.catalog.write("profiles.yaml", SAMPLE.read("profiles.yaml"))
    return house
