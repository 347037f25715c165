"""A thousand tasks wait in one small process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.listening import listening
from trellis_assets.embedded.server import create_app
from trellis_assets.store import open_store
from trellis_assets.trellis2 import ledgers

from .conftest import KEY, FakeGenerator

WORKER = Path(__file__).with_name("in_flight_worker.py")
COUNT = 1000


@pytest.mark.slow
def test_a_thousand_tasks_in_flight_need_at_most_300_mb(tmp_path: Path) -> None:
    generator = FakeGenerator()
    generator.longest_hold = 600.0
    generator.hold.clear()
    app = create_app(generator, api_key=KEY, queue=2 * COUNT)
    environment = {**os.environ, "RUNWARE_API_KEY": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(WORKER), str(tmp_path / "store")]
    with (
        listening(app) as address,
        subprocess.Popen(  # noqa: S603
            [*command, f"{address}/v1", str(COUNT)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as running,
    ):
        while app.state.jobs.accepted() < COUNT:
            assert running.poll() is None
            time.sleep(0.2)
        generator.hold.set()  # all of them were in flight at this moment
        output, _ = running.communicate(timeout=500)
    app.state.close()
    assert int(output) <= 300
    stored = [each.attempts()[-1].state for each in ledgers(open_store(str(tmp_path / "store")))]
    assert stored == ["downloaded"] * COUNT
