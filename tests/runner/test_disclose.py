from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from trellis_assets.cli import main
from trellis_assets.delivery import disclosure_schema

from ..delivery.models import AUTHORSHIP, ladder, paint, target


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from trellis_assets.delivery import build_variant
    from trellis_assets.textures import make_texture_set

    rungs = ladder(paint(), 200)[:1]
    variant = build_variant(
        asset_id="oak_barrel",
        profile=target(),
        rungs=rungs,
        textures=make_texture_set(rungs[0].model, size=64),
        authorship=AUTHORSHIP,
    )
    folder = tmp_path / "store/assets/oak_barrel/variants/pc.prop"
    folder.mkdir(parents=True)
    for name, data in variant.files.items():
        (folder / name).write_bytes(data)
    monkeypatch.setenv("TRELLIS_ASSETS_STORE", str(tmp_path / "store"))
    return folder


def test_json_follows_the_schema_and_the_filters(store: Path) -> None:
    result = CliRunner().invoke(main, ["disclose", "--only", "oak_barrel", "--json"])
    assert result.exit_code == 0
    content = json.loads(result.output)
    Draft202012Validator(disclosure_schema()).validate(content)
    assert content["assets"][0]["variants"][0]["profile"] == "pc.prop"


def test_it_writes_a_file(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "ai-content.md"
    assert CliRunner().invoke(main, ["disclose", "--out", str(out)]).exit_code == 0
    assert out.read_text().startswith("# AI content disclosure")


def test_nothing_to_disclose_is_one_line_with_a_fix(store: Path) -> None:
    result = CliRunner().invoke(main, ["disclose", "--profile", "mobile.prop"])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "no variant of mobile.prop" in result.stderr
    assert "trellis-assets refresh" in result.stderr


def test_a_manifest_of_another_version_is_named(store: Path) -> None:
    manifest = json.loads((store / "manifest.json").read_text())
    (store / "manifest.json").write_text(json.dumps({**manifest, "version": 1}))
    result = CliRunner().invoke(main, ["disclose"])
    assert result.exit_code == 1
    assert "is of version 1" in result.stderr
