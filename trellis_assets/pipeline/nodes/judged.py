"""What the specification and the rules say about the files of a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trellis_assets.catalog import Entry, Profile
from trellis_assets.gltf import Model

from ..node import Evidence, Json

if TYPE_CHECKING:
    from trellis_assets.validation import Expectation, Finding, Stage

_TIMEOUT_SECONDS = 60.0  # these files are ours, the machine may be busy
_MOST_PICTURES = 4  # of one step: a second each; the worst findings come first


@dataclass(frozen=True)
class Verdict:
    """What is said of the files of a step, and what there is to see of it."""

    findings: tuple[Mapping[str, Json], ...]
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    """By the ``picture`` of a finding."""


def judged(
    files: Mapping[str, bytes],
    stage: Stage | None,
    *,
    profile: Profile | None = None,
    expected: Mapping[str, Expectation] | None = None,
) -> Verdict:
    """Findings on every GLB among ``files``.

    Args:
        files: by path.
        stage: which rules apply; None for files that the specification alone has a say in.
        profile: whose limits hold.
        expected: by path, what the brief says of a file.

    Raises:
        ValidationError: the validator is missing; a model is never passed unseen.
    """
    from trellis_assets.validation import RULES, Subject, check_subjects

    subjects = [
        Subject(data, where=name, profile=profile, expectation=(expected or {}).get(name))
        for name, data in files.items()
        if name.endswith(".glb")
    ]
    rules = RULES if stage else ()
    found = check_subjects(subjects, stage=stage, rules=rules, timeout=_TIMEOUT_SECONDS)
    return _illustrated([finding for each in found for finding in each])


def _illustrated(findings: Sequence[Finding]) -> Verdict:
    """The worst findings with a picture, where one says more; notes are left without."""
    said = [finding.as_json() for finding in findings]
    faults = [finding for finding in findings if finding.severity != "info" and finding.shows]
    if not faults:
        return Verdict(tuple(said))
    from trellis_assets.previews import PreviewError
    from trellis_assets.validation.picture import Illustrator, worth_drawing

    places = {id(finding): place for place, finding in enumerate(findings)}
    illustrator, named = Illustrator(), Counter[str]()
    evidence: dict[str, Evidence] = {}
    for finding in worth_drawing(faults, most=_MOST_PICTURES):
        try:
            drawn = illustrator.picture(finding)
        except PreviewError as error:  # the finding counts all the same
            said[places[id(finding)]]["undrawn"] = error.message
            continue
        named[finding.rule] += 1
        name = finding.rule + (f".{named[finding.rule]}" if named[finding.rule] > 1 else "")
        said[places[id(finding)]]["picture"] = name
        evidence[name] = Evidence(drawn.sheet, drawn.portrait)
    return Verdict(tuple(said), evidence)


@contextmanager
def judging(
    files: Mapping[str, bytes],
    stage: Stage | None,
    *,
    profile: Profile | None = None,
    expected: Mapping[str, Expectation] | None = None,
) -> Iterator[Callable[[], Verdict]]:
    """As :func:`judged`, while the caller goes on with other work.

    Gives a function that waits for the verdict.
    """
    with ThreadPoolExecutor(1) as executor:
        verdict = executor.submit(judged, files, stage, profile=profile, expected=expected)
        yield verdict.result


def placed_as(entry: Entry) -> Expectation:
    """What the catalog entry says about the master's size and pivot."""
    from trellis_assets.validation import Expectation

    return Expectation(height_m=entry.height_m, pivot=entry.placement.pivot)


def rung_of(level: int, lod0: Model | None, error: float | None) -> Expectation:
    """A rung's place in the ladder, and LOD0 where that is another file."""
    from trellis_assets.validation import Expectation, Sibling

    siblings = () if lod0 is None else (Sibling.of(0, lod0, error=0.0),)
    return Expectation(level=level, error=error, siblings=siblings)
