"""The Khronos glTF validator, out of process: what the specification says about a GLB.

It cannot see into EXT_meshopt_compression and KHR_draco_mesh_compression, so that it is given the
unpacked meshes as well, nor into KHR_texture_basisu: a report says so in ``unseen`` instead of
passing such a file in silence.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trellis_assets.finding import Finding
from trellis_assets.node_tools import VALIDATOR, run_tool, tool_file

from .errors import ValidationError
from .unpacked import GEOMETRY, plain_form

# Without a cap, a file of NaNs makes the validator take gigabytes to list them all.
_MAX_ISSUES = 100
_TIMEOUT_SECONDS = 60.0
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

    @property
    def valid(self) -> bool:
        return self.errors == 0


def validate_glbs(glbs: Sequence[bytes], *, timeout: float = _TIMEOUT_SECONDS) -> list[SpecReport]:
    """Validate GLBs in one process of the validator; packed geometry as it is and unpacked.

    Args:
        timeout: seconds for all of them together.

    Raises:
        NodeToolMissing: it is not installed.
        NodeToolFailed: it crashed or hung.
        ValidationError: it left out a report.
    """
    plain = {index: form for index, data in enumerate(glbs) if (form := plain_form(data))}
    reports = _run([*glbs, *plain.values()], timeout)
    for index, unpacked in zip(plain, reports[len(glbs) :], strict=True):
        reports[index] = _together(reports[index], unpacked)
    return reports[: len(glbs)]


def _run(glbs: Sequence[bytes], timeout: float) -> list[SpecReport]:
    module = tool_file(VALIDATOR)
    runner = Path(__file__).with_name("khronos_runner.mjs")
    with tempfile.TemporaryDirectory(prefix="trellis-assets-") as folder:
        files = [Path(folder, f"{index}.glb") for index in range(len(glbs))]
        for file, data in zip(files, glbs, strict=True):
            file.write_bytes(data)
        said = run_tool(
            runner,
            [str(module), str(_MAX_ISSUES), *map(str, files)],
            title=VALIDATOR.title,
            timeout=timeout,
        )
    lines = said.splitlines()
    if len(lines) != len(glbs):
        raise ValidationError(
            f"the {VALIDATOR.title} gave {len(lines)} reports for {len(glbs)} files",
            fix="run `trellis-assets setup` again",
        )
    return [_report(json.loads(line)) for line in lines]


def _together(packed: SpecReport, unpacked: SpecReport) -> SpecReport:
    """One report of a file as it is and of its meshes once unpacked."""
    return SpecReport(
        errors=packed.errors + unpacked.errors,
        warnings=packed.warnings + unpacked.warnings,
        infos=packed.infos + unpacked.infos,
        hints=packed.hints + unpacked.hints,
        truncated=packed.truncated or unpacked.truncated,
        messages=packed.messages + tuple(f"unpacked: {text}" for text in unpacked.messages),
        unseen=tuple(name for name in packed.unseen if name not in GEOMETRY),
    )


def spec_finding(report: SpecReport, where: str) -> Finding | None:
    """What is to be said of a report; None if there is nothing."""
    if report.valid and not report.unseen:
        return None
    if report.valid:
        return Finding(
            rule="spec.unseen",
            severity="info",
            where=where,
            message=f"the validator cannot see into {', '.join(report.unseen)}",
            why="compressed content was not validated by it",
            fix="look at a picture of the file: its textures were decoded for it",
        )
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
        source="Khronos glTF 2.0 specification",
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
