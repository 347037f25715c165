"""Runs of workers that were killed: Dagster would show them as running for ever."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import dagster as dg

from .worker import PROCESS_TAG


def close_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process, on this machine, is gone.

    Returns:
        Their run ids.
    """
    unfinished = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
    closed = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=unfinished)):
        host, _, process = run.tags.get(PROCESS_TAG, "").rpartition(":")
        if host == socket.gethostname() and not _is_alive(int(process)):
            instance.report_run_failed(run, "the process of this run was killed")
            closed.append(run.run_id)
    return closed


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """Ended, but not yet collected by its parent; only Linux tells."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] == "Z"
