"""One run: the due steps of one game asset through Dagster, in a process of its own."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from .events import RunEvent

if TYPE_CHECKING:
    import dagster as dg

Report = Callable[[RunEvent], None]
PROCESS_TAG = "trellis-assets/process"
_PROGRESS = re.compile(r"(?P<node>[\w/.]+): (?P<stage>.+) \(\d+%\)$")


def process_name() -> str:
    """This process, told apart from those of other machines."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_game_asset(asset_id: str, nodes: Sequence[str], report: Report) -> bool:
    """Materialize ``nodes`` of the partition ``asset_id``; report as it goes.

    Returns:
        True if every step went well. Failures are reported, not raised, so that the other game
        assets go on.
    """
    import dagster as dg

    from trellis_assets.definitions import defs
    from trellis_assets.defs.step_asset import dagster_key

    names = {dagster_key(node).to_user_string(): node for node in nodes}
    job = defs.resolve_job_def("make_game_asset")
    return _execute(
        job,
        asset_id,
        report,
        names,
        partition_key=asset_id,
        asset_selection=[dagster_key(node) for node in nodes],
        tags={PROCESS_TAG: process_name()},
        instance=dg.DagsterInstance.get(),
    )


def run_catalog_index(report: Report) -> bool:
    """Materialize ``catalog_index``."""
    import dagster as dg

    from trellis_assets.definitions import defs

    job = defs.resolve_job_def("index_catalog")
    return _execute(
        job,
        "catalog",
        report,
        {"catalog_index": "catalog_index"},
        tags={PROCESS_TAG: process_name()},
        instance=dg.DagsterInstance.get(),
    )


def _execute(
    job: dg.JobDefinition,
    asset_id: str,
    report: Report,
    names: dict[str, str],
    **options: object,
) -> bool:
    logging.getLogger("dagster").setLevel(logging.CRITICAL)  # the event log has it all
    run_id = str(uuid4())
    listener = _Listener(asset_id, names, report)
    instance: dg.DagsterInstance = options["instance"]  # type: ignore[assignment]
    instance.add_event_listener(run_id, listener)
    result = job.execute_in_process(run_id=run_id, raise_on_error=False, **options)  # type: ignore[arg-type]
    report(RunEvent(asset_id, "finished", text="" if result.success else listener.first_error))
    return result.success


class _Listener:
    """Turns Dagster's events into ours."""

    def __init__(self, asset_id: str, names: dict[str, str], report: Report) -> None:
        self._asset_id = asset_id
        self._report = report
        # Step keys are asset keys with underscores between their parts.
        self._names = {key.replace("/", "__"): node for key, node in names.items()}
        self.first_error = ""

    def __call__(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            match = _PROGRESS.match(entry.user_message)
            if match:
                self._tell("progress", match["node"], match["stage"])
            return
        node = self._names.get(event.step_key or "", "")
        kind = event.event_type_value
        if kind == "STEP_START":
            self._tell("started", node)
        elif kind == "ASSET_MATERIALIZATION":
            metadata = event.step_materialization_data.materialization.metadata
            reused = bool(metadata["reused"].value) if "reused" in metadata else False
            self._tell("reused" if reused else "made", node)
        elif kind == "STEP_FAILURE":
            data = event.step_failure_data
            text = data.user_failure_data.description if data.user_failure_data else None
            error = text or (data.error.message.strip() if data.error else "failed")
            self.first_error = self.first_error or error
            self._tell("failed", node, error)
        elif kind == "STEP_SKIPPED":
            self._tell("skipped", node)

    def _tell(self, kind: str, node: str, text: str = "") -> None:
        self._report(RunEvent(self._asset_id, kind, node, text))  # type: ignore[arg-type]
