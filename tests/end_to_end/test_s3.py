"""The whole way through on S3: the same commands, one setting changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from trellis_assets.store import open_store
from trellis_assets.validation import validate_glbs

from .conftest import GOOD, new_studio

pytestmark = pytest.mark.slow
STORE = "s3://art/studio"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    boto3.client("s3").create_bucket(Bucket="art")
    yield f"http://{host}:{port}"
    server.stop()


def test_refresh_on_s3(endpoint: str, tmp_path: Path) -> None:
    studio = new_studio(tmp_path)
    environment = {**os.environ, **studio.environment, "TRELLIS_ASSETS_STORE": STORE}

    def refresh() -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-m", "trellis_assets.cli", "refresh", "--json"],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            timeout=900,
        )
        row: dict[str, object] = json.loads(done.stdout)["game_assets"][GOOD]
        return row

    first = refresh()
    assert first["error"] is None
    store = open_store(STORE)
    glbs = [store.read(key) for key in store.list("assets/") if key.endswith(".glb")]
    assert len(glbs) >= 9
    assert all(report.valid for report in validate_glbs(glbs))
    assert store.exists("catalog/gallery.html")
    assert refresh()["due"] == {}
    assert not studio.store.exists()
