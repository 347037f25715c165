"""What the console says of a run."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from trellis_assets.runner.events import RunEvent
from trellis_assets.runner.worker import _Listener


@dg.asset
def broken() -> None:
    raise OSError("broken data stream")


@dg.asset(check_specs=[dg.AssetCheckSpec("budget", asset="heavy", blocking=True)])
def heavy() -> Iterator[dg.Output[None] | dg.AssetCheckResult]:
    yield dg.Output(None)
    yield dg.AssetCheckResult(
        passed=False, check_name="budget", description="3,228 triangles. Fix: fewer"
    )


def failure_of(asset: dg.AssetsDefinition) -> tuple[RunEvent, str]:
    """The one failure that the console tells of, and what stands at its end."""
    told: list[RunEvent] = []
    listener = _Listener("barrel", {asset.key.path[0]: "variants/pc.prop"}, told.append)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([asset], instance=instance, raise_on_error=False)
        for entry in instance.all_logs(result.run_id):
            listener(entry)
    (failed,) = (event for event in told if event.kind == "failed")
    assert (failed.asset_id, failed.node) == ("barrel", "variants/pc.prop")
    return failed, listener.first_error


def test_an_unexpected_error_is_told_by_its_cause() -> None:
    """Dagster's own message names the step and not what went wrong in it."""
    failed, last = failure_of(broken)
    assert failed.text.startswith("OSError: broken data stream. Fix: ")
    assert last == failed.text


def test_a_check_that_ends_a_step_is_told_by_its_finding() -> None:
    failed, last = failure_of(heavy)
    assert failed.text == "3,228 triangles. Fix: fewer"
    assert last == f"variants/pc.prop: {failed.text}"
