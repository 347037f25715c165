"""What a file can do to the process that judges or draws it, and what becomes of the others."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.validation.corpus import named
from tests.validation.corpus.clean import clean_thick_slab
from trellis_assets.gltf import model_to_glb
from trellis_assets.runner import check_pool
from trellis_assets.runner.check_file import Checked, CheckRequest, Judged, refusal
from trellis_assets.runner.check_pictures import Drawn
from trellis_assets.runner.check_pool import check_all


def _hostile(kind: str, folder: Path) -> CheckRequest:
    file = folder / f"{kind}.glb"
    file.write_bytes(named("clean_textured").glb)
    return CheckRequest(kind, file, {})


def _misbehave(name: str) -> None:
    """What a file can do to its worker at the worst."""
    if name == "hang":
        time.sleep(600)
    if name == "crash":
        signal.raise_signal(signal.SIGSEGV)
    if name == "greed":
        bytearray(3 << 30)


def _act(request: CheckRequest) -> Checked:
    """Stands for a reader with a bug that a file brings out; runs in the worker."""
    _misbehave(request.name)
    return Checked(request.name)


def _serve_actor(*arguments: Any) -> None:
    vars(check_pool)["check_file"] = _act
    _serve(*arguments)


_serve = check_pool._serve


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")
def test_files_that_hang_crash_or_fill_memory_spoil_only_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_pool, "_serve", _serve_actor)
    kinds = ["hang", "crash", "greed", "fine", "well"]
    requests = [_hostile(kind, tmp_path) for kind in kinds]
    outcomes = {each.name: each for each in check_all(requests, workers=2, seconds=3)}
    rules = {name: [each.finding.rule for each in it.judged] for name, it in outcomes.items()}
    assert rules == {
        "hang": ["file.slow"],
        "crash": ["file.crash"],
        "greed": ["file.memory"],
        "fine": [],
        "well": [],
    }
    assert 3 <= outcomes["hang"].seconds < 5


@pytest.fixture
def many(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    for index in range(400):  # more than it can judge before the signal comes
        (tmp_path / f"{index}.glb").write_bytes(model_to_glb(clean_thick_slab()))
    # What is started in the background of a shell ignores Ctrl-C, and so would what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "trellis_assets.cli", "check", str(tmp_path), "--jobs", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    yield process
    process.kill()
    process.communicate()


def _children(pid: int) -> set[int]:
    """Processes whose parent is ``pid``."""
    found = set()
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            parent = int(file.read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                found.add(int(file.parent.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_ctrl_c_ends_it_at_once_and_leaves_no_process(many: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    # Python's own helper and the worker.
    while len(workers := _children(many.pid)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    many.send_signal(signal.SIGINT)
    _, errors = many.communicate(timeout=30)
    assert many.returncode == 130, errors
    assert errors.strip() == "interrupted"
    deadline = time.monotonic() + 10
    while left := [pid for pid in workers if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def _draw_badly(request: CheckRequest, checked: Checked) -> Iterator[Drawn]:
    """Stands for a fault that a file brings out while it is drawn; runs in the worker."""
    yield Drawn(0, "first.png")
    _misbehave(request.name)
    if request.name == "full":
        yield Drawn(1, None, "No space left on device")
    if request.name == "slow":
        for _ in range(2):
            time.sleep(2)
            yield Drawn(1, None)


def _find_two(request: CheckRequest) -> Checked:
    findings = [refusal("mesh.toy", request.name, each, "mend it") for each in ("one", "two")]
    return Checked(request.name, tuple(Judged(each) for each in findings))


def _serve_bad_artist(*arguments: Any) -> None:
    vars(check_pool).update(check_file=_find_two, draw_pictures=_draw_badly)
    _serve(*arguments)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")
def test_no_fault_while_drawing_hides_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_pool, "_serve", _serve_bad_artist)
    kinds = ["hang", "crash", "greed", "full", "slow", "fine"]
    earlier = [tmp_path / f"{kind}.mesh.manifold.png" for kind in kinds]
    for file in earlier:
        file.touch()
    requests = [replace(_hostile(kind, tmp_path), pictures=tmp_path / kind) for kind in kinds]
    outcomes = {each.name: each for each in check_all(requests, workers=2, seconds=3)}
    for outcome in outcomes.values():
        assert [each.finding.message for each in outcome.judged] == ["one", "two"]
        assert [each.picture for each in outcome.judged] == ["first.png", None]
    assert {name: outcome.undrawn for name, outcome in outcomes.items()} == {
        "hang": "the next was not drawn within 3 s",
        "crash": "the process that drew them ended with code -11",
        "greed": "more than 2 GiB of memory would be needed",
        "full": "No space left on device",
        "slow": "",
        "fine": "",
    }
    assert not any(file.exists() for file in earlier)
