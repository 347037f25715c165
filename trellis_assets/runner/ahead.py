"""Generations that are waited for, all in one event loop beside the worker processes."""

from __future__ import annotations

import multiprocessing as mp
import threading
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.bill import buys
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.store import open_store

from .events import RunEvent

if TYPE_CHECKING:
    from trellis_assets.pipeline.catalog_plan import CatalogPlan

_NODE = "generated_model"


def waits_for_generator(plan: CatalogPlan, settings: PipelineSettings) -> tuple[str, ...]:
    """The game assets whose model comes from elsewhere; none when one alone would wait, and none
    with the embedded generator, which computes and never waits.
    """
    if settings.generator == "embedded":
        return ()
    found = tuple(asset_id for asset_id in plan.due if buys(plan, asset_id))
    return found if len(found) > 1 else ()


def generate_ahead(
    plan: CatalogPlan,
    settings: PipelineSettings,
    asset_ids: Sequence[str],
    refresh: str,
    *,
    buy_again: bool,
) -> Connection:
    """Start generating; the connection brings progress, and each game asset with its nodes as
    soon as its generation has ended. One that failed comes as well: its own run tells why, in
    Dagster's history too.
    """
    ours, theirs = mp.Pipe(duplex=False)
    briefs = [replace(plan.briefs[name], run=refresh, buy_again=buy_again) for name in asset_ids]
    due = plan.due
    open_ids = set(asset_ids)
    said: dict[str, str] = {}

    def told(asset_id: str, stage: str, _share: float) -> None:
        if said.get(asset_id) != stage:
            said[asset_id] = stage
            theirs.send(RunEvent(asset_id, "progress", _NODE, stage))

    def settled(asset_id: str, _error: TrellisAssetsError | None) -> None:
        open_ids.discard(asset_id)
        theirs.send((asset_id, due[asset_id]))

    def work() -> None:
        from trellis_assets.pipeline.fan_out import generate_many

        try:
            generate_many(
                briefs,
                open_store(settings.store),
                in_flight=settings.in_flight,
                told=told,
                settled=settled,
            )
        except TrellisAssetsError:
            pass  # it concerns all of them, and the run of each says it
        finally:
            for asset_id in sorted(open_ids):
                theirs.send((asset_id, due[asset_id]))
            theirs.close()

    threading.Thread(target=work, name="generate-ahead", daemon=True).start()
    return ours
