"""``trellis-assets check``: any GLB from anywhere, judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from trellis_assets.catalog import Profile, load_profiles
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.validation import Finding, check_glb

_COLORS = {"error": "red", "warning": "yellow", "info": "cyan"}
_LARGEST_FILE = 512 * 1024 * 1024


class UnknownProfile(TrellisAssetsError):
    """``--profile`` names no target profile of the catalog."""


def check_command(files: Sequence[Path], *, profile: str | None, as_json: bool) -> int:
    """Returns the exit code: 0 when no file has a finding of severity error."""
    limits = _profile(profile) if profile else None
    findings = {str(file): _check(file, limits) for file in files}
    if as_json:
        content = {
            name: [finding.as_json() for finding in found] for name, found in findings.items()
        }
        print(json.dumps({"version": 1, "files": content}, indent=1))
    else:
        _print(findings)
    errors = any(each.severity == "error" for found in findings.values() for each in found)
    return 1 if errors else 0


def _profile(name: str) -> Profile:
    profiles = load_profiles(PipelineSettings.from_environment().catalog)
    if name not in profiles.profiles:
        raise UnknownProfile(
            f"no such target profile: {name}", fix=f"known: {', '.join(sorted(profiles.profiles))}"
        )
    return profiles.named(name)


def _check(file: Path, profile: Profile | None) -> list[Finding]:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            return [_refusal(file, f"larger than {_LARGEST_FILE:,} bytes", "split the model")]
        data = file.read_bytes()
    except OSError as error:
        return [_refusal(file, error.strerror or "cannot be read", "check the path")]
    return check_glb(data, profile=profile, where=file.name)


def _refusal(file: Path, message: str, fix: str) -> Finding:
    return Finding(
        rule="file.readable",
        severity="error",
        where=file.name,
        message=message,
        why="what cannot be read cannot be made game-ready",
        fix=fix,
    )


def _print(findings: dict[str, list[Finding]]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for name, found in findings.items():
        verdict = Text("no findings", "green") if not found else Text(f"{len(found)} findings")
        console.print(Text(f"{name}: ").append_text(verdict))
        for finding in found:
            # Text objects, because messages quote files and may hold brackets.
            line = Text("  ").append(finding.severity, style=_COLORS[finding.severity])
            console.print(line.append(f" {finding.rule}: {finding.message}"))
            console.print(Text(f"    why: {finding.why}\n    fix: {finding.fix}", "dim"))
