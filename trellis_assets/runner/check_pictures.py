"""``trellis-assets check --pictures``: a PNG for each finding that one says more about."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trellis_assets.errors import TrellisAssetsError

from .check_file import Checked, CheckRequest, write_whole

MOST_PICTURES = 12
"""Of one file; the worst findings come first."""
_LONGEST_STEM = 100  # characters; rule and number follow, and a file system takes 255 bytes


class CheckUsage(TrellisAssetsError):
    """The arguments make no sense together."""


@dataclass(frozen=True)
class Drawn:
    """What became of one picture."""

    finding: int
    """Its place among the findings of the file."""
    file: str | None
    problem: str = ""
    """Why there is none, in words."""


def picture_stems(folder: Path | None, files: Sequence[Path]) -> list[Path | None]:
    """How the names of each file's pictures begin; no two alike, on no file system.

    Raises:
        CheckUsage: the folder cannot be made or written to.
    """
    if folder is None:
        return [None] * len(files)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CheckUsage(
            f"no picture can be written to {folder}: {error.strerror}",
            fix="give another folder for --pictures, or the right to write to it",
        ) from error
    taken: set[str] = set()
    stems: list[Path | None] = []
    for file in files:
        short = file.stem[:_LONGEST_STEM]
        stem, number = short, 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{short}-{number}"
        taken.add(stem.casefold())
        stems.append(folder / stem)
    return stems


def draw_pictures(request: CheckRequest, checked: Checked) -> Iterator[Drawn]:
    """Draw and write the pictures of a file's findings, one after the other.

    Args:
        checked: as it was judged in this process, with the model still at hand.
    """
    if request.pictures is None:
        return
    from trellis_assets.previews import encode_png
    from trellis_assets.validation.picture import Illustrator, worth_drawing

    places = {id(each.finding): place for place, each in enumerate(checked.judged)}
    illustrator, drawn = Illustrator(), Counter[str]()
    for finding in worth_drawing((each.finding for each in checked.judged), most=MOST_PICTURES):
        place = places[id(finding)]
        drawn[finding.rule] += 1
        target = _picture_file(request.pictures, finding.rule, drawn[finding.rule])
        try:
            write_whole(target, encode_png(illustrator.picture(finding).sheet))
        except TrellisAssetsError as error:
            yield Drawn(place, None, error.message)
        except OSError as error:
            yield Drawn(place, None, error.strerror or "cannot be written")
        else:
            yield Drawn(place, str(target))


def without_earlier_pictures(request: CheckRequest, checked: Checked) -> Checked:
    """The outcome, after what an earlier check drew under these names, and this one not, is gone.

    Comes last: a new picture takes the place of the old one at once, and at no time is there none.
    Nothing goes if there was no file to judge.
    """
    if request.pictures is None or checked.problem:
        return checked
    from trellis_assets.validation.rules import RULES

    new = {each.picture for each in checked.judged}
    undrawn = checked.undrawn
    for rule in RULES:
        for number in range(1, MOST_PICTURES + 1):
            earlier = _picture_file(request.pictures, rule.id, number)
            if str(earlier) in new:
                continue
            try:
                earlier.unlink(missing_ok=True)
            except OSError as error:
                undrawn = undrawn or f"{earlier.name} cannot be removed: {error.strerror}"
    return replace(checked, undrawn=undrawn)


def _picture_file(stem: Path, rule: str, number: int) -> Path:
    """The ``number``-th picture, from 1, of what a rule found in one file."""
    return stem.with_name(f"{stem.name}.{rule}{f'.{number}' if number > 1 else ''}.png")


def without_models(checked: Checked) -> Checked:
    """The outcome as it can be sent to another process: what pictures would mark stays here."""
    judged = tuple(
        replace(each, finding=replace(each.finding, shows=None)) for each in checked.judged
    )
    return replace(checked, judged=judged)


def with_pictures(checked: Checked, drawn: Sequence[Drawn], problem: str = "") -> Checked:
    """The outcome with its pictures, or why some are missing."""
    files = {each.finding: each.file for each in drawn}
    problems = [each.problem for each in drawn if each.problem]
    judged = tuple(
        replace(each, picture=files.get(place)) for place, each in enumerate(checked.judged)
    )
    return replace(checked, judged=judged, undrawn=problem or next(iter(problems), ""))
