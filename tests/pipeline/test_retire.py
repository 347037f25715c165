"""Entries that go and come back: files are put aside whole, found again, and never lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.aws import aws
from tests.end_to_end.conftest import SAMPLE, Studio
from trellis_assets.catalog import load_catalog
from trellis_assets.pipeline.retire import Retirement, carry_out, find_retirement
from trellis_assets.store import FolderStore, Store, StoreUnavailable, open_store

TODAY, TOMORROW = date(2026, 3, 1), date(2026, 3, 2)
FILES = {
    "steps/lod0.json": b"record",
    "steps/master_model.json": b"record",
    "lod0.glb": b"lod0",
    "variants/pc.prop/manifest.json": b"{}",
}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    studio = Studio(tmp_path)
    (studio.catalog / "assets").mkdir(parents=True)
    (studio.catalog / "concepts").mkdir()
    shutil.copy(SAMPLE / "profiles.yaml", studio.catalog)
    for name in ("oak", "axe"):
        (studio.catalog / "concepts" / f"{name}.png").write_bytes(b"png")
        studio.add_entry(name)
    return studio


@pytest.fixture(params=["folder", "s3"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    if request.param == "folder":
        yield _filled(FolderStore(tmp_path / "store"))
        return
    with aws(monkeypatch, "art"):
        yield _filled(open_store("s3://art/studio"))


def _filled(store: Store) -> Store:
    for asset_id in ("oak", "axe"):
        for name, data in FILES.items():
            store.write(f"assets/{asset_id}/{name}", data)
    store.write("generations/abc/model.glb", b"paid")
    return store


def refresh(studio: Studio, store: Store, day: date = TODAY, at_most: int = 25) -> Retirement:
    catalog = load_catalog(FolderStore(studio.catalog))
    found = find_retirement(catalog, store, at_most=at_most)
    carry_out(found, store, day)
    return found


def files_of(store: Store, folder: str) -> dict[str, bytes]:
    return {key.removeprefix(folder): store.read(key) for key in store.list(folder)}


def test_what_has_no_entry_any_more_is_put_aside_whole(studio: Studio, store: Store) -> None:
    (studio.catalog / "assets" / "axe.yaml").unlink()
    found = refresh(studio, store)
    assert list(found.retired) == ["axe"]
    aside = files_of(store, "retired/axe/2026-03-01/")
    assert {name: aside[name] for name in FILES} == FILES
    assert list(store.list("assets/axe/")) == []
    assert files_of(store, "assets/oak/") == FILES
    assert store.read("generations/abc/model.glb") == b"paid"
    assert refresh(studio, store).retired == {}, "done once"


def test_what_comes_back_has_its_files_again(studio: Studio, store: Store) -> None:
    for day in (TODAY, TODAY, TOMORROW):
        (studio.catalog / "assets" / "axe.yaml").unlink()
        refresh(studio, store, day)
        studio.add_entry("axe")
        assert refresh(studio, store, day).restored == ("axe",)
        assert files_of(store, "assets/axe/") == FILES
        assert list(store.list("retired/")) == []


def test_what_was_made_anew_meanwhile_is_not_overwritten(studio: Studio, store: Store) -> None:
    (studio.catalog / "assets" / "axe.yaml").unlink()
    refresh(studio, store)
    studio.add_entry("axe")
    store.write("assets/axe/steps/lod0.json", b"newer record")
    assert refresh(studio, store).restored == ()
    assert store.read("assets/axe/steps/lod0.json") == b"newer record"
    assert store.read("retired/axe/2026-03-01/lod0.glb") == b"lod0"


@pytest.mark.parametrize("moves", range(len(FILES)))
def test_an_interrupted_move_leaves_no_record_without_its_files_and_is_finished_later(
    studio: Studio, store: Store, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (studio.catalog / "assets" / "axe.yaml").unlink()
    _interrupt(monkeypatch, store, moves)
    with pytest.raises(StoreUnavailable):
        refresh(studio, store)
    monkeypatch.undo()
    left = files_of(store, "assets/axe/")
    assert "steps/lod0.json" not in left or left["lod0.glb"] == b"lod0"
    refresh(studio, store, TOMORROW)
    aside = files_of(store, "retired/axe/")
    (day,) = {name.partition("/")[0] for name in aside}  # whichever day it was finished on
    assert day == str(TODAY if moves else TOMORROW)
    assert {name: aside[f"{day}/{name}"] for name in FILES} == FILES


@pytest.mark.parametrize("moves", range(len(FILES)))
def test_an_interrupted_return_leaves_no_record_without_its_files(
    studio: Studio, store: Store, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (studio.catalog / "assets" / "axe.yaml").unlink()
    refresh(studio, store)
    studio.add_entry("axe")
    _interrupt(monkeypatch, store, moves)
    with pytest.raises(StoreUnavailable):
        refresh(studio, store)
    monkeypatch.undo()
    back = files_of(store, "assets/axe/")
    assert not any(name.startswith("steps/") for name in back) or "lod0.glb" in back
    refresh(studio, store)
    everything = {**files_of(store, "assets/axe/"), **files_of(store, "retired/axe/2026-03-01/")}
    assert everything == FILES


def test_a_broken_entry_is_not_a_removed_one(studio: Studio, store: Store) -> None:
    (studio.catalog / "assets" / "axe.yaml").write_text("id: axe\ntitle: [")
    assert refresh(studio, store).retired == {}
    (studio.catalog / "assets" / "axe.yaml").unlink()
    studio.add_entry("axe")
    (studio.catalog / "assets" / "axe.yaml").rename(studio.catalog / "assets" / "hatchet.yaml")
    assert refresh(studio, store).retired == {}, "an entry in a file of another name"


def test_half_a_catalog_retires_nothing_and_says_so(studio: Studio, store: Store) -> None:
    for name in ("bow", "arrow"):
        store.write(f"assets/{name}/lod0.glb", b"x")
    found = refresh(studio, store, at_most=1)
    assert found.retired == {}
    assert sorted(found.kept) == ["arrow", "bow"]
    assert "retire_at_most" in found.words()[0]
    assert store.exists("assets/bow/lod0.glb")


def test_a_game_asset_that_is_being_made_is_left_alone(studio: Studio, store: Store) -> None:
    (studio.catalog / "assets" / "axe.yaml").unlink()
    catalog = load_catalog(FolderStore(studio.catalog))
    found = find_retirement(catalog, store, at_most=25, busy={"axe"}, partitions={"axe", "ghost"})
    assert found.kept == {"axe": "a run is at it"}
    assert list(found.retired) == ["ghost"], "a partition without files goes too"
    carry_out(found, store, TODAY)
    assert store.exists("assets/axe/lod0.glb")


def _interrupt(monkeypatch: pytest.MonkeyPatch, store: Store, moves: int) -> None:
    """The store fails after so many moves."""
    move = store.move
    done: list[str] = []

    def failing(source: str, target: str) -> None:
        if len(done) == moves:
            raise StoreUnavailable("pulled the plug")
        done.append(source)
        move(source, target)

    monkeypatch.setattr(store, "move", failing)
