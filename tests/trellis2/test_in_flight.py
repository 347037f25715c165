"""A thousand tasks wait in one small process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import uvicorn

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
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="critical", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"
    environment = {**os.environ, "RUNWARE_API_KEY": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(WORKER), str(tmp_path / "store"), url, str(COUNT)]
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        while app.state.jobs.accepted() < COUNT:
            assert running.poll() is None
            time.sleep(0.2)
        generator.hold.set()  # all of them were in flight at this moment
        output, _ = running.communicate(timeout=500)
    server.should_exit = True
    thread.join(10)
    app.state.close()
    assert int(output) <= 300
    stored = [each.attempts()[-1].state for each in ledgers(open_store(str(tmp_path / "store")))]
    assert stored == ["downloaded"] * COUNT
