"""From the arguments of ``trellis-assets check`` to files: folders, patterns, standard input."""

from __future__ import annotations

import glob
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trellis_assets.catalog import Profile
from trellis_assets.validation.limits import LARGEST_FILE

from .check_file import CheckRequest
from .check_pictures import CheckUsage, picture_stems

STDIN = "-"


@dataclass(frozen=True)
class _Found:
    name: str  # as shown
    file: Path
    below: Path  # where it lies below OUT


def check_requests(
    arguments: Sequence[str],
    profiles: Mapping[str, Profile],
    fix_to: Path | None,
    scratch: Path,
    pictures: Path | None = None,
) -> list[CheckRequest]:
    """A request for every file, each file once, in the order of the arguments.

    Args:
        arguments: files, folders (searched for ``*.glb``), patterns, or ``-``.
        fix_to: a file for one named file, else a folder.
        scratch: folder for what comes from standard input.
        pictures: folder for pictures of the findings.

    Raises:
        CheckUsage: a folder or pattern without files, two repaired files of the same name, or a
            folder for pictures that cannot be written to.
    """
    found: dict[Path, _Found] = {}
    for argument in arguments:
        for each in _expanded(argument, scratch):
            found.setdefault(each.file.resolve(), each)
    targets = _targets(list(found.values()), arguments, fix_to)
    stems = picture_stems(pictures, [each.file for each in found.values()])
    return [
        CheckRequest(each.name, each.file, profiles, target, stem)
        for each, target, stem in zip(found.values(), targets, stems, strict=True)
    ]


def _expanded(argument: str, scratch: Path) -> Iterator[_Found]:
    path = Path(argument)
    if argument == STDIN:
        file = scratch / "stdin.glb"
        # One byte more than is judged, so that a longer file is refused and not cut.
        file.write_bytes(sys.stdin.buffer.read(LARGEST_FILE + 1))
        yield _Found(STDIN, file, Path(file.name))
    elif path.is_dir():
        files = sorted(each for each in path.rglob("*.glb") if each.is_file())
        if not files:
            raise CheckUsage(f"no .glb in the folder {argument}", fix="check the path")
        for file in files:
            yield _Found(str(file), file, file.relative_to(path))
    elif glob.has_magic(argument) and not path.exists():
        names = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207  (absolute ones too)
        if not names:
            raise CheckUsage(f"no file matches {argument}", fix="check the pattern")
        for name in names:
            yield from _expanded(name, scratch)
    else:
        yield _Found(argument, path, Path(path.name))


def _targets(
    found: Sequence[_Found], arguments: Sequence[str], fix_to: Path | None
) -> list[Path | None]:
    """Where each repaired file goes.

    Raises:
        CheckUsage: two files would become one, or a file its own repair.
    """
    if fix_to is None:
        return [None] * len(found)
    named = len(arguments) == 1 and len(found) == 1 and not Path(arguments[0]).is_dir()
    one_file = named and not fix_to.is_dir()
    targets = [fix_to if one_file else fix_to / each.below for each in found]
    for each, target in zip(found, targets, strict=True):
        if targets.count(target) > 1:
            raise CheckUsage(
                f"two files would be written to {target}", fix="check one folder at a time"
            )
        if target.exists() and each.file.exists() and target.samefile(each.file):
            raise CheckUsage(
                f"--fix would overwrite {each.name}", fix="give another file or folder"
            )
    return [*targets]
