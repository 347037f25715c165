"""Thousands of broken GLBs: readers and rules answer in words, in time, in little memory."""

from __future__ import annotations

import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from tests.geometry.shapes import box, icosphere, painted, plain
from tests.gltf.shapes import box_model
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.geometry import mesh_statistics, repair
from trellis_assets.gltf import load_model, model_to_glb
from trellis_assets.previews import render
from trellis_assets.validation import Subject, apply_fixes, judge

from .hostile import HOSTILE
from .mutations import mutated

SECONDS = 10.0
MEMORY_BYTES = 2 << 30
BATCH = 1000

SOUND = (
    model_to_glb(box_model()),
    model_to_glb(painted(*icosphere(2), size=64)),
    model_to_glb(plain(*box(3))),
)
"""Textured and shared vertices; every edge a seam; without UVs and textures."""


class TookTooLong(BaseException):
    """Above all that code may catch."""


@contextmanager
def in_time() -> Iterator[None]:
    """Ten seconds by the clock of the process: other processes do not count."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def judged(data: bytes) -> None:
    for finding in judge(Subject(data)):
        assert finding.message
        assert finding.fix


def used(data: bytes) -> None:
    """What the pipeline does with a model first."""
    try:
        model = load_model(data)
        mesh_statistics(model)
        repair(model)
        render(model, size=24)
    except TrellisAssetsError:
        return  # in words, as it should be


def mended(data: bytes) -> None:
    try:
        apply_fixes(data, judge(Subject(data)))
    except TrellisAssetsError:
        return  # in words, as it should be


@pytest.fixture
def at_once(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Says something now; pytest itself says it after the last test."""

    def say(text: str) -> None:
        with capfd.disabled():
            print(f"\n{text}", file=sys.stderr, flush=True)  # noqa: T201 -- see above

    return say


def fuzz(work: Callable[[bytes], None], seeds: range, say: Callable[[str], None]) -> None:
    for seed in seeds:
        data = mutated(SOUND[seed % len(SOUND)], seed)
        try:
            with in_time():
                work(data)
        except (Exception, TookTooLong) as error:  # noqa: BLE001 - any one is the bug looked for
            case = f"seed {seed}: {type(error).__name__}: {str(error)[:300]}"
            say(case)
            pytest.fail(case)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert peak * (1 if sys.platform == "darwin" else 1024) < MEMORY_BYTES


def test_mutations_break_most_files_and_are_repeatable() -> None:
    assert mutated(SOUND[1], 7) == mutated(SOUND[1], 7)
    broken = 0
    for seed in range(60):
        data = mutated(SOUND[seed % 3], seed)
        broken += any(finding.severity == "error" for finding in judge(Subject(data)))
    assert 30 < broken < 60


def test_rules_survive_a_hundred_mutations(at_once: Callable[[str], None]) -> None:
    fuzz(judged, range(120), at_once)


def test_the_pipeline_survives_a_few_mutations(at_once: Callable[[str], None]) -> None:
    fuzz(used, range(500, 530), at_once)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(20))
def test_rules_survive_twenty_thousand_mutations(
    batch: int, at_once: Callable[[str], None]
) -> None:
    fuzz(judged, range(1000 + batch * BATCH, 1000 + (batch + 1) * BATCH), at_once)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(4))
def test_the_pipeline_survives_mutations(batch: int, at_once: Callable[[str], None]) -> None:
    fuzz(used, range(100_000 + batch * BATCH, 100_000 + (batch + 1) * BATCH), at_once)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(4))
def test_repairs_survive_mutations(batch: int, at_once: Callable[[str], None]) -> None:
    fuzz(mended, range(200_000 + batch * BATCH, 200_000 + (batch + 1) * BATCH), at_once)


_SLOW = {"one_mesh_drawn_a_hundred_thousand_times"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in _SLOW)) for name in HOSTILE],
)
def test_hostile_files_are_refused_or_judged_in_words(name: str) -> None:
    data = HOSTILE[name]()
    with in_time():
        found = judge(Subject(data))
    assert any(finding.severity in ("error", "warning") for finding in found), name
    with in_time():
        used(data)
