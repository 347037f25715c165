"""A concept image that is replaced while a run is under way: no model is kept as another's."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.pipeline.studio import PROFILES
from trellis_assets.catalog import Entry
from trellis_assets.pipeline.generator import generate, open_client
from trellis_assets.pipeline.node import Brief
from trellis_assets.pipeline.nodes.concept import CONCEPT_IMAGE
from trellis_assets.pipeline.source import SourceChanged
from trellis_assets.pipeline.step import run_step
from trellis_assets.store import FolderStore, Store


def disc(colour: str) -> bytes:
    picture = Image.new("RGBA", (96, 96))
    ImageDraw.Draw(picture).ellipse((16, 16, 80, 80), fill=colour)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def brief_of(catalog: Store) -> Brief:
    entry = Entry.model_validate(
        {
            "id": "lantern", "concept": "lantern.png", "class": "prop", "height_m": 1,
            "profiles": ["mobile.prop"], "owner": "me", "license": "MIT",
        }
    )  # fmt: skip
    return Brief(entry, PROFILES, catalog, "embedded")


def nothing(*_: object) -> None:
    pass


def test_a_model_is_never_bought_for_an_image_that_was_replaced(tmp_path: Path) -> None:
    catalog, store = FolderStore(tmp_path / "catalog"), FolderStore(tmp_path / "store")
    catalog.write("concepts/lantern.png", disc("red"))
    brief = brief_of(catalog)
    run_step(CONCEPT_IMAGE, brief, store, progress=nothing)
    image = store.read("assets/lantern/concept.png")
    catalog.write("concepts/lantern.png", disc("blue"))

    async def buy() -> None:
        async with open_client("embedded") as client:
            await generate(brief, image, store, client, nothing)

    with pytest.raises(SourceChanged, match="replaced while this run was under way"):
        asyncio.run(buy())
    assert not list(store.list("generations/"))


def test_a_cut_out_is_never_recorded_for_another_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog, store = FolderStore(tmp_path / "catalog"), FolderStore(tmp_path / "store")
    catalog.write("concepts/lantern.png", disc("red"))
    images = iter([disc("red"), disc("blue")])
    monkeypatch.setattr("trellis_assets.pipeline.source.source_bytes", lambda _: next(images))
    with pytest.raises(SourceChanged):
        run_step(CONCEPT_IMAGE, brief_of(catalog), store, progress=nothing)
    assert not store.exists("assets/lantern/concept.png")
