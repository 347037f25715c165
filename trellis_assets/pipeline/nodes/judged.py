"""What the specification says about the files of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ..node import Json

Findings = tuple[Mapping[str, Json], ...]


def judged(files: Mapping[str, bytes]) -> Findings:
    """Findings of the Khronos validator on every GLB among ``files``.

    Raises:
        ValidationError: the validator is missing or failed; a model is never passed unseen.
    """
    from trellis_assets.validation import spec_finding, validate_glbs

    glbs = {name: data for name, data in files.items() if name.endswith(".glb")}
    reports = validate_glbs(list(glbs.values()))
    findings = (spec_finding(report, name) for name, report in zip(glbs, reports, strict=True))
    return tuple(finding.as_json() for finding in findings if finding is not None)


@contextmanager
def judging(files: Mapping[str, bytes]) -> Iterator[Callable[[], Findings]]:
    """As :func:`judged`, while the caller goes on: the validator is a process of its own.

    Gives a function that waits for the findings.
    """
    with ThreadPoolExecutor(1) as executor:
        verdict = executor.submit(judged, files)
        yield verdict.result
