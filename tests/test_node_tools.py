"""Tools from npm: what is missing, altered or stuck is said, and nothing else is used instead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trellis_assets.node_tools import (
    BASIS,
    NODE_TOOLS,
    VALIDATOR,
    NodeToolFailed,
    NodeToolMissing,
    _check_files,
    install_node_tools,
    run_tool,
    tool_file,
)


@pytest.mark.parametrize("tool", NODE_TOOLS, ids=lambda tool: tool.package)
def test_a_missing_tool_is_an_error_with_its_fix(
    tool: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(NodeToolMissing, match="trellis-assets setup"):
        tool_file(BASIS if tool is BASIS else VALIDATOR)


def test_another_version_counts_as_missing() -> None:
    with pytest.raises(NodeToolMissing, match="9"):
        tool_file(replace(BASIS, version="9.9.9"))


def test_the_installed_files_are_the_pinned_ones() -> None:
    for tool in NODE_TOOLS:
        _check_files(tool)
    assert install_node_tools() == {tool.title: False for tool in NODE_TOOLS}


def test_other_bytes_than_the_pinned_ones_are_refused() -> None:
    name = next(iter(VALIDATOR.files))
    with pytest.raises(NodeToolFailed, match="SHA-256"):
        _check_files(replace(VALIDATOR, files={name: "00" * 32}))


def test_a_tool_that_fails_or_hangs_is_reported(tmp_path: Path) -> None:
    script = tmp_path / "tool.mjs"
    script.write_text(
        "if (process.argv[2] === 'fail') throw new Error('no'); setInterval(() => {}, 9)"
    )
    with pytest.raises(NodeToolFailed, match="code 1"):
        run_tool(script, ["fail"], title="tool", timeout=20)
    with pytest.raises(NodeToolFailed, match="did not finish"):
        run_tool(script, ["hang"], title="tool", timeout=0.5)
