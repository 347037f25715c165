"""``trellis-assets lods``: rungs, a sheet and a report from one GLB."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tests.geometry import shapes
from trellis_assets.cli import main
from trellis_assets.gltf import load_model, model_to_glb


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["lods", *map(str, arguments)])


@pytest.fixture
def stone(tmp_path: Path) -> Path:
    file = tmp_path / "stone.glb"
    file.write_bytes(model_to_glb(shapes.painted(*shapes.bumpy(4, seed=3, height=0.1), size=256)))
    return file


def test_rungs_sheet_and_report_are_written(stone: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "lods"
    done = invoke(
        stone, "--out", out, "--triangles", 1000, "--rungs", 3, "--texture-size", 512, "--json"
    )
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert json.loads((out / "stone_lods.json").read_text()) == report
    for rung, (line, budget) in enumerate(zip(report["rungs"], (1000, 500, 250), strict=True)):
        model = load_model((out / f"stone_LOD{rung}.glb").read_bytes())
        assert 0.95 * budget <= model.triangle_count == line["triangles"] <= budget
        assert line["why"]
    errors = [line["error_mm"] for line in report["rungs"]]
    assert errors == sorted(errors)
    with Image.open(out / "stone_lods.png") as sheet:
        assert sheet.width > 3 * 300
    assert "repairing" in done.stderr
    assert len(list(out.iterdir())) == 5


def test_the_table_says_what_was_made_and_where_to_look(stone: Path, tmp_path: Path) -> None:
    done = invoke(stone, "--out", tmp_path, "--triangles", 1000, "--rungs", 1, "--no-repair")
    assert done.exit_code == 0, done.output
    assert "stone_LOD0.glb" in done.stdout
    assert "stone_lods.png" in done.stdout
    assert "repairing" not in done.stderr


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), (b"no model", "not a GLB")]
)
def test_refusals_are_one_line_and_write_nothing(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    file = tmp_path / "bad.glb"
    if content is not None:
        file.write_bytes(content)
    done = invoke(file, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists()
