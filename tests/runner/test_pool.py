"""Worker processes: what they tell arrives, and one that dies takes nobody with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence

from trellis_assets.runner.events import RunEvent
from trellis_assets.runner.pool import run_all


def job(asset_id: str, nodes: Sequence[str], report: Callable[[RunEvent], None]) -> bool:
    """Behaves as its asset_id says."""
    for node in nodes:
        report(RunEvent(asset_id, "made", node))
    if asset_id == "crashes":
        os.kill(os.getpid(), signal.SIGSEGV)
    failed = asset_id == "fails"
    report(RunEvent(asset_id, "finished", text="no good" if failed else ""))
    return not failed


def test_a_crash_and_a_failure_leave_the_others_alone() -> None:
    events: list[RunEvent] = []
    work = {name: ["a", "b"] for name in ("one", "crashes", "two", "fails", "three", "four")}
    failed = run_all(work, events.append, workers=2, job=job)
    assert failed == {"crashes", "fails"}
    finished = {event.asset_id: event.text for event in events if event.kind == "finished"}
    assert finished.keys() == work.keys()
    assert f"ended with code -{int(signal.SIGSEGV)}" in finished["crashes"]
    made = [(event.asset_id, event.node) for event in events if event.kind == "made"]
    assert sorted(made) == sorted((name, node) for name in work for node in "ab")
