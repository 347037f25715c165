"""What failed after it was accepted is bought again by decision, for one asset, and only once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.end_to_end.conftest import GOOD, Studio, new_studio
from tests.pipeline.quick_service import Service, quick_service
from trellis_assets import definitions
from trellis_assets.cli import main
from trellis_assets.pipeline.settings import PipelineSettings
from trellis_assets.runner.events import RunEvent
from trellis_assets.store import FolderStore
from trellis_assets.trellis2 import PollPolicy, ledgers

KEY = "rw-again-key-0123456789"


def run_here(
    work: Mapping[str, Sequence[str]],
    report: Callable[[RunEvent], None],
    *,
    workers: int,
    job: Callable[..., bool],
    later: Any = None,
) -> set[str]:
    """As the pool of worker processes, one after the other in this one; no step after the model."""
    ready = dict(work)
    while later is not None:
        try:
            item = later.recv()
        except EOFError:
            break
        if isinstance(item, tuple):
            ready[item[0]] = item[1]
    bought = ("concept_image", "generated_model")
    return {
        asset_id
        for asset_id, nodes in ready.items()
        if not job(asset_id, [node for node in nodes if node in bought], report)
    }


@pytest.fixture
def service() -> Iterator[Service]:
    with quick_service(KEY) as running:
        yield running


@pytest.fixture
def studio(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = new_studio(tmp_path)
    for asset_id, resolution in ((GOOD, 512), ("second", 1024)):
        settings = {"resolution": resolution, "seed": service.unlucky}
        studio.add_entry(asset_id, concept=f"{GOOD}.png", generation=settings)
    for name, value in {
        "TRELLIS_ASSETS_CATALOG": str(studio.catalog),
        "TRELLIS_ASSETS_STORE": str(studio.store),
        "TRELLIS_ASSETS_GENERATOR": "runware",
        "RUNWARE_API_KEY": KEY,
        "RUNWARE_BASE_URL": service.url,
        "DAGSTER_HOME": str(tmp_path / "dagster"),
    }.items():
        monkeypatch.setenv(name, value)
    defs = definitions.build_definitions(PipelineSettings.from_environment())
    monkeypatch.setattr(definitions, "defs", defs)
    monkeypatch.setattr("trellis_assets.runner.pool.run_all", run_here)
    monkeypatch.setattr("trellis_assets.trellis2.client.PollPolicy", PollPolicy.local)
    return studio


def refresh(*options: str) -> tuple[int, dict[str, Any], str]:
    done = CliRunner().invoke(main, ["refresh", "--json", *options])
    return done.exit_code, json.loads(done.stdout)["game_assets"], done.stderr


@pytest.mark.slow
def test_a_billed_failure_is_bought_again_only_by_decision(
    studio: Studio, service: Service
) -> None:
    code, _, said = refresh()
    assert code == 1
    assert said.count("Whether it was charged is not known") == 2
    assert service.seeds == [13, 13]

    service.unlucky = -1  # from now on it would work
    for options in ((), ("--only", GOOD)):
        code, _, said = refresh(*options)
        assert code == 1
        assert f"--only {GOOD} --buy-again" in said or "refresh --only ID --buy-again" in said
        assert service.seeds == [13, 13], "nothing is bought again by itself"

    code, assets, said = refresh("--only", GOOD, "--buy-again")
    assert (code, said) == (0, "")
    assert "generated_model" in assets[GOOD]["made"]
    assert len(service.seeds) == 3, "the other one is not bought again"
    store = FolderStore(studio.store)
    story = sorted([each.state for each in ledger.attempts()] for ledger in ledgers(store))
    assert story == [["failed"], ["failed", "downloaded"]]

    code, assets, _ = refresh("--only", GOOD, "--buy-again")
    assert "generated_model" not in assets[GOOD]["due"]
    assert len(service.seeds) == 3, "and never a third time"
