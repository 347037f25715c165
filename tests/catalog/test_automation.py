"""``catalog/automation.yaml``: defaults, located errors, and a schema that agrees."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from trellis_assets.catalog import (
    Automation,
    CatalogError,
    RefreshAutomation,
    automation_schema,
    load_automation,
)
from trellis_assets.store import FolderStore

SAMPLE = Path(__file__).parents[2] / "catalog"


def _write(folder: Path, text: str) -> FolderStore:
    (folder / "automation.yaml").write_text(text, encoding="utf-8")
    return FolderStore(folder)


def test_without_the_file_it_is_nightly_and_tells_nobody(tmp_path: Path) -> None:
    automation = load_automation(FolderStore(tmp_path))
    assert automation.refresh.cron == "0 2 * * *"
    assert automation.refresh.timezone == "UTC"
    assert not automation.notifications.enabled


def test_every_part_may_be_left_out(tmp_path: Path) -> None:
    found = load_automation(_write(tmp_path, "refresh: {cron: '*/15 8-18 * * 1-5'}\n"))
    assert found == Automation(refresh=RefreshAutomation(cron="*/15 8-18 * * 1-5"))


@pytest.mark.parametrize(
    ("text", "line", "field", "rule"),
    [
        ("refresh:\n  cron: nightly\n", 2, "refresh.cron", "five cron fields"),
        ("refresh:\n  cron: '0 24 * * *'\n", 2, "refresh.cron", "five cron fields"),
        ("refresh:\n  cron: '0 5-2 * * *'\n", 2, "refresh.cron", "five cron fields"),
        ("refresh:\n  cron: '*/0 * * * *'\n", 2, "refresh.cron", "five cron fields"),
        ("refresh:\n  timezone: Mars/Olympus\n", 2, "refresh.timezone", "IANA timezone"),
        ("refresh:\n  timezone: ../etc/passwd\n", 2, "refresh.timezone", "IANA timezone"),
        ("refresh:\n  batch: 0\n", 2, "refresh.batch", "greater than or equal to 1"),
        ("uploads:\n  class: dragon\n", 2, "uploads.class", "should be"),
        ("notifications:\n  url: http://x\n", 2, "notifications.url", "no such field"),
        ("notify: {}\n", 1, "notify", "no such field"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, field: str, rule: str
) -> None:
    with pytest.raises(CatalogError) as caught:
        load_automation(_write(tmp_path, text))
    problem = caught.value.problems[0]
    assert (problem.line, problem.field) == (line, field)
    assert rule in problem.rule
    assert problem.fix


def test_the_schema_agrees_with_the_sample() -> None:
    kept = json.loads((SAMPLE / "schema/automation.schema.json").read_text(encoding="utf-8"))
    assert kept == automation_schema()
    jsonschema.validate(yaml.safe_load((SAMPLE / "automation.yaml").read_text("utf-8")), kept)
    load_automation(FolderStore(SAMPLE))
