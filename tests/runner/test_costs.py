"""What was spent, what would be, and who is told: the ledger, the bill and the caps file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from tests.end_to_end.conftest import SAMPLE, Studio, new_studio
from tests.trellis2.conftest import FakeGenerator, Service, quick_retry
from trellis_assets.catalog import CatalogError, caps_schema, load_caps, write_schemas
from trellis_assets.cli import main
from trellis_assets.errors import TrellisAssetsError
from trellis_assets.pipeline.bill import Bill, make_bill
from trellis_assets.pipeline.catalog_plan import plan_catalog
from trellis_assets.pipeline.generator import (
    GeneratorError,
    check_ready,
    generation_request,
    provider_name,
)
from trellis_assets.pipeline.node import Brief
from trellis_assets.pipeline.settings import PipelineSettings, SettingsError
from trellis_assets.pipeline.source import source_bytes
from trellis_assets.runner.costs import costs_by, costs_command
from trellis_assets.store import FolderStore
from trellis_assets.trellis2 import Budget, Caps, Origin, generate_once, spending

PRICE = 0.0256


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    studio = new_studio(tmp_path)
    for name in ("one", "two", "three"):
        studio.add_entry(name, concept="toadstool.png", generation={"seed": len(name)}, tags=[name])
    (studio.catalog / "assets" / "toadstool.yaml").unlink()
    for variable in ("RUNWARE_BASE_URL", "RUNWARE_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TRELLIS_ASSETS_CATALOG", str(studio.catalog))
    monkeypatch.setenv("TRELLIS_ASSETS_STORE", str(studio.store))
    monkeypatch.setenv("TRELLIS_ASSETS_GENERATOR", "runware")
    return studio


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service(FakeGenerator())
    yield running
    running.app.state.close()


def settings() -> PipelineSettings:
    return PipelineSettings.from_environment()


def buy(service: Service, studio: Studio, asset_id: str, run: str = "r") -> None:
    """As the pipeline would, without a concept step: the identity alone makes the hash."""
    catalog = plan_catalog(settings()).catalog
    entry = catalog.entries[asset_id]
    brief = Brief(entry, catalog.profiles, FolderStore(studio.catalog), "runware", run)
    store = FolderStore(studio.store)

    async def inside() -> None:
        async with service.client(retry=quick_retry(0)) as client:
            await generate_once(
                generation_request(entry), b"\x89PNG\r\n\x1a\ncut-out", client=client, store=store,
                identity=source_bytes(brief), budget=Budget(store, Caps()),
                origin=Origin(asset_id, run, entry.tags),
            )  # fmt: skip

    asyncio.run(inside())


def bill() -> Bill:
    return make_bill(settings(), plan_catalog(settings()))


def test_the_bill_counts_what_the_ledger_has_as_free(studio: Studio, service: Service) -> None:
    # "one" and "two" are the same picture and seed: one purchase serves both.
    assert bill().buy == {"one": PRICE, "three": PRICE}
    assert bill().free == ("two",)
    buy(service, studio, "one")
    later = bill()
    assert later.buy == {"three": PRICE}
    assert set(later.free) == {"one", "two"}
    assert later.spent_today == PRICE
    words = later.words()
    assert "1 generations to buy, about 0.03 USD; 2 are in the ledger already and free." in words
    assert "run 5.00 USD, day 20.00 USD, asset 1.00 USD; 0.03 USD spent today" in words
    assert "caps.yaml (there is none: the default caps hold)" in words


def test_the_bill_names_the_cap_it_would_break(studio: Studio) -> None:
    (studio.catalog / "caps.yaml").write_text("run_usd: 0.05\nday_usd: null\n")
    words = bill().words()
    assert "Over the cap of the run" in words
    assert "Over the cap of the day" not in words
    assert "day no limit" in words


def test_the_bill_says_what_is_not_bought_again(studio: Studio, service: Service) -> None:
    service.generator.fail_seeds[5] = ValueError("x")
    with pytest.raises(TrellisAssetsError):
        buy(service, studio, "three")
    found = bill()
    assert list(found.stopped) == ["three"]
    assert "three is not bought again: " in found.words()


def test_the_dry_run_has_the_bill(studio: Studio) -> None:
    done = CliRunner().invoke(main, ["refresh", "--dry-run"])
    assert "2 generations to buy, about 0.05 USD" in done.output
    as_json = CliRunner().invoke(main, ["refresh", "--dry-run", "--json"])
    assert json.loads(as_json.output)["bill"]["total_usd"] == 2 * PRICE


def test_costs_by_asset_day_and_tag(
    studio: Studio, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.generator.fail_seeds[5] = ValueError("x")
    buy(service, studio, "one")
    buy(service, studio, "two", run="later")
    with pytest.raises(TrellisAssetsError):
        buy(service, studio, "three")
    lines = list(spending(FolderStore(studio.store)))
    by_asset = costs_by(lines, "asset")
    assert list(by_asset) == ["one", "three"]
    assert (by_asset["one"].tasks, by_asset["one"].reused, by_asset["one"].usd) == (1, 1, PRICE)
    assert (by_asset["three"].failed, by_asset["three"].unreported_usd) == (1, PRICE)
    (day,) = costs_by(lines, "day").values()
    assert (day.tasks, day.failed, day.reused) == (2, 1, 1)
    assert list(costs_by(lines, "tag")) == ["one", "three"]
    assert costs_command(by="asset", as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["total"] == {
        "tasks": 2, "failed": 1, "reused": 1, "usd": PRICE, "unreported_usd": PRICE
    }  # fmt: skip
    assert costs_command(by="tag", as_json=False) == 0
    table = capsys.readouterr().out
    assert "total" in table
    assert "0.0256" in table


def test_nothing_spent_is_said(studio: Studio, capsys: pytest.CaptureFixture[str]) -> None:
    assert costs_command(by="day", as_json=False) == 0
    assert capsys.readouterr().out == "Nothing was generated yet.\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run_usd: -1\n", ["caps.yaml:1", "run_usd is -1", "greater than or equal to 0"]),
        ("day_usd: 5\nrun_usd: lots\n", ["caps.yaml:2", "run_usd is 'lots'"]),
        ("run: 5\n", ["caps.yaml:1", "there is no such field"]),
        ("run_usd: 1\nrun_usd: 2\n", ["caps.yaml:2", "stands twice"]),
        ("- 5\n", ["caps.yaml", "must be a mapping"]),
        ("run_usd: .inf\n", ["caps.yaml:1", "finite"]),
    ],
)
def test_wrong_caps_are_located_and_nothing_is_bought(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, text: str, expected: list[str]
) -> None:
    (studio.catalog / "caps.yaml").write_text(text)
    monkeypatch.setenv("RUNWARE_API_KEY", "k")
    with pytest.raises(CatalogError) as caught:
        check_ready("runware", FolderStore(studio.catalog))
    for part in (*expected, "Fix:"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_default_caps_hold_without_a_file_and_null_lifts_one(studio: Studio) -> None:
    caps = load_caps(FolderStore(studio.catalog))
    assert (caps.run_usd, caps.day_usd, caps.asset_usd) == (5.0, 20.0, 1.0)
    (studio.catalog / "caps.yaml").write_text("run_usd: null\n")
    caps = load_caps(FolderStore(studio.catalog))
    assert (caps.run_usd, caps.day_usd) == (None, 20.0)


def test_the_sample_caps_satisfy_the_committed_schema(tmp_path: Path) -> None:
    committed = json.loads((SAMPLE / "schema" / "caps.schema.json").read_text())
    assert committed == caps_schema(), "run `trellis-assets schema`"
    content = yaml.safe_load((SAMPLE / "caps.yaml").read_text())
    jsonschema.Draft202012Validator(committed).validate(content)
    assert list(jsonschema.Draft202012Validator(committed).iter_errors({"run_usd": -1}))
    assert str(tmp_path / "schema" / "caps.schema.json") in write_schemas(FolderStore(tmp_path))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("RUNWARE_API_KEY", "", "there is no API key"),
        ("RUNWARE_API_KEY", "käse", "printable ASCII"),
        ("RUNWARE_BASE_URL", "api.runware.ai", "http://HOST:PORT/v1"),
    ],
)
def test_a_generator_that_cannot_be_used_is_said_before_anything_starts(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv("RUNWARE_API_KEY", "k")
    monkeypatch.setenv(name, value)
    with pytest.raises(GeneratorError, match=expected) as caught:
        check_ready("runware", FolderStore(studio.catalog))
    assert caught.value.fix
    check_ready("embedded", FolderStore(studio.catalog))


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        (None, "runware"),
        ("https://api.runware.ai/v1", "runware"),
        ("http://127.0.0.1:8700/v1", "127.0.0.1:8700"),
        ("http://user:secret@render.studio/v1", "render.studio"),
    ],
)
def test_a_server_of_ones_own_is_never_taken_for_the_hosted_one(
    monkeypatch: pytest.MonkeyPatch, url: str | None, provider: str
) -> None:
    monkeypatch.delenv("RUNWARE_BASE_URL", raising=False)
    if url:
        monkeypatch.setenv("RUNWARE_BASE_URL", url)
    assert provider_name("runware") == provider


@pytest.mark.parametrize("value", ["0", "-1", "many", "65"])
def test_the_number_in_flight_is_checked(value: str) -> None:
    with pytest.raises(SettingsError, match="TRELLIS_ASSETS_IN_FLIGHT"):
        PipelineSettings.from_environment({"TRELLIS_ASSETS_IN_FLIGHT": value})
    assert PipelineSettings.from_environment({}).in_flight == 4
