"""What the console says of a run."""

from __future__ import annotations

import dagster as dg

from trellis_assets.runner.events import RunEvent
from trellis_assets.runner.worker import _Listener


@dg.asset
def broken() -> None:
    raise OSError("broken data stream")


def test_an_unexpected_error_is_told_by_its_cause() -> None:
    """Dagster's own message names the step and not what went wrong in it."""
    told: list[RunEvent] = []
    listener = _Listener("barrel", {"broken": "variants/pc.prop"}, told.append)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([broken], instance=instance, raise_on_error=False)
        for entry in instance.all_logs(result.run_id):
            listener(entry)
    (failed,) = (event for event in told if event.kind == "failed")
    assert (failed.asset_id, failed.node) == ("barrel", "variants/pc.prop")
    assert failed.text.startswith("OSError: broken data stream. Fix: ")
    assert listener.first_error == failed.text
