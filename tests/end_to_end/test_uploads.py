"""Drop an image: within a minute its variant is there, and the UI shows where it came from."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from tests.trellis2.swift_server import ACCESS, SECRET, swift, swift_folder, why_not
from trellis_assets.store import Store, open_store

from .conftest import GOOD, SAMPLE, Studio, new_studio
from .dagster_dev import Dagster, dagster_dev

pytestmark = pytest.mark.slow

_AUTOMATION = """\
refresh: {enabled: false}
uploads: {interval_s: 5, settle_s: 2}
"""
# As quick as the pipeline gets: the embedded generator's smallest grid, one small profile.
_SIDECAR = """\
class: background
height_m: 0.35
profiles: [quest.small]
generation: {resolution: 512, decimation_target: 100000, texture_size: 1024}
lods: {triangles: 1000, texture_size: 512}
"""
_LONGEST = 60.0
VARIANT = "assets/lamp/variants/quest.small/manifest.json"


def waited(dagster: Dagster, is_so: Callable[[], bool], seconds: float) -> None:
    """Wait until it is so, at most ``seconds`` of a machine that does nothing else.

    Where others compute too, a second counts for the share of it that a busy process gets.
    """
    start, used = time.monotonic(), 0.0
    while not is_so():
        assert used < seconds, dagster.runs()
        time.sleep(0.5)
        share, now = _share(), time.monotonic()
        used += (now - start) * share
        start = now


def _share() -> float:
    """The part of a core that a busy loop is given at this moment."""
    wall, cpu = time.monotonic(), time.thread_time()
    while time.thread_time() - cpu < 0.03:
        pass
    return (time.thread_time() - cpu) / (time.monotonic() - wall)


def check_that_the_ui_shows_it(dagster: Dagster) -> None:
    for asset in ("concept_image", "generated_model", "lod0", "variants/quest_small"):
        waited(dagster, lambda asset=asset: "lamp" in dagster.materialized(asset), 20)  # type: ignore[misc]
    assert dagster.inputs("generated_model") == {"concept_image"}
    assert {"lod0", "texture_set_512"} <= dagster.inputs("variants/quest_small")
    (run,) = [run for run in dagster.runs() if run.get("dagster/partition") == "lamp"]
    assert run["dagster/sensor_name"] == "new_uploads"


def test_an_image_dropped_into_the_folder_is_a_variant_within_a_minute(tmp_path: Path) -> None:
    studio = new_studio(tmp_path)
    (studio.catalog / "assets" / f"{GOOD}.yaml").unlink()  # a catalog may begin with uploads
    (studio.catalog / "automation.yaml").write_text(_AUTOMATION)
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    environment = {**studio.environment, "TRELLIS_ASSETS_UPLOADS": str(uploads)}
    with dagster_dev(tmp_path, environment) as dagster:
        (uploads / "lamp.yaml").write_text(_SIDECAR)
        (uploads / "lamp.png").write_bytes((SAMPLE / "concepts" / "iron_lantern.png").read_bytes())
        (uploads / "torn.png").write_bytes(b"\x89PNG torn")
        waited(dagster, (studio.store / VARIANT).is_file, _LONGEST)
        check_that_the_ui_shows_it(dagster)
    assert (studio.catalog / "assets" / "lamp.yaml").is_file()


def test_the_same_on_an_s3_server(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Store, uploads and catalog in a bucket, on OpenStack Swift, with the same code."""
    commands = swift_folder()
    if commands is None:
        pytest.skip(why_not())
    studio = new_studio(tmp_path)
    (studio.catalog / "automation.yaml").write_text(_AUTOMATION)
    with swift(tmp_path / "swift", commands) as url:
        for name, value in _swift_environment(url).items():
            monkeypatch.setenv(name, value)
        _copy_catalog(studio, open_store("s3://generations/catalog"))
        environment = {
            **studio.environment,
            **_swift_environment(url),
            "TRELLIS_ASSETS_CATALOG": "s3://generations/catalog",
            "TRELLIS_ASSETS_STORE": "s3://generations/store",
            "TRELLIS_ASSETS_UPLOADS": "s3://generations/uploads",
        }
        store = open_store("s3://generations/store")
        with dagster_dev(tmp_path, environment) as dagster:
            _drop("lamp.yaml", _SIDECAR.encode())
            _drop("lamp.png", (SAMPLE / "concepts" / "iron_lantern.png").read_bytes())
            _drop("torn.png", b"\x89PNG torn")
            waited(dagster, lambda: store.exists(VARIANT), _LONGEST)
            check_that_the_ui_shows_it(dagster)
        assert open_store("s3://generations/uploads").exists("quarantine/torn.png.reason.txt")
        assert open_store("s3://generations/catalog").exists("assets/lamp.yaml")
        assert not studio.store.exists()


def _swift_environment(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _copy_catalog(studio: Studio, catalog: Store) -> None:
    for file in studio.catalog.rglob("*"):
        if file.is_file():
            catalog.write(file.relative_to(studio.catalog).as_posix(), file.read_bytes())


def _drop(name: str, data: bytes) -> None:
    boto3.client("s3").put_object(Bucket="generations", Key=f"uploads/{name}", Body=data)
