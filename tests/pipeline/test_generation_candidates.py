"""Candidates: measured alike, chosen by reasons one can read, and another choice buys nothing."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from tests.previews.scenes import MATT, box, model_of, png, sphere
from trellis_assets.gltf import Material, Mesh, model_to_glb
from trellis_assets.pipeline import generator
from trellis_assets.pipeline.candidates import (
    WEIGHTS,
    NoSuchCandidate,
    candidates_sheet,
    choose,
    measure_candidates,
)
from trellis_assets.pipeline.node import Brief, Json
from trellis_assets.pipeline.nodes.concept import CONCEPT_IMAGE
from trellis_assets.pipeline.nodes.generation import GENERATED_MODEL
from trellis_assets.pipeline.plan import plan_asset
from trellis_assets.pipeline.record import StepRecord
from trellis_assets.pipeline.step import run_step
from trellis_assets.store import FolderStore, Store
from trellis_assets.trellis2 import Ledger

from .studio import brief


def painted(blur: int) -> Material:
    """A checkerboard, the squares ``blur`` texels wide: the smaller, the sharper."""
    rows, columns = np.indices((256, 256)) // blur
    shade = np.where((rows + columns) % 2, 230, 30).astype(np.uint8)
    return Material(base_color=png(np.dstack([shade] * 3)), **MATT)


def ball(*, missing: int = 0, blur: int = 16, more: int = 0) -> bytes:
    """A sphere, without its last ``missing`` triangles, with ``more`` specks beside it."""
    whole = sphere()
    points = np.round(whole.positions, 5)  # the seam closes exactly
    mesh = Mesh(points, whole.triangles[: len(whole.triangles) - missing], None, whole.uvs)
    specks = [
        (box((0.05 * i, 0.0, 0.0), (0.05 * i + 0.02, 0.02, 0.02)), Material(**MATT))
        for i in range(more)
    ]
    return model_to_glb(model_of((mesh, painted(blur)), *specks))


def slab() -> bytes:
    return model_to_glb(model_of((box((-1, -0.1, -1), (1, 0.1, 1)), Material(**MATT))))


def round_concept() -> bytes:
    y, x = np.indices((128, 128)) - 63.5
    alpha = np.where(x * x + y * y < 60 * 60, 255, 0).astype(np.uint8)
    stream = io.BytesIO()
    Pictures.fromarray(np.dstack([np.full((128, 128, 3), 120, np.uint8), alpha])).save(
        stream, "PNG"
    )
    return stream.getvalue()


@pytest.mark.parametrize(
    ("mark", "models", "best"),
    [
        ("closed", (ball(), ball(missing=600)), 0),
        ("pieces", (ball(more=12), ball()), 1),
        ("silhouette", (ball(), slab()), 0),
        ("sharpness", (ball(blur=64), ball(blur=8)), 1),
    ],
)
def test_each_mark_prefers_what_it_should(
    mark: str, models: tuple[bytes, bytes], best: int
) -> None:
    found = measure_candidates(models, round_concept())
    good, bad = found[best], found[1 - best]
    assert good.marks[mark] > bad.marks[mark] + 0.05
    assert choose(found, "auto") is good
    assert all(0.0 <= each.marks[name] <= 1.0 for each in found for name in WEIGHTS)


def test_the_weights_make_a_mean_and_a_perfect_candidate_has_nearly_all_of_it() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)
    (only,) = measure_candidates([ball()], round_concept())
    assert only.score > 0.95


def test_an_unreadable_candidate_is_kept_named_and_never_chosen() -> None:
    found = measure_candidates([b"glTF but not really", slab()], round_concept())
    assert found[0].problem
    assert found[0].facts()["problem"]
    assert found[0].score == 0.0
    assert choose(found, "auto").number == 2
    assert candidates_sheet(found, found[1]).ndim == 3
    with pytest.raises(NoSuchCandidate, match="none of 1"):
        choose(found[:1], "auto")


def test_equal_scores_go_to_the_first_and_a_missing_one_is_refused() -> None:
    found = measure_candidates([ball(), ball()], round_concept())
    assert choose(found, "auto").number == 1
    assert choose(found, 2).number == 2
    with pytest.raises(NoSuchCandidate, match=r"chooses candidate 3, but 2 came.*1 to 2"):
        choose(found, 3)


def made(asset: Brief, store: Store) -> StepRecord:
    for node in (CONCEPT_IMAGE, GENERATED_MODEL):
        step = run_step(node, asset, store, progress=lambda *_: None)
    return step.record


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return FolderStore(tmp_path)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds that the generator was asked for; each makes another ball."""
    seeds: list[int] = []

    def quick(_image: bytes, _settings: Json, seed: int, _progress: object) -> bytes:
        seeds.append(seed)
        return ball(missing=200 * len(seeds), blur=8)

    monkeypatch.setattr(generator, "embedded_model", quick)
    return seeds


def test_all_candidates_are_kept_and_another_choice_buys_nothing(
    store: Store, calls: list[int]
) -> None:
    wanted: Json = {"number_results": 2, "seed": 5}
    first = made(brief(generation=wanted), store)
    assert len(set(calls)) == 2
    assert first.facts["candidate"] == 1, "it has the fewest holes"
    table = first.facts["candidates"]
    assert [each["candidate"] for each in table] == [1, 2]
    for each in table:
        assert {"score", "seed", "triangles", "watertight", "silhouette"} <= each.keys()
        assert Path(each["kept_as"]).is_file()
    other = brief(generation=wanted, candidate=2)
    due = plan_asset({n.name: n for n in (CONCEPT_IMAGE, GENERATED_MODEL)}, other, store).due
    assert [(step.node, step.why) for step in due] == [
        ("generated_model", "settings changed: candidate")
    ]
    second = made(other, store)
    assert second.facts["candidate"] == 2
    assert second.facts["bought_now"] is False
    assert second.data_version != first.data_version
    assert store.read("assets/oak_barrel/generated.glb") == Path(table[1]["kept_as"]).read_bytes()
    assert len(calls) == 2, "nothing was generated for the second choice"
    (attempt,) = Ledger(store, generator.spec_hash(other)).attempts()
    assert len(attempt.records["downloaded"]["models"]) == 2


def test_one_candidate_costs_no_scoring_and_changes_no_fingerprint(
    store: Store, calls: list[int]
) -> None:
    record = made(brief(), store)
    assert "candidates" not in record.facts
    assert not {"candidate", "number_results"} & record.settings.keys()
