"""``trellis-assets generate``: a GLB and its report from one picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from trellis_assets.cli import main
from trellis_assets.embedded import GENERATOR
from trellis_assets.gltf import load_model

BARREL = Path(__file__).parents[2] / "catalog" / "concepts" / "oak_barrel.png"
SMALL = ("--resolution", "96", "--triangles", "4000", "--texture-size", "256")


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["generate", *map(str, arguments)])


def test_model_and_report_are_written(tmp_path: Path) -> None:
    out = tmp_path / "new" / "barrel.glb"
    done = invoke(BARREL, "--out", out, *SMALL, "--seed", 5, "--json")
    assert done.exit_code == 0, done.output
    model = load_model(out.read_bytes())
    report = json.loads(out.with_suffix(".json").read_text())
    assert json.loads(done.stdout) == report
    assert report["generator"] == model.generator == GENERATOR
    assert report["seed"] == 5
    assert 1000 < report["triangles"] == model.triangle_count <= 4000
    for stage in ("prepare", "shape", "mesh", "unwrap", "bake", "write", "done"):
        assert stage in done.stderr
    assert sorted(file.name for file in out.parent.iterdir()) == ["barrel.glb", "barrel.json"]


def test_faults_on_request_and_no_report_unasked(tmp_path: Path) -> None:
    out = tmp_path / "bad.glb"
    done = invoke(BARREL, "--out", out, *SMALL, "--as-trellis")
    assert done.exit_code == 0, done.output
    assert load_model(out.read_bytes()).extras["faults"] == "on purpose"
    assert "greybox" in done.stdout
    assert [file.name for file in tmp_path.iterdir()] == ["bad.glb"]


@pytest.mark.parametrize(
    ("image", "out", "more", "said"),
    [
        (BARREL, "barrel.obj", (), "give --out FILE.glb"),
        ("nowhere.png", "a.glb", (), "cannot be read"),
        (__file__, "a.glb", (), "not an image"),
        (BARREL, "a.glb", ("--resolution", "9999"), "resolution is 9999"),
    ],
)
def test_refusals_are_one_line(
    tmp_path: Path, image: object, out: str, more: tuple[str, ...], said: str
) -> None:
    done = invoke(image, "--out", tmp_path / out, *more)
    assert done.exit_code == 1
    assert said in done.stderr
    assert not list(tmp_path.iterdir())
