"""An edit of a profile makes the variants of that profile due, and nothing else, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.conftest import Studio
from trellis_assets.catalog import Profile
from trellis_assets.catalog.look_limits import LookLimits

from .made import PROFILES, made_studio, make_all, plan_of

EDITED = "pc.prop"


def limit(number: int) -> dict[str, Any]:
    return {"limit": number, "source": "house"}


EDITS: Mapping[str, Any] = {
    "title": "PC",
    "triangles": limit(90_000),
    "vertices": limit(5000),
    "texture_size": limit(512),
    "detail_texture_size": limit(256),
    "materials": limit(1),
    "file_bytes": limit(10**6),
    "gpu_bytes": limit(10**6),
    "engine": "unity",
    "texture_format": "jpeg",
    "geometry": "quantized",
    "extensions": ["KHR_mesh_quantization"],
    "lod_file": True,
    "impostor": True,
    "usdz": True,
    "collision": {"hulls": limit(4), "vertices": limit(32)},
    "rungs": 2,
    "ratio": 0.4,
    "rules": {"uv.texel-density": {"most": 9000}},
    "look": {"ssim": 0.9},
}
NEEDS = {"geometry": {"extensions": ["KHR_mesh_quantization"]}}


@pytest.fixture(scope="module")
def by_class(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """All was made, of entries that leave their triangles to their class."""
    studio = made_studio(tmp_path_factory.mktemp("by_class"))
    for asset_id, profiles in PROFILES.items():
        studio.add_entry(asset_id, profiles=profiles, lods={})
    make_all(studio)
    return studio


def edit(profiles: Path, **fields: Any) -> None:
    content = yaml.safe_load(profiles.read_text(encoding="utf-8"))
    content["profiles"][EDITED] |= fields
    profiles.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_every_field_of_a_profile_has_its_edit() -> None:
    assert set(EDITS) == set(Profile.model_fields), "add the new field to EDITS"


@pytest.mark.parametrize("field", EDITS)
def test_an_edit_of_a_field_concerns_the_variants_of_that_profile_alone(
    by_class: Studio, field: str, trusting: None
) -> None:
    profiles = by_class.catalog / "profiles.yaml"
    before = profiles.read_text(encoding="utf-8")
    edit(profiles, **NEEDS.get(field, {}))
    make_all(by_class)
    assert plan_of(by_class).due == {}
    edit(profiles, **{field: EDITS[field]})
    try:
        due = plan_of(by_class).due
        assert due == dict.fromkeys(PROFILES, (f"variants/{EDITED}",))
        make_all(by_class)
        assert plan_of(by_class).due == {}
    finally:
        profiles.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("name", LookLimits.model_fields)
def test_so_does_every_limit_of_how_it_looks(by_class: Studio, name: str, trusting: None) -> None:
    profiles = by_class.catalog / "profiles.yaml"
    before = profiles.read_text(encoding="utf-8")
    make_all(by_class)
    edit(profiles, look={name: 0.5})
    try:
        assert plan_of(by_class).due == dict.fromkeys(PROFILES, (f"variants/{EDITED}",))
    finally:
        profiles.write_text(before, encoding="utf-8")
