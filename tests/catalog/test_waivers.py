"""``waivers.yaml``: good waivers load, wrong ones are located and explained."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from trellis_assets.catalog import CatalogError, Waiver, load_waivers, waivers_schema
from trellis_assets.store import FolderStore

SAMPLE = Path(__file__).parents[2] / "catalog"
GOOD = """\
waivers:
  - rule: uv.overlap
    asset: oak_*
    step: lod*
    owner: jane
    reason: mirrored on purpose
    expires: 2027-03-01
"""


def test_a_catalog_without_the_file_has_no_waivers(tmp_path: Path) -> None:
    assert load_waivers(FolderStore(tmp_path)) == ()


def test_a_waiver_says_where_it_holds_and_until_when(tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_text(GOOD)
    (waiver,) = load_waivers(FolderStore(tmp_path))
    assert waiver.expires == date(2027, 3, 1)
    assert waiver.holds_on(date(2027, 3, 1)), "the day itself is the last one"
    assert not waiver.holds_on(date(2027, 3, 2))
    assert waiver.concerns("oak_barrel", "lod2")
    assert not waiver.concerns("oak_barrel", "master_model")
    assert not waiver.concerns("elm", "lod2")
    assert waiver.scope == "oak_*, lod*"


def test_a_profile_is_its_variant_alone() -> None:
    content = yaml.safe_load(GOOD)["waivers"][0]
    waiver = Waiver.model_validate({**content, "step": None, "profile": "pc.prop"})
    assert waiver.concerns("oak_barrel", "variants/pc.prop")
    assert not waiver.concerns("oak_barrel", "variants/pc.hero")
    assert not waiver.concerns("oak_barrel", "lod0")


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("    owner: jane\n", "", 2, ["waivers.0.owner", "required"]),
        ("reason: mirrored on purpose", 'reason: ""', 6, ["reason is ''", "at least 1"]),
        ("2027-03-01", "soon", 7, ["waivers.0.expires is 'soon'", "date"]),
        ("uv.overlap", "everything", 2, ["rule is 'everything'", "pattern"]),
        ("uv.overlap", '"*"', 2, ["rule is '*'", "pattern"]),
        ("asset: oak_*", "asset: ../oak", 3, ["asset is '../oak'", "pattern"]),
        ("step: lod*", "steps: lod0", 4, ["there is no such field"]),
        ("step: lod*", "step: lod0\n    profile: pc.prop", 2, ["a profile and a step"]),
        ("waivers:", "waiver:", 1, ["there is no such field", "did you mean `waivers`"]),
    ],
)  # fmt: skip
def test_a_wrong_waiver_is_located_and_explained(
    tmp_path: Path, old: str, new: str, line: int, expected: list[str]
) -> None:
    (tmp_path / "waivers.yaml").write_text(GOOD.replace(old, new))
    with pytest.raises(CatalogError) as caught:
        load_waivers(FolderStore(tmp_path))
    said = [str(problem) for problem in caught.value.problems]
    assert any(
        all(part in each for part in (f"waivers.yaml:{line}:", "Fix:", *expected)) for each in said
    ), said


def test_the_same_waiver_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_text(GOOD + GOOD.partition("\n")[2])
    with pytest.raises(CatalogError, match=r"waives uv\.overlap twice for oak_\*, lod\*"):
        load_waivers(FolderStore(tmp_path))


def test_the_schema_accepts_what_loads_and_is_the_committed_one() -> None:
    schema = waivers_schema()
    validator = jsonschema.Draft202012Validator(schema)
    content = yaml.safe_load(GOOD)
    content["waivers"][0]["expires"] = "2027-03-01"  # JSON has no dates
    validator.validate(content)
    del content["waivers"][0]["reason"]
    assert not validator.is_valid(content)
    committed = json.loads((SAMPLE / "schema" / "waivers.schema.json").read_text())
    assert committed == schema, "run `trellis-assets schema`"
