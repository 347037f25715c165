"""docs/catalog.md says what the models and the sample profiles say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from trellis_assets.catalog import entry_schema, load_profiles
from trellis_assets.catalog.profile import Profile
from trellis_assets.store import FolderStore

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "catalog.md").read_text(encoding="utf-8")
CODE = re.findall(r"```.*?```|`[^`]+`", PAGE, re.DOTALL)
PROFILES = load_profiles(FolderStore(ROOT / "catalog")).profiles


def fields() -> Iterator[str]:
    """As they stand in an entry, those of its blocks on their own."""
    schema = entry_schema()
    for block in (schema, *schema["$defs"].values()):
        yield from block.get("properties", {})


@pytest.mark.parametrize("field", sorted(set(fields())))
def test_every_field_of_an_entry_is_on_the_page(field: str) -> None:
    assert any(re.search(rf"\b{field}\b", code) for code in CODE)


def row(name: str, profile: Profile) -> str:
    budgets = {"triangles": profile.triangles, "vertices": profile.vertices}
    (lod0,) = (f"{most.limit:,} {unit}" for unit, most in budgets.items() if most)
    detail = profile.detail_texture_size
    size = f"{profile.texture_size.limit}" + (f" (others {detail.limit})" if detail else "")
    cells = (f"`{name}`", profile.title, lod0, size, str(profile.materials.limit))
    return f"| {' | '.join(cells)} | {profile.texture_format} |"


@pytest.mark.parametrize("name", PROFILES)
def test_the_table_of_profiles_is_current(name: str) -> None:
    assert row(name, PROFILES[name]) in PAGE
