"""The ladder of each class: its numbers, their sources, and what holds where nothing is said."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from trellis_assets.catalog import AssetClass, CatalogError, Profiles, load_profiles
from trellis_assets.catalog.automation import UploadAutomation
from trellis_assets.catalog.class_ladder import TRIANGLES
from trellis_assets.catalog.look_limits import LookLimits
from trellis_assets.store import FolderStore

SAMPLE = Path(__file__).parents[2] / "catalog"
CLASSES: tuple[AssetClass, ...] = get_args(AssetClass)


def without_classes(tmp_path: Path, instead: str = "") -> Profiles:
    text = (SAMPLE / "profiles.yaml").read_text(encoding="utf-8")
    before, rest = text.split("classes:\n")
    (tmp_path / "profiles.yaml").write_text(
        f"{before}{instead}profiles:\n{rest.split('profiles:' + chr(10))[1]}", encoding="utf-8"
    )
    return load_profiles(FolderStore(tmp_path))


@pytest.mark.parametrize("name", CLASSES)
def test_lod0_of_a_class_is_as_much_as_its_usual_profiles_show(
    name: AssetClass, tmp_path: Path
) -> None:
    sample = load_profiles(FolderStore(SAMPLE))
    usual = UploadAutomation().usual_profiles[name]
    largest = max(sample.profiles[profile].lod0_limit.limit for profile in usual)
    assert sample.ladder_triangles(name) == largest
    assert sample.classes[name].triangles is not None
    assert without_classes(tmp_path).ladder_triangles(name) == TRIANGLES[name] == largest


def test_a_class_may_say_only_how_it_is_judged(tmp_path: Path) -> None:
    said = without_classes(tmp_path, "classes:\n  hero:\n    look: {flip: 0.1}\n")
    assert said.ladder("hero").look == LookLimits(flip=0.1)
    assert said.ladder_triangles("hero") == TRIANGLES["hero"]
    assert said.ladder("prop").look == LookLimits()


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ("prop:\n    triangles: {limit: 9, source: hearsay}", r"classes\.prop.* 'hearsay'"),
        ("prop:\n    triangles: 9000", r"classes\.prop\.triangles is 9000"),
        ("props:\n    triangles: {limit: 9, source: house}", r"classes\.props.*'prop', 'hero'"),
        ("prop:\n    texture_size: 512", r"texture_size.*no such field"),
    ],
)
def test_what_is_wrong_in_a_class_is_named(tmp_path: Path, classes: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        without_classes(tmp_path, f"classes:\n  {classes}\n")
