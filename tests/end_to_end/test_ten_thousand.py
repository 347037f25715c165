"""Ten thousand game assets in Dagster: the code location loads, the pages open."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import sync_playwright

from .conftest import SAMPLE, Studio, new_studio
from .dagster_dev import Dagster, dagster_dev
from .test_ui import CHROMIUM

pytestmark = pytest.mark.slow
COUNT = 10_000


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    studio = new_studio(tmp_path_factory.mktemp("large"))
    picture = (SAMPLE / "concepts" / "toadstool.png").name
    for number in range(COUNT):
        studio.add_entry(f"asset_{number:05}", concept=picture)
    automation = {"refresh": {"enabled": False}, "uploads": {"enabled": False}}
    (studio.catalog / "automation.yaml").write_text(json.dumps(automation))
    return studio


@pytest.fixture(scope="module")
def dagster(studio: Studio) -> Iterator[Dagster]:
    with dagster_dev(studio.root, studio.environment) as running:
        yield running


def test_the_code_location_loads_in_ten_seconds(studio: Studio) -> None:
    before = _children_cpu()
    load = (
        "import trellis_assets.definitions as d; d.defs.get_repository_def().load_all_definitions()"
    )
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", load],
        env=studio.environment,
        check=True,
    )
    assert _children_cpu() - before < 10


def test_the_asset_page_opens_with_all_partitions(dagster: Dagster) -> None:
    query = """{ assetNodeOrError(assetKey: {path: ["lod0"]}) { ... on AssetNode {
        partitionStats { numPartitions numMaterialized } } } }"""
    _until(lambda: "partitionStats" in json.dumps(dagster.ask(query)))
    stats = dagster.ask(query)["assetNodeOrError"]["partitionStats"]
    assert stats == {"numPartitions": COUNT + 1, "numMaterialized": 0}
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package `chromium` to run this")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.set_default_timeout(180_000)
        page.goto(f"{dagster.url}/assets/lod0?view=partitions")
        page.get_by_text("asset_00001", exact=True).first.wait_for()
        browser.close()


def _until(true: object) -> None:
    deadline = time.monotonic() + 300
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.5)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
