"""What a variant says of the ladder it is cut from: an unused budget, and what its profile asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.previews.scenes import model_of, sphere
from trellis_assets.catalog import Entry, Profiles
from trellis_assets.gltf import Material
from trellis_assets.pipeline.node import Brief, Workplace
from trellis_assets.pipeline.nodes.appearance import LOOKS_FILE
from trellis_assets.pipeline.nodes.geometry import rung_triangles
from trellis_assets.pipeline.nodes.ladder_findings import own_look, short_ladder, unused_budget
from trellis_assets.previews import Scene
from trellis_assets.store import FolderStore
from trellis_assets.validation.appearance import Studio
from trellis_assets.validation.looks import Looks
from trellis_assets.validation.six_sides import six_sides

BALL = model_of((sphere(), Material()))
TRIANGLES = BALL.triangle_count


def profiles(pc_prop: int, in_class: int | None = None, **look: float) -> Profiles:
    limit = {"limit": pc_prop, "source": "x"}
    classes = {} if in_class is None else {"prop": {"triangles": {**limit, "limit": in_class}}}
    profile: dict[str, Any] = {
        "title": "t", "triangles": limit, "texture_size": limit, "materials": limit,
    }  # fmt: skip
    if look:
        profile["look"] = look
    return Profiles.model_validate(
        {"sources": {"x": "the page"}, "classes": classes, "profiles": {"pc.prop": profile}}
    )


def place(root: Path, all_profiles: Profiles, **lods: int) -> Workplace:
    entry = Entry.model_validate(
        {
            "id": "oak", "concept": "oak.png", "class": "prop", "height_m": 1, "lods": lods,
            "profiles": ["pc.prop"], "owner": "me", "license": "CC0-1.0",
        }
    )  # fmt: skip
    store = FolderStore(root)
    brief = Brief(entry, all_profiles, store, "embedded")
    profile = all_profiles.profiles["pc.prop"]
    settings = {"sources": all_profiles.sources, **short_ladder(brief, profile)}
    return Workplace(brief, settings, store, progress=lambda *_: None)


@pytest.mark.parametrize(
    ("in_class", "lods", "expected"),
    [(None, 0, 10_000), (3000, 0, 3000), (None, 700, 700), (3000, 700, 700)],
)
def test_lod0_is_that_of_the_entry_or_of_its_class(
    tmp_path: Path, in_class: int | None, lods: int, expected: int
) -> None:
    pinned = {"triangles": lods} if lods else {}
    work = place(tmp_path, profiles(50_000, in_class), **pinned)
    assert rung_triangles(work.brief, 0) == expected
    assert rung_triangles(work.brief, 1) == expected // 2


def test_far_less_than_the_profile_allows_is_said_with_the_number_to_raise(tmp_path: Path) -> None:
    all_profiles = profiles(3 * TRIANGLES, TRIANGLES)
    work, profile = place(tmp_path, all_profiles), all_profiles.profiles["pc.prop"]
    master = model_of((sphere(), Material()), (sphere(0.9), Material()), (sphere(0.8), Material()))
    (found,) = unused_budget(work, profile, master, BALL)
    assert (found.rule, found.severity, found.source) == (
        "delivery.unused_budget", "info", "the page",
    )  # fmt: skip
    assert (found.measured, found.limit) == (TRIANGLES, 3 * TRIANGLES)
    assert "classes.prop.triangles" in found.fix
    assert unused_budget(work, profile, BALL, BALL) == [], "the master has no more"


@pytest.mark.parametrize(
    ("allowed", "lods"), [(2 * TRIANGLES, 0), (9 * TRIANGLES, TRIANGLES)], ids=["half", "chosen"]
)
def test_nothing_is_said_of_half_the_budget_or_of_a_number_somebody_chose(
    tmp_path: Path, allowed: int, lods: int
) -> None:
    all_profiles = profiles(allowed, TRIANGLES)
    work = place(tmp_path, all_profiles, **({"triangles": lods} if lods else {}))
    master = model_of(*[(sphere(), Material())] * 12)
    assert unused_budget(work, all_profiles.profiles["pc.prop"], master, BALL) == []


def test_a_profile_judges_the_ladder_by_what_it_sets_itself(tmp_path: Path) -> None:
    studio = Studio(Scene(BALL))
    small = Scene(model_of((sphere(0.9), Material())))
    looks = Looks(
        tuple(studio.compare(name, small, pixels=96) for name in ("lod0", "lod1")),
        six_sides(studio.master),
        double_sided=False,
    )
    all_profiles = profiles(900, silhouette_floor=0.95)
    work, profile = place(tmp_path, all_profiles), all_profiles.profiles["pc.prop"]
    work.store.write(f"assets/oak/{LOOKS_FILE}", json.dumps(looks.as_json()).encode())
    found = own_look(work, "pc.prop", profile)
    assert [(each.rule, each.severity, each.source) for each in found] == [
        ("look.silhouette", "error", "`look` of profile pc.prop")
    ] * 2
    one_rung = profile.model_copy(update={"rungs": 1})
    assert len(own_look(work, "pc.prop", one_rung)) == 1, "it delivers no other"
    assert own_look(work, "pc.prop", profiles(900).profiles["pc.prop"]) == []
