"""The command line as a whole: help, examples, errors in one line, exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from trellis_assets.catalog import CatalogError
from trellis_assets.cli import main

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    done = CliRunner().invoke(main, [command, "--help"])
    assert done.exit_code == 0
    assert "Example:" in done.output
    assert f"trellis-assets {command}" in done.output


def test_the_documented_commands_are_there() -> None:
    assert {"refresh", "ui", "add", "status", "check", "setup"} <= set(main.commands)
    readme = (ROOT / "README.md").read_text()
    for name in ("refresh", "add", "status", "check"):
        assert f"trellis-assets {name}" in readme


def test_an_expected_error_is_one_line_and_debug_shows_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRELLIS_ASSETS_CATALOG", str(tmp_path))
    done = CliRunner().invoke(main, ["status"])
    assert done.exit_code == 1
    assert done.output.startswith("error: ")
    assert done.output.count("\n") == 1
    with pytest.raises(CatalogError):
        CliRunner().invoke(main, ["--debug", "status"], catch_exceptions=False)


def test_an_unknown_generator_is_refused_before_anything_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRELLIS_ASSETS_GENERATOR", "midjourney")
    done = CliRunner().invoke(main, ["refresh"])
    assert done.exit_code == 1
    assert "'midjourney'" in done.output
    assert "embedded, runware" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--id", "a/b"], "must start with a lower-case letter"),
        (["--id", "../up"], "must start with a lower-case letter"),
        (["--height", "-1"], "greater than 0"),
        (["--class", "pope"], "'prop', 'hero'"),
        (["--profile", "mobile.prp"], "no such target profile"),
    ],
)
def test_add_refuses_what_the_catalog_would_refuse(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    (catalog / "profiles.yaml").write_bytes((ROOT / "catalog" / "profiles.yaml").read_bytes())
    monkeypatch.setenv("TRELLIS_ASSETS_CATALOG", str(catalog))
    image = tmp_path / "disc.png"
    picture = Image.new("RGBA", (256, 256))
    picture.paste((200, 40, 40, 255), (40, 40, 216, 216))
    picture.save(image)
    done = CliRunner().invoke(main, ["add", str(image), *arguments])
    assert done.exit_code == 1
    assert said in done.output
    assert sorted(path.name for path in catalog.rglob("*")) == ["profiles.yaml"]
