"""``refresh`` from the command line to the files: the whole way, and what bad input gets."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import dagster as dg
import jsonschema
import pytest

from tests.geometry.shapes import icosphere, plain
from tests.gltf.shapes import png
from trellis_assets.delivery import manifest_schema, report_schema
from trellis_assets.gltf import load_model, model_to_glb
from trellis_assets.store import content_hash
from trellis_assets.validation import validate_glbs

from .conftest import GOOD, SAMPLE, Studio, new_studio

Refreshed = tuple[Studio, Any]


def test_the_good_asset_is_made_and_the_bad_ones_are_named(refreshed: Refreshed) -> None:
    _, done = refreshed
    assert done.returncode == 1, "something was wrong, so a script must notice"
    outcome = json.loads(done.stdout)
    good, torn = outcome["game_assets"][GOOD], outcome["game_assets"]["torn"]
    assert good["error"] is None
    assert good["made"][0] == "concept_image"
    assert good["made"][-1] == "variants/quest.small"
    assert torn["made"] == []
    assert "torn.png" in torn["error"] or "image" in torn["error"]
    assert "Fix:" in torn["error"]
    (problem,) = outcome["problems"]
    assert "wrong.yaml:1: height_m is -2" in problem
    assert "Traceback" not in done.stderr


def test_every_glb_is_valid(refreshed: Refreshed) -> None:
    studio, _ = refreshed
    files = sorted(studio.store.rglob("*.glb"))
    assert len(files) >= 9
    for file, report in zip(
        files, validate_glbs([file.read_bytes() for file in files]), strict=True
    ):
        assert report.errors == 0, (file, report.messages)


def test_the_ladder_meets_its_budgets_and_keeps_its_size(refreshed: Refreshed) -> None:
    studio, _ = refreshed
    folder = studio.store / "assets" / GOOD
    rungs = [load_model((folder / f"lod{rung}.glb").read_bytes()) for rung in range(4)]
    for rung, model in enumerate(rungs):
        assert 0.9 * 1000 / 2**rung <= model.triangle_count <= 1000 / 2**rung
        low, high = model.bounds()
        assert abs((high - low)[1] - 0.35) < 0.02, "the height of the entry, in metres"
        assert abs(low[1]) < 0.01, "standing on the ground"


def test_the_variant_is_what_its_manifest_says(refreshed: Refreshed) -> None:
    studio, _ = refreshed
    folder = studio.store / "assets" / GOOD / "variants" / "quest.small"
    manifest = json.loads((folder / "manifest.json").read_text())
    jsonschema.validate(manifest, manifest_schema())
    for file in manifest["files"]:
        data = (folder / file["path"]).read_bytes()
        assert content_hash(data) == file["sha256"]
    assert all(line["met"] for line in manifest["budgets"])
    assert manifest["authorship"]["concept_licence"] == "CC0-1.0"
    report = json.loads((folder.parents[1] / "report.json").read_text())
    jsonschema.validate(report, report_schema())
    assert [variant["profile"] for variant in report["variants"]] == ["quest.small"]


def test_every_step_has_a_picture_and_dagster_has_the_history(refreshed: Refreshed) -> None:
    studio, _ = refreshed
    records = [
        json.loads(file.read_text())
        for file in (studio.store / "assets" / GOOD / "steps").glob("*.json")
    ]
    for record in records:
        assert record["look"]["thumbnail"].startswith("data:image/"), record["node"]
        assert (studio.store / "assets" / GOOD / record["look"]["picture"]).is_file()
    with dg.DagsterInstance.from_config(str(studio.root / "dagster")) as instance:
        assert GOOD in instance.get_dynamic_partitions("game_asset")
        key = dg.AssetKey(["variants", "quest_small"])
        event = instance.get_latest_materialization_event(key)
        assert event is not None
        materialization = event.asset_materialization
        assert materialization is not None
        assert materialization.partition == GOOD
        assert {"look", "picture", "rungs", "budgets", "files", "fingerprint"} <= set(
            materialization.metadata
        )


def test_the_gallery_shows_the_asset(refreshed: Refreshed) -> None:
    studio, _ = refreshed
    page = (studio.store / "catalog" / "gallery.html").read_text()
    assert f"../assets/{GOOD}/previews/lod0.portrait.png" in page
    index = json.loads((studio.store / "catalog" / "index.json").read_text())
    states = {row["asset_id"]: row["state"] for row in index["game_assets"]}
    # Its spots move on the coarse rungs: a warning, no error.
    assert states == {GOOD: "attention", "torn": "pending"}


def test_a_second_refresh_does_nothing_and_says_so(refreshed: Refreshed) -> None:
    studio, _ = refreshed
    done = studio.command("refresh", "--only", GOOD)
    assert "Nothing to do" in done.stdout
    assert done.returncode == 1, "wrong.yaml is still wrong"


def test_a_profile_edit_makes_that_variant_and_nothing_else(
    refreshed: Refreshed, tmp_path: Path
) -> None:
    studio = Studio(tmp_path)
    shutil.copytree(refreshed[0].root, tmp_path, dirs_exist_ok=True)
    profiles = studio.catalog / "profiles.yaml"
    profiles.write_text(profiles.read_text().replace("limit: 1000, ", "limit: 900, "))
    due = studio.refresh_json("--only", GOOD, "--dry-run")["game_assets"][GOOD]["due"]
    assert set(due) == {"variants/quest.small"}


def test_the_dry_run_and_status_say_what_is_due(refreshed: Refreshed) -> None:
    studio, _ = refreshed
    dry = studio.command("refresh", "--dry-run", "--only", "torn")
    assert "never made" in dry.stdout
    assert "free of charge" in dry.stdout
    status = studio.command("status", "--json")
    assert status.returncode == 1
    assert json.loads(status.stdout)["game_assets"][GOOD]["due"] == {}


def test_an_unknown_asset_and_no_catalog_are_one_line(refreshed: Refreshed, tmp_path: Path) -> None:
    studio, _ = refreshed
    unknown = studio.command("refresh", "--only", "unicorn")
    assert unknown.returncode == 1
    assert unknown.stderr.count("\n") == 1
    assert "the catalog has no entry unicorn" in unknown.stderr
    nowhere = Studio(tmp_path).command("refresh")
    assert nowhere.returncode == 1
    assert "no profiles.yaml" in nowhere.stderr
    assert nowhere.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_killed_refresh_leaves_nothing_half_written_and_the_next_goes_on(tmp_path: Path) -> None:
    studio = new_studio(tmp_path)
    running = subprocess.Popen(
        [sys.executable, "-m", "trellis_assets.cli", "refresh", "--quiet"],
        env=studio.environment,
        cwd=studio.root,
        start_new_session=True,
    )
    first = studio.store / "assets" / GOOD / "steps" / "generated_model.json"
    deadline = time.monotonic() + 600
    while not first.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    for file in studio.store.rglob("*.glb"):
        load_model(file.read_bytes())
    outcome = studio.refresh_json()["game_assets"][GOOD]
    assert outcome["error"] is None
    assert "generated_model" not in outcome["made"], "what was generated is not generated again"
    with dg.DagsterInstance.from_config(str(studio.root / "dagster")) as instance:
        statuses = {run.status for run in instance.get_runs()}
    assert dg.DagsterRunStatus.STARTED not in statuses


def test_added_images_become_entries(tmp_path: Path) -> None:
    studio = new_studio(tmp_path)
    image = tmp_path / "Old Lantern.png"
    shutil.copy(SAMPLE / "concepts" / "iron_lantern.png", image)
    (tmp_path / "notes.png").write_text("not an image")
    done = studio.command(
        "add", str(image), str(tmp_path / "notes.png"), "--class", "hero", "--height", "0.4"
    )
    assert done.returncode == 1
    assert "notes.png" in done.stderr or "image" in done.stderr
    assert (studio.catalog / "assets" / "old_lantern.yaml").is_file()
    assert (studio.catalog / "concepts" / "old_lantern.png").is_file()
    due = studio.refresh_json("--dry-run")["game_assets"]
    assert {GOOD, "old_lantern"} == set(due)


@pytest.mark.slow
def test_check_judges_any_glb(refreshed: Refreshed, tmp_path: Path) -> None:
    studio, _ = refreshed
    lod0 = studio.store / "assets" / GOOD / "lod0.glb"
    assert studio.command("check", str(lod0), "--profile", "quest.small").returncode == 0
    big, half, gone = (tmp_path / f"{name}.glb" for name in ("big", "half", "gone"))
    big.write_bytes(model_to_glb(plain(*icosphere(3), base_color=png((90, 60, 30), 2048))))
    half.write_bytes(lod0.read_bytes()[:1000])
    over = studio.command("check", str(big), str(half), "--profile", "quest.small", "--json")
    assert over.returncode == 1
    rules = {
        Path(file["path"]).name: {each["rule"] for each in file["findings"]}
        for file in json.loads(over.stdout)["files"]
    }
    assert {"budget.triangles", "budget.texture-size"} <= rules["big.glb"]
    assert "file.readable" in rules["half.glb"]
    missing = studio.command("check", str(half), str(gone))
    assert missing.returncode == 2
    assert "truncated" in missing.stdout
    assert "gone.glb" in missing.stdout + missing.stderr
