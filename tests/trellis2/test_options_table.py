"""The table of the documentation names every option, and only tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

from trellis_assets.trellis2 import InferenceRequest, Sampler, Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "generation.md").read_text(encoding="utf-8")


def test_every_named_test_exists() -> None:
    files = [*(ROOT / "tests/trellis2").glob("test_*.py"), *(ROOT / "tests/embedded").glob("*.py")]
    files.append(ROOT / "tests" / "runner" / "test_costs_refusals.py")
    known = {file.stem for file in files}
    for file in files:
        known.update(re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\btest_[a-z0-9_]+", TEXT))
    assert len(named) > 30
    assert named <= known, sorted(named - known)


def test_every_option_has_its_row() -> None:
    table = TEXT[TEXT.index("## Every option") :]
    options = {"taskType", "taskUUID", "model", "inputs.image"}
    for model in (InferenceRequest, Settings, Sampler):
        options |= {str(field.alias) for field in model.model_fields.values()}
    missing = {name for name in options - {"extra", "settings"} if f"{name}`" not in table}
    assert not missing
