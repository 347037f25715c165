"""The catalog: good entries load, bad ones are located, explained and left out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.aws import aws
from trellis_assets.catalog import (
    CatalogError,
    Entry,
    asset_id_from,
    caps_source,
    entry_schema,
    load_caps,
    load_catalog,
    load_entry,
    load_profiles,
    profiles_schema,
    source_key,
    write_entry,
)
from trellis_assets.store import FolderStore, Store, open_store

SAMPLE = Path(__file__).parents[2] / "catalog"
GOOD = """\
id: oak
title: Oak
concept: oak.png
class: prop
height_m: 0.9
profiles: [mobile.prop]
owner: me
license: CC0-1.0
"""


@pytest.fixture
def bucket(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The same catalog on S3."""
    with aws(monkeypatch, "art"):
        catalog = open_store("s3://art/studio/catalog")
        for key, data in (
            (key, FolderStore(folder).read(key)) for key in FolderStore(folder).list()
        ):
            catalog.write(key, data)
        yield catalog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    catalog = tmp_path / "catalog"
    (catalog / "assets").mkdir(parents=True)
    (catalog / "concepts").mkdir()
    shutil.copy(SAMPLE / "profiles.yaml", catalog)
    (catalog / "concepts" / "oak.png").write_bytes(b"looked at later")
    (catalog / "assets" / "oak.yaml").write_text(GOOD)
    return catalog


def problems_of(folder: Path, text: str, name: str = "bad.yaml") -> list[str]:
    """What is said of one bad file beside a good one, which must still load."""
    (folder / "assets" / name).write_text(text)
    catalog = load_catalog(FolderStore(folder))
    assert "oak" in catalog.entries, "a bad entry must not take a good one with it"
    assert len(catalog.entries) == 1
    return [str(problem) for problem in catalog.problems]


def test_the_sample_catalog_is_what_it_promises() -> None:
    catalog = load_catalog(FolderStore(SAMPLE))
    assert catalog.problems == ()
    assert len(catalog.entries) >= 6
    assert len({entry.asset_class for entry in catalog.entries.values()}) >= 3
    assert len({name for entry in catalog.entries.values() for name in entry.profiles}) >= 3


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("height_m: 0.9", "height_m: -1", 5, ["height_m is -1", "greater than 0"]),
        ("height_m: 0.9", "height_m: tall", 5, ["height_m is 'tall'", "number"]),
        ("class: prop", "class: pope", 4, ["class is 'pope'", "'prop', 'hero'"]),
        ("title: Oak", "titel: Oak", 2, ["there is no such field", "did you mean `title`"]),
        ("owner: me\n", "", None, ["owner is missing", "add `owner:`"]),
        (
            "profiles: [mobile.prop]", "profiles: [mobile.prp]", 6,
            ["'mobile.prp'", "no such target profile", "did you mean mobile.prop?"],
        ),
        ("concept: oak.png", "concept: gone.png", 3, ["'gone.png'", "no such file"]),
        ("concept: oak.png", "concept: ../../secret.png", 3, ["without any folder"]),
        ("concept: oak.png", "model: gone.glb", 3, ["'gone.glb'", "no such file", "copy the GLB"]),
        ("concept: oak.png", "model: ../oak.glb", 3, ["catalog/models", "without any folder"]),
        ("concept: oak.png", "model: oak.obj", 3, ["the bare name of a .glb"]),
        ("concept: oak.png\n", "", None, ["must name either `concept`", "or `model`"]),
        ("title: Oak", "model: oak.glb", None, ["must name either `concept`", "or `model`"]),
        ("title: Oak", "ai_model: Sculptor 3", None, ["`ai_model` is said of a `model`"]),
        (
            "concept: oak.png", "model: oak.glb\ngeneration: {seed: 3}", None,
            ["has a `model`, so that `generation` means nothing"],
        ),
        ("title: Oak", "title: [", None, ["not valid YAML"]),
        ("title: Oak", "title: Oak\ntitle: Elm", 3, ["'title' stands twice"]),
        ("title: Oak", "generation: {resolution: 640}", 2, ["generation.resolution", "512, 1024"]),
        ("title: Oak", "generation: {seed: -4}", 2, ["generation.seed is -4", "greater than"]),
        ("title: Oak", "lods: {ratio: 2}", 2, ["lods.ratio is 2", "0.9"]),
    ],
)  # fmt: skip
def test_a_wrong_field_is_located_and_explained(
    folder: Path, old: str, new: str, line: int | None, expected: list[str]
) -> None:
    text = GOOD.replace("id: oak", "id: bad").replace(old, new)
    said = problems_of(folder, text)
    assert len(said) == 1
    place = f"bad.yaml:{line}:" if line else "bad.yaml"
    for part in (place, "Fix:", *expected):
        assert part in said[0]


@pytest.mark.parametrize("asset_id", ["a/b", "..", "../up", "Oak", "1oak", "", "o" * 65, "a b"])
def test_ids_that_cannot_be_partitions_are_refused(folder: Path, asset_id: str) -> None:
    said = problems_of(folder, GOOD.replace("id: oak", f"id: {json.dumps(asset_id)}"))
    assert len(said) == 1
    assert "lower-case" in said[0]


def test_a_duplicate_id_names_the_owner_and_keeps_it(folder: Path) -> None:
    said = problems_of(folder, GOOD, "copy.yaml")
    assert "copy.yaml:1" in said[0]
    assert "taken by oak.yaml" in said[0]


def test_a_file_must_be_named_after_its_id(folder: Path) -> None:
    said = problems_of(folder, GOOD.replace("id: oak", "id: elm"))
    assert "rename it to elm.yaml" in said[0]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words", "\x00", "a: &a [*a]"])
def test_what_is_no_entry_at_all_is_said_in_one_line(folder: Path, text: str) -> None:
    said = problems_of(folder, text)
    assert said
    assert all("\n" not in line for line in said)


def test_an_empty_catalog_says_how_to_begin(folder: Path) -> None:
    (folder / "assets" / "oak.yaml").unlink()
    with pytest.raises(CatalogError, match="trellis-assets add"):
        load_catalog(FolderStore(folder))


def test_no_catalog_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"profiles\.yaml.*TRELLIS_ASSETS_CATALOG"):
        load_catalog(FolderStore(tmp_path))


def test_a_budget_without_its_source_is_refused(folder: Path) -> None:
    file = folder / "profiles.yaml"
    file.write_text(file.read_text().replace("source: unity-polygons", "source: hearsay"))
    with pytest.raises(CatalogError, match="'hearsay', which `sources` does not list"):
        load_catalog(FolderStore(folder))


def test_one_entry_loads_without_the_others(folder: Path) -> None:
    (folder / "assets" / "broken.yaml").write_text("][")
    profiles = load_profiles(FolderStore(folder))
    assert load_entry(FolderStore(folder), "oak", profiles).height_m == 0.9
    for unknown in ("elm", "../oak", "OAK"):
        with pytest.raises(CatalogError, match="no such entry"):
            load_entry(FolderStore(folder), unknown, profiles)


@pytest.mark.parametrize(
    ("name", "asset_id"),
    [
        ("Oak Barrel (v2).png", "oak_barrel_v2"),
        ("Übergröße.PNG", "ubergroe"),
        ("007-axe.webp", "asset_007-axe"),
        ("../../evil.png", "evil"),
        ("x" * 90 + ".png", "x" * 64),
    ],
)
def test_file_names_become_asset_ids(name: str, asset_id: str) -> None:
    assert asset_id_from(name) == asset_id


def test_a_name_of_which_no_id_can_be_made_is_refused() -> None:
    with pytest.raises(CatalogError, match="Latin letters"):
        asset_id_from("木桶.png")


def test_a_written_entry_loads_again_and_is_never_overwritten(folder: Path) -> None:
    profiles = load_profiles(FolderStore(folder))
    oak = load_entry(FolderStore(folder), "oak", profiles)
    elm = Entry.model_validate({**oak.model_dump(by_alias=True), "id": "elm", "title": "Elm: old"})
    file = Path(write_entry(FolderStore(folder), elm))
    assert load_entry(FolderStore(folder), "elm", profiles) == elm
    before = file.read_text()
    with pytest.raises(CatalogError, match="has this entry"):
        write_entry(FolderStore(folder), elm)
    assert file.read_text() == before


def test_the_sample_catalog_satisfies_the_exported_schemas() -> None:
    profiles = yaml.safe_load((SAMPLE / "profiles.yaml").read_text())
    jsonschema.Draft202012Validator(profiles_schema()).validate(profiles)
    validator = jsonschema.Draft202012Validator(entry_schema())
    for file in (SAMPLE / "assets").glob("*.yaml"):
        validator.validate(yaml.safe_load(file.read_text()))
    assert list(validator.iter_errors({"id": "A/B"}))


def test_the_committed_schemas_are_current() -> None:
    for name, schema in (("entry", entry_schema()), ("profiles", profiles_schema())):
        committed = json.loads((SAMPLE / "schema" / f"{name}.schema.json").read_text())
        assert committed == schema, "run `trellis-assets schema`"


def test_a_catalog_on_s3_loads_alike_and_names_its_objects(folder: Path, bucket: Store) -> None:
    bucket.write(
        "assets/bad.yaml", GOOD.replace("id: oak", "id: bad").replace("0.9", "-1").encode()
    )
    catalog = load_catalog(bucket)
    assert dict(catalog.entries) == dict(load_catalog(FolderStore(folder)).entries)
    (problem,) = catalog.problems
    assert str(problem).startswith("s3://art/studio/catalog/assets/bad.yaml:5: height_m is -1")
    with pytest.raises(CatalogError, match="s3://art/studio/catalog/assets: asset id is 'elm'"):
        load_entry(bucket, "elm", catalog.profiles)
    oak = catalog.entries["oak"]
    elm = Entry.model_validate({**oak.model_dump(by_alias=True), "id": "elm"})
    assert write_entry(bucket, elm) == "s3://art/studio/catalog/assets/elm.yaml"
    assert load_entry(bucket, "elm", catalog.profiles) == elm
    with pytest.raises(CatalogError, match="has this entry"):
        write_entry(bucket, elm)


def test_an_entry_may_name_a_model_instead(folder: Path, bucket: Store) -> None:
    text = GOOD.replace("concept: oak.png", "model: elm.glb").replace("id: oak", "id: elm").encode()
    for source in (FolderStore(folder), bucket):
        source.write("assets/elm.yaml", text)
        source.write("models/elm.glb", b"looked at later")
        catalog = load_catalog(source)
        assert catalog.problems == ()
        elm = catalog.entries["elm"]
        assert (elm.model, elm.concept) == ("elm.glb", None)
        assert load_entry(source, "elm", catalog.profiles) == elm
        assert source_key(elm) == "models/elm.glb"
    jsonschema.Draft202012Validator(entry_schema()).validate(yaml.safe_load(text))


def test_caps_on_s3_hold(bucket: Store) -> None:
    assert load_caps(bucket).run_usd == 5.0
    bucket.write("caps.yaml", b"run_usd: 0.5\n")
    assert load_caps(bucket).run_usd == 0.5
    assert caps_source(bucket) == "s3://art/studio/catalog/caps.yaml"


def test_a_file_name_that_no_store_can_keep_is_a_problem_of_its_own(folder: Path) -> None:
    (folder / "assets" / "old oak.yaml").write_text(GOOD)
    (folder / "assets" / ".#oak.yaml").write_text("an editor's")
    (problem,) = load_catalog(FolderStore(folder)).problems
    assert "old oak.yaml" in str(problem)
