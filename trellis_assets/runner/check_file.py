"""One file of ``trellis-assets check``: read, judged and, if wanted, repaired."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from trellis_assets.catalog import Profile
from trellis_assets.finding import Finding, worst
from trellis_assets.gltf import GltfError
from trellis_assets.validation import Change, apply_fixes, check_glb
from trellis_assets.validation.limits import LARGEST_FILE


@dataclass(frozen=True)
class CheckRequest:
    """What to do with one file."""

    name: str
    """As the user wrote it, ``-`` for standard input."""
    file: Path
    profiles: Mapping[str, Profile]
    fix_to: Path | None = None
    pictures: Path | None = None
    """Folder and first part of the name of its findings' pictures."""


@dataclass(frozen=True)
class Judged:
    """A finding and the target profiles for which it holds; none of them named: for any use."""

    finding: Finding
    profiles: tuple[str, ...] = ()
    picture: str | None = None
    """The file that shows where it lies."""


@dataclass(frozen=True)
class Repair:
    """What ``--fix`` did."""

    file: str
    changes: tuple[Change, ...] = ()
    refused: str = ""
    """Why nothing was written, in words."""


@dataclass(frozen=True)
class Checked:
    """The outcome for one file; with a repair, the findings are those of the repaired file."""

    name: str
    judged: tuple[Judged, ...] = ()
    repair: Repair | None = None
    bytes: int = 0
    seconds: float = 0.0
    problem: str = ""
    """Why there was nothing to judge, in words: no such file, no right to read it."""
    undrawn: str = ""
    """Why pictures that were asked for are missing, or old ones are still there, in words."""


def check_file(request: CheckRequest) -> Checked:
    """Judge one file; never raises for anything that is in it.

    Raises:
        ValidationError: the Khronos validator is missing or failed; nothing passes unseen.
    """
    started = perf_counter()
    try:
        if not request.file.is_file():
            words = "no such file" if not request.file.exists() else "not a file"
            return Checked(request.name, problem=words)
        size = request.file.stat().st_size
        data = request.file.read_bytes() if size <= LARGEST_FILE else b""
    except OSError as error:
        return Checked(request.name, problem=error.strerror or "cannot be read")
    if size > LARGEST_FILE:
        judged: tuple[Judged, ...] = (Judged(_too_large(request, size)),)
        return Checked(request.name, judged, bytes=size)
    judged = _judged(data, request)
    repair = None
    if request.fix_to is not None:
        repair, data = _repaired(data, judged, request.fix_to)
        judged = _judged(data, request) if repair.changes else judged
    seconds = round(perf_counter() - started, 3)
    return Checked(request.name, judged, repair, size, seconds)


def _judged(data: bytes, request: CheckRequest) -> tuple[Judged, ...]:
    """What holds for any use once, and what holds for some profiles with their names."""
    where = request.file.name if request.name != "-" else "standard input"
    if not request.profiles:
        return tuple(Judged(found) for found in check_glb(data, where=where))
    holds: dict[Finding, list[str]] = {}
    for index, (name, profile) in enumerate(request.profiles.items()):
        # The specification asks nothing of profiles: the validator runs once.
        for found in check_glb(data, profile=profile, where=where, spec=index == 0):
            holds.setdefault(found, []).append(name)
    every = list(request.profiles)
    return tuple(
        Judged(found, () if names == every and _for_any_use(found) else tuple(names))
        for found in worst(holds)
        for names in [every if found.rule.startswith("spec.") else holds[found]]
    )


def _for_any_use(finding: Finding) -> bool:
    return not finding.rule.startswith("budget.")


def _repaired(data: bytes, judged: tuple[Judged, ...], target: Path) -> tuple[Repair, bytes]:
    try:
        fixed = apply_fixes(data, [each.finding for each in judged if each.finding.fixable])
        write_whole(target, fixed.data)
    except GltfError as error:
        return Repair(str(target), refused=error.message), data
    except OSError as error:
        return Repair(str(target), refused=error.strerror or "cannot be written"), data
    return Repair(str(target), fixed.changes), fixed.data


def write_whole(target: Path, data: bytes) -> None:
    """The whole file or none: a reader never sees half of it.

    Raises:
        OSError: it cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _too_large(request: CheckRequest, size: int) -> Finding:
    return refusal(
        "file.too-large",
        request.name,
        f"{size:,} bytes, at most {LARGEST_FILE:,} are judged",
        "split the model or shrink its textures",
    )


def refusal(rule: str, name: str, message: str, fix: str) -> Finding:
    """The finding on a file that could not be judged to the end."""
    return Finding(
        rule=rule,
        severity="error",
        where=name,
        message=message,
        why="what cannot be judged cannot be trusted in a game",
        fix=fix,
    )


def failed(request: CheckRequest, finding: Finding, seconds: float) -> Checked:
    """The outcome for a file that its worker did not survive."""
    return replace(Checked(request.name), judged=(Judged(finding),), seconds=round(seconds, 3))
