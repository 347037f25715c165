"""Dagster in a browser: the graph is there, and a partition can be materialized from it."""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from trellis_assets.delivery import manifest_schema, report_schema

from .conftest import GOOD, Studio
from .dagster_dev import dagster_dev

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.fixture(scope="module")
def address(refreshed: tuple[Studio, Any]) -> Iterator[str]:
    studio, _ = refreshed
    with dagster_dev(studio.root, studio.environment) as dagster:
        yield dagster.url


@pytest.fixture
def page() -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package `chromium` to run this")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1800, "height": 1100})
        page.set_default_timeout(120_000)
        yield page
        browser.close()


def test_the_graph_shows_the_product_and_its_lineage(address: str, page: Page) -> None:
    page.goto(f"{address}/asset-groups")
    for group in ("concepts", "generation", "geometry", "textures", "delivery", "catalog"):
        page.locator("svg").get_by_text(group, exact=True).first.wait_for()
    page.goto(f"{address}/asset-groups?expanded=global%40global%3Ageometry")
    for node in ("master_model", "lod0", "lod1", "lod2", "lod3"):
        page.locator("svg").get_by_text(node, exact=True).first.wait_for()
    (edges,) = _graphql(
        address, "{ assetNodes { assetKey { path } dependencyKeys { path } } }"
    ).values()
    inputs = {
        "/".join(node["assetKey"]["path"]): {
            "/".join(key["path"]) for key in node["dependencyKeys"]
        }
        for node in edges
    }
    assert inputs["generated_model"] == {"concept_image"}
    assert inputs["lod1"] == {"master_model", "lod0"}
    assert {"lod0", "lod3", "texture_set_512"} <= inputs["variants/quest_small"]
    assert "variants/quest_small" in inputs["catalog_index"]


def test_a_partition_page_shows_its_picture(address: str, page: Page) -> None:
    page.goto(f"{address}/assets/lod0?view=partitions&partition={GOOD}")
    page.get_by_text("triangles_asked").first.wait_for()
    picture = page.locator("img[src^='data:image/webp']").first
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") >= 48


def test_a_materialization_launched_in_the_browser_succeeds(
    address: str, page: Page, refreshed: tuple[Studio, Any]
) -> None:
    page.goto(f"{address}/assets/master_model?view=partitions")
    page.get_by_role("button", name="Materialize").first.click()
    page.get_by_text("Select a partition").click()
    page.get_by_text(GOOD, exact=True).locator("visible=true").last.click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Launch").click()
    deadline = time.monotonic() + 300
    unfinished = ("none", "NOT_STARTED", "QUEUED", "STARTING", "STARTED")
    while (status := _latest_run(address)) in unfinished:
        assert time.monotonic() < deadline, status
        time.sleep(1)
    assert status == "SUCCESS"
    record = refreshed[0].store / "assets" / GOOD / "steps" / "master_model.json"
    assert json.loads(Path(record).read_text())["node"] == "master_model"


def _latest_run(address: str) -> str:
    """Status of the newest run that the web server launched; ``none`` before there is one."""
    query = """{ runsOrError(limit: 1) { ... on Runs { results {
        status repositoryOrigin { repositoryLocationName } } } } }"""
    (run,) = _graphql(address, query)["runsOrError"]["results"]
    launched = run["repositoryOrigin"]
    if launched is None:
        return "none"
    assert launched["repositoryLocationName"] == "trellis-assets"
    return str(run["status"])


def _graphql(address: str, query: str, **variables: Any) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310
        f"{address}/graphql",
        json.dumps({"query": query, "variables": variables}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
        content: dict[str, Any] = json.load(reply)["data"]
    return content


@pytest.fixture(scope="module")
def launched(address: str, refreshed: tuple[Studio, Any]) -> tuple[Studio, dict[str, str]]:
    """How runs of a bad and a good asset end, launched as the UI's button does."""
    studio, _ = refreshed
    # A class whose outlines no rung can keep: the look of the ladder is refused.
    profiles = studio.catalog / "profiles.yaml"
    strict = "  accessory:\n    look: {silhouette_floor: 0.995, silhouette: 0.999}\n"
    profiles.write_text(profiles.read_text().replace("  accessory:\n", strict, 1))
    lods = {"triangles": 4000, "texture_size": 512}  # fewer are shown too small to be refused
    fields = {"class": "accessory", "profiles": ["quest.prop"], "lods": lods}
    studio.add_entry("stump", concept=f"{GOOD}.png", **fields)
    _graphql(
        address,
        """mutation { addDynamicPartition(repositorySelector: {repositoryName: "__repository__",
        repositoryLocationName: "trellis-assets"}, partitionsDefName: "game_asset",
        partitionKey: "stump") { __typename } }""",
    )
    runs = {asset_id: _launch(address, asset_id) for asset_id in ("stump", GOOD)}
    return studio, {name: _ended(address, run) for name, run in runs.items()}


@pytest.mark.slow
def test_a_bad_asset_stops_and_a_good_one_beside_it_is_delivered(
    address: str, page: Page, launched: tuple[Studio, dict[str, str]]
) -> None:
    studio, ended = launched
    assert ended == {"stump": "FAILURE", GOOD: "SUCCESS"}
    made = {name: studio.store / "assets" / name / "variants" for name in ended}
    assert not made["stump"].exists(), "what is downstream of a blocking finding does not run"
    assert (made[GOOD] / "quest.small" / "manifest.json").is_file()
    page.goto(f"{address}/assets/appearance?view=partitions&partition=stump")
    page.get_by_text("nothing after it is made").first.wait_for()
    page.get_by_text("Fix:").first.wait_for()
    held = json.loads(studio.command("refresh", "--only", "stump", "--json").stdout)
    assert list(held["game_assets"]["stump"]["held"]) == ["variants/quest.prop"]


@pytest.mark.slow
def test_a_waiver_lets_it_through_and_makes_no_model_again(
    launched: tuple[Studio, dict[str, str]],
) -> None:
    studio, _ = launched
    folder = studio.store / "assets" / "stump"
    record = json.loads((folder / "steps" / "appearance.json").read_text())
    rules = {each["rule"] for each in record["findings"] if each["severity"] == "error"}
    content = {"asset": "stump", "owner": "jane", "reason": "a stump", "expires": "2999-12-31"}
    waivers = [{"rule": rule, **content} for rule in sorted(rules)]
    (studio.catalog / "waivers.yaml").write_text(json.dumps({"waivers": waivers}))
    outcome = studio.refresh_json("--only", "stump")["game_assets"]["stump"]
    assert outcome["error"] is None
    assert outcome["made"] == ["variants/quest.prop"]
    assert outcome["reused"] == ["appearance"]
    manifest = json.loads((folder / "variants" / "quest.prop" / "manifest.json").read_text())
    assert {each["rule"] for each in manifest["waivers"]} == rules
    jsonschema.validate(manifest, manifest_schema())
    report = json.loads((folder / "report.json").read_text())
    jsonschema.validate(report, report_schema())
    assert any(each.get("waived") for each in report["findings"])


def _launch(address: str, asset_id: str) -> str:
    """A run of the whole way of one partition; its id."""
    answer = _graphql(
        address,
        """mutation ($run: ExecutionParams!) { launchPipelineExecution(executionParams: $run) {
        ... on LaunchRunSuccess { run { runId } } } }""",
        run={
            "mode": "default",
            "runConfigData": {},
            "selector": {
                "repositoryName": "__repository__",
                "repositoryLocationName": "trellis-assets",
                "jobName": "make_game_asset",
            },
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": asset_id}]},
        },
    )
    return str(answer["launchPipelineExecution"]["run"]["runId"])


def _ended(address: str, run_id: str) -> str:
    deadline = time.monotonic() + 300
    query = "query ($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"
    while time.monotonic() < deadline:
        status = str(_graphql(address, query, run=run_id)["runOrError"]["status"])
        if status in ("SUCCESS", "FAILURE", "CANCELED"):
            return status
        time.sleep(1)
    pytest.fail(f"run {run_id} did not end")
