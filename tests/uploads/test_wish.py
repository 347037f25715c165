"""Folder, sidecar and catalog say what an upload becomes; a person's edits stay."""

from __future__ import annotations

import pytest

from .house import House, picture


def test_folders_name_class_and_profiles(house: House) -> None:
    house.put("hero/pc.hero/lantern.png", picture(1))
    house.put("pc.prop/quest.prop/stool.png", picture(2))
    house.look()
    assert house.entry("lantern")["class"] == "hero"
    assert house.entry("lantern")["profiles"] == ["pc.hero"]
    assert house.entry("stool")["class"] == "prop"
    assert house.entry("stool")["profiles"] == ["pc.prop", "quest.prop"]


def test_the_catalog_says_what_holds_otherwise(house: House) -> None:
    house.options |= {
        "class": "background",
        "height_m": 2.5,
        "owner": "environment",
        "license": "CC0-1.0",
        "usual_profiles": {"background": ["quest.small", "gone.profile"]},
    }
    house.put("rock.png", picture())
    house.look()
    entry = house.entry("rock")
    assert (entry["class"], entry["height_m"]) == ("background", 2.5)
    assert (entry["owner"], entry["license"]) == ("environment", "CC0-1.0")
    assert entry["profiles"] == ["quest.small"]


def test_a_sidecar_says_more_and_has_the_last_word(house: House) -> None:
    house.put("hero/lantern.yaml", "id: big_lantern\nclass: prop\nheight_m: 0.4\ntags: [iron]\n")
    house.put("hero/lantern.png", picture())
    house.look()
    entry = house.entry("big_lantern")
    assert (entry["class"], entry["height_m"], entry["tags"]) == ("prop", 0.4, ["iron"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("height_m: -1\n", "lantern.yaml:1: height_m is -1"),
        ("title: a\nclas: hero\n", "lantern.yaml:2: clas is"),
        ("profiles: [pc.hreo]\n", "did you mean pc.hero?"),
        ("profiles: pc.hero\n", "profiles is 'pc.hero'"),
        ("concept: other.png\n", "names a concept image"),
        ("id: ../up\n", "must start with a lower-case letter"),
        ("class: [hero]\n", "class is ['hero']"),
        ("- a\n", "must be a mapping"),
        ("a: [\n", "not valid YAML"),
        ("", "is empty"),
    ],
)
def test_a_wrong_sidecar_takes_its_image_to_quarantine(
    folder: House, text: str, expected: str
) -> None:
    folder.put("lantern.png", picture())
    folder.put("lantern.yaml", text)
    folder.look()
    assert expected in folder.reason("lantern.png")
    assert folder.files() == [
        "quarantine/lantern.png", "quarantine/lantern.png.reason.txt",
        "quarantine/lantern.png.yaml",
    ]  # fmt: skip
    assert not folder.catalog.exists("assets/lantern.yaml")


def test_a_sidecar_alone_waits_for_its_image(house: House) -> None:
    house.put("lantern.yaml", "height_m: 0.4\n")
    assert "1 sidecars have no image beside them" in house.look().words
    house.put("lantern.png", picture())
    house.look()
    assert house.entry("lantern")["height_m"] == 0.4


def test_a_sidecar_that_comes_late_changes_what_it_names(house: House) -> None:
    house.put("lantern.png", picture())
    house.looks(2)
    house.put("lantern.yaml", "height_m: 0.4\nclass: hero\nprofiles: [pc.hero]\n")
    house.looks(2)
    entry = house.entry("lantern")
    assert (entry["height_m"], entry["class"], entry["profiles"]) == (0.4, "hero", ["pc.hero"])
    assert house.runs() == ["lantern", "lantern"]


def test_moved_to_another_class_the_entry_follows(house: House) -> None:
    house.put("prop/lantern.png", picture())
    house.looks(2)
    house.rename("prop/lantern.png", "hero/lantern.png")
    house.looks(2)
    entry = house.entry("lantern")
    assert (entry["class"], entry["profiles"]) == ("hero", ["mobile.hero", "pc.hero"])


def test_what_a_person_wrote_stays_to_the_letter(house: House) -> None:
    house.put("prop/lantern.png", picture(1))
    house.looks(2)
    text = (
        "# The lantern of the harbour, see the brief.\n"
        "owner: 'mara'   # not the default\n"
        "id: lantern\n"
        "concept: lantern.png\n"
        "\n"
        "class:   prop\n"
        "height_m: 0.55  # measured\n"
        "profiles:  # all we ship\n"
        "  - mobile.prop\n"
        "  - pc.prop\n"
        "# licence as agreed\n"
        'license: "unknown"\n'
    )
    house.catalog.write("assets/lantern.yaml", text.encode())
    house.put("prop/lantern.yaml", "height_m: 0.4\nclass: hero\nprofiles: [pc.hero, web.planner]\n")
    house.put("prop/lantern.png", picture(2))
    house.looks(2)
    expected = text.replace("class:   prop", "class:   hero").replace(
        "  - mobile.prop\n  - pc.prop\n", "  - pc.hero\n  - web.planner\n"
    )
    assert house.catalog.read("assets/lantern.yaml").decode() == expected
    assert house.concept("lantern.png") == picture(2)


def test_an_image_of_another_format_changes_one_line(house: House) -> None:
    house.put("lantern.png", picture(1))
    house.looks(2)
    before = house.catalog.read("assets/lantern.yaml").decode()
    house.remove("lantern.png")
    house.put("lantern.webp", picture(2, "WEBP"))
    house.looks(2)
    after = house.catalog.read("assets/lantern.yaml").decode()
    assert after == before.replace("concept: lantern.png", "concept: lantern.webp")
    assert house.concept("lantern.webp") == picture(2, "WEBP")


def test_an_upload_for_an_entry_of_a_person_changes_its_image_alone(house: House) -> None:
    text = (
        "id: lantern\nconcept: sketch.png\nclass: hero\nheight_m: 3\nprofiles: [pc.hero]\n"
        "owner: mara\nlicense: MIT\n"
    )
    house.catalog.write("assets/lantern.yaml", text.encode())
    house.catalog.write("concepts/sketch.png", picture(1))
    house.put("prop/lantern.png", picture(2))
    house.looks(2)
    after = house.catalog.read("assets/lantern.yaml").decode()
    assert after == text.replace("sketch.png", "lantern.png")
    assert house.concept("sketch.png") == picture(1), "it may be another asset's too"
