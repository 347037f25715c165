"""Work that becomes ready on the way: it reaches the workers, and nothing is forgotten."""

from __future__ import annotations

import multiprocessing as mp
import threading
import time
from pathlib import Path

import pytest

from tests.end_to_end.conftest import new_studio
from tests.runner.test_pool import job
from trellis_assets.pipeline import fan_out
from trellis_assets.pipeline.catalog_plan import plan_catalog
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.runner.ahead import generate_ahead, waits_for_generator
from trellis_assets.runner.events import RunEvent
from trellis_assets.runner.pool import run_all
from trellis_assets.store import FolderStore


def test_later_work_and_events_arrive_and_a_crash_takes_nobody_with_it() -> None:
    ours, theirs = mp.Pipe(duplex=False)

    def bring() -> None:
        theirs.send(RunEvent("slow", "progress", "generated_model", "processing"))
        for name in ("slow", "crashes", "late"):
            time.sleep(0.3)
            theirs.send((name, ("a",)))
        theirs.close()

    threading.Thread(target=bring).start()
    events: list[RunEvent] = []
    failed = run_all({"ready": ["a", "b"]}, events.append, workers=2, job=job, later=ours)
    assert failed == {"crashes"}
    assert events[0].kind == "progress" or events[0].asset_id == "ready"
    finished = [event.asset_id for event in events if event.kind == "finished"]
    assert sorted(finished) == ["crashes", "late", "ready", "slow"]


def test_nothing_but_later_work_is_waited_for() -> None:
    ours, theirs = mp.Pipe(duplex=False)
    theirs.close()
    assert run_all({}, lambda _event: None, workers=1, job=job, later=ours) == set()


@pytest.mark.parametrize("generator", ["embedded", "runware"])
def test_only_what_waits_goes_ahead_and_all_of_it_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generator: str
) -> None:
    studio = new_studio(tmp_path)
    studio.add_entry("second", concept="toadstool.png", generation={"seed": 3})
    settings = PipelineSettings(FolderStore(studio.catalog), str(studio.store), "", generator)
    plan = plan_catalog(settings)
    waiting = waits_for_generator(plan, settings)
    assert set(waiting) == (set() if generator == "embedded" else {"second", "toadstool"})
    assert waits_for_generator(plan_catalog(settings, ["second"]), settings) == ()
    if not waiting:
        return

    def none_settled(*_: object, **__: object) -> None:
        raise fan_out.ConceptUnfit("nothing can be generated")

    monkeypatch.setattr(fan_out, "generate_many", none_settled)
    later = generate_ahead(plan, settings, waiting, "refresh-1", buy_again=False)
    brought = dict(later.recv() for _ in waiting)
    assert brought == plan.due, "the run of each says why it failed"
    with pytest.raises(EOFError):
        later.recv()
    later.close()
