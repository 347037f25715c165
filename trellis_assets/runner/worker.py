"""One run: the due steps of one game asset through Dagster, in a process of its own."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from trellis_assets.defs import tags

from .events import RunEvent

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo

Report = Callable[[RunEvent], None]
# The event log has it all; the console belongs to the progress display.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
PROCESS_TAG = "trellis-assets/process"
_PROGRESS = re.compile(r"(?P<node>[\w/.]+): (?P<stage>.+) \(\d+%\)$")


def process_name() -> str:
    """A name for the running process that no other machine shares."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_game_asset(
    asset_id: str,
    nodes: Sequence[str],
    report: Report,
    *,
    refresh: str = "",
    buy_again: bool = False,
) -> bool:
    """Materialize ``nodes`` of the partition ``asset_id``; report as it goes.

    Args:
        refresh: the refresh this run belongs to, on whose budget its purchases go.
        buy_again: buy again what failed after it was accepted.

    Returns:
        True if every step went well. Failures are reported, not raised, so that the other game
        assets go on.
    """
    labels = {tags.REFRESH: refresh} if refresh else {}
    if buy_again:
        labels[tags.BUY_AGAIN] = "true"
    return _execute(
        "make_game_asset", asset_id, nodes, report, partition_key=asset_id, labels=labels
    )


def run_catalog_index(report: Report) -> bool:
    """Materialize ``catalog_index``; as :func:`run_game_asset`."""
    return _execute("index_catalog", "catalog", ["catalog_index"], report, partition_key=None)


def _execute(
    job_name: str,
    asset_id: str,
    nodes: Sequence[str],
    report: Report,
    *,
    partition_key: str | None,
    labels: Mapping[str, str] | None = None,
) -> bool:
    import dagster as dg

    from trellis_assets.definitions import defs
    from trellis_assets.defs.step_asset import dagster_key

    keys = {node: dagster_key(node) for node in nodes}
    listener = _Listener(
        asset_id, {"__".join(key.path): node for node, key in keys.items()}, report
    )
    run_id = str(uuid4())
    with dg.DagsterInstance.get() as instance:
        instance.add_event_listener(run_id, listener)
        result = defs.resolve_job_def(job_name).execute_in_process(
            run_id=run_id,
            instance=instance,
            partition_key=partition_key,
            asset_selection=list(keys.values()),
            tags={PROCESS_TAG: process_name(), **(labels or {})},
            run_config=_QUIET,
            raise_on_error=False,
        )
    report(RunEvent(asset_id, "finished", text="" if result.success else listener.first_error))
    return result.success


class _Listener:
    """Turns Dagster's events into ours."""

    def __init__(self, asset_id: str, names: Mapping[str, str], report: Report) -> None:
        self._asset_id = asset_id
        self._report = report
        self._names = names  # node by step key
        self._stopped: dict[str, str] = {}  # what a check said that ended the step of a node
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
        elif kind == "ASSET_CHECK_EVALUATION":
            verdict = event.asset_check_evaluation_data
            stops = verdict.blocking and verdict.severity.value == "ERROR"
            if stops and not verdict.passed:
                self._stopped.setdefault(node, verdict.description or "a check did not pass")
                self.first_error = self.first_error or f"{node}: {verdict.description}"
        elif kind == "STEP_FAILURE":
            data = event.step_failure_data
            text = data.user_failure_data.description if data.user_failure_data else None
            error = text or self._stopped.get(node)
            error = error or (_unexpected(data.error) if data.error else "failed")
            self.first_error = self.first_error or error
            self._tell("failed", node, error)
        elif kind == "STEP_SKIPPED":
            self._tell("skipped", node)

    def _tell(self, kind: str, node: str, text: str = "") -> None:
        self._report(RunEvent(self._asset_id, kind, node, text))  # type: ignore[arg-type]


def _unexpected(error: SerializableErrorInfo) -> str:
    """What went wrong where no refusal of ours says it: Dagster's own words name the step alone."""
    cause = error.cause or error
    return (
        f"{cause.message.strip()}. Fix: report this to the pipeline's maintainers with the log of "
        "the run (trellis-assets ui)"
    )
