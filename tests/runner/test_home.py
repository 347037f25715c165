"""DAGSTER_HOME is made once, absolute, and a person's edits stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from trellis_assets.defs.pools import limit_pools
from trellis_assets.runner.home import prepare_home
from trellis_assets.runner.leftovers import close_dead_runs
from trellis_assets.runner.worker import PROCESS_TAG, process_name


def test_the_home_is_made_and_edits_survive(tmp_path: Path) -> None:
    environment = {"DAGSTER_HOME": str(tmp_path / "home")}
    home = prepare_home(environment)
    settings = home / "dagster.yaml"
    assert "enabled: false" in settings.read_text()
    settings.write_text("# mine\n")
    prepare_home(environment)
    assert settings.read_text() == "# mine\n"


def test_the_default_home_is_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment: dict[str, str] = {}
    assert prepare_home(environment) == tmp_path / ".trellis" / "dagster"
    assert environment["DAGSTER_HOME"] == str(tmp_path / ".trellis" / "dagster")


def test_dagster_accepts_the_settings_we_write(tmp_path: Path) -> None:
    home = prepare_home({"DAGSTER_HOME": str(tmp_path)})
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.run_retries_enabled
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled


def test_heavy_runs_get_a_core_each_unless_a_person_says_otherwise(tmp_path: Path) -> None:
    home = prepare_home({"DAGSTER_HOME": str(tmp_path)})
    with dg.DagsterInstance.from_config(str(home)) as instance:
        limit_pools(instance)
        limits = {each.name: each.limit for each in instance.event_log_storage.get_pool_limits()}
        assert limits == {"heavy_cpu": os.cpu_count()}
        instance.event_log_storage.set_concurrency_slots("heavy_cpu", 7)
        limit_pools(instance)
        limits = {each.name: each.limit for each in instance.event_log_storage.get_pool_limits()}
        assert limits == {"heavy_cpu": 7}


def test_runs_of_killed_processes_do_not_stay_running(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)  # ended, but not collected
    host = process_name().rpartition(":")[0]
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        ids = {}
        for name, process in (
            ("dead", ended.pid),
            ("zombie", zombie.pid),
            ("alive", os.getpid()),
        ):
            run = instance.create_run_for_job(
                dg.GraphDefinition("nothing", node_defs=[]).to_job(),
                status=dg.DagsterRunStatus.STARTED,
                tags={PROCESS_TAG: f"{host}:{process}"},
            )
            ids[name] = run.run_id
        assert set(close_dead_runs(instance)) == {ids["dead"], ids["zombie"]}
        zombie.wait()
        dead = instance.get_run_by_id(ids["dead"])
        alive = instance.get_run_by_id(ids["alive"])
    assert dead is not None
    assert alive is not None
    assert dead.status == dg.DagsterRunStatus.FAILURE
    assert alive.status == dg.DagsterRunStatus.STARTED
