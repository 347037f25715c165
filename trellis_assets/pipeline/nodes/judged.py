"""What the specification and the rules say about the files of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trellis_assets.catalog import Entry, Profile
from trellis_assets.gltf import Model

from ..node import Json

if TYPE_CHECKING:
    from trellis_assets.validation import Expectation, Stage

_TIMEOUT_SECONDS = 60.0  # these files are ours, the machine may be busy
Findings = tuple[Mapping[str, Json], ...]


def judged(
    files: Mapping[str, bytes],
    stage: Stage | None,
    *,
    profile: Profile | None = None,
    expected: Mapping[str, Expectation] | None = None,
) -> Findings:
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
    return tuple(finding.as_json() for each in found for finding in each)


@contextmanager
def judging(
    files: Mapping[str, bytes],
    stage: Stage | None,
    *,
    profile: Profile | None = None,
    expected: Mapping[str, Expectation] | None = None,
) -> Iterator[Callable[[], Findings]]:
    """As :func:`judged`, while the caller goes on with other work.

    Gives a function that waits for the findings.
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
