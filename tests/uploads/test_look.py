"""What a look at the uploads decides: taken in once per content, nothing missed, nothing twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from trellis_assets.pipeline.uploads import take_uploads
from trellis_assets.pipeline.uploads.judge import take_one
from trellis_assets.uploads import CannotReadUploads, UploadBusy
from trellis_assets.uploads.memory import MEMORY_KEY

from .house import NOT_AN_IMAGE, House, picture


def test_an_image_becomes_an_entry_a_concept_and_one_run(house: House) -> None:
    house.put("prop/Old Lantern (2).png", picture())
    first = house.look()
    assert [run.asset_id for run in first.runs] == ["old_lantern_2"]
    assert first.runs[0].nodes[:3] == ("concept_image", "generated_model", "master_model")
    assert "variants/pc.prop" in first.runs[0].nodes
    assert house.entry("old_lantern_2") == {
        "id": "old_lantern_2",
        "concept": "old_lantern_2.png",
        "class": "prop",
        "height_m": 1.0,
        "profiles": ["mobile.prop", "pc.prop"],
        "owner": "unassigned",
        "license": "unknown",
    }
    assert house.concept("old_lantern_2.png") == picture()
    later = house.looks()
    assert not any(look.runs for look in later)
    assert house.runs() == ["old_lantern_2"]
    assert later[-1].words == "Nothing new: 1 uploads are known."


def test_a_run_is_asked_for_again_until_it_exists(house: House) -> None:
    """The daemon is killed between a look and the launch of its runs, cursor kept or not."""
    house.put("lantern.png", picture())
    lost = house.look(launch=False)
    house.cursor = lost.cursor
    again = house.look(launch=False)
    assert again.runs == lost.runs, "the same key, so that Dagster makes one run of both"
    assert house.look().runs == lost.runs
    assert house.look().runs == ()
    assert house.runs() == ["lantern"]


def test_killed_before_the_memory_is_written_a_look_is_repeated(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put("lantern.png", picture())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("trellis_assets.pipeline.uploads.look.save_memory", killed)
        with pytest.raises(KeyboardInterrupt):
            house.look()
    assert house.catalog.exists("assets/lantern.yaml")
    house.looks()
    assert house.runs() == ["lantern"]


def test_a_replaced_image_runs_again_and_going_back_does_too(house: House) -> None:
    """Images A, B and A again: three changes, three runs, three keys."""
    for number in (1, 2, 1):
        house.put("lantern.png", picture(number))
        house.looks(2)
    assert house.runs() == ["lantern"] * 3
    assert len(set(house.launched)) == 3
    assert house.concept("lantern.png") == picture(1)


def test_written_again_with_the_same_content_nothing_happens(house: House) -> None:
    house.put("lantern.png", picture())
    house.looks(2)
    house.remove("lantern.png")
    house.look()
    house.put("lantern.png", picture(), age=5000)
    house.looks(2)
    assert house.runs() == ["lantern"]


def test_a_renamed_image_stays_with_its_asset(house: House) -> None:
    house.put("lantern.png", picture(1))
    house.looks(2)
    house.rename("lantern.png", "lamp.png")
    house.looks(2)
    assert house.runs() == ["lantern"]
    house.put("lamp.png", picture(2))
    house.looks(2)
    assert house.runs() == ["lantern", "lantern"]
    assert house.concept("lantern.png") == picture(2)
    assert not house.catalog.exists("assets/lamp.yaml")


def test_a_copy_does_nothing_until_it_is_another_image(house: House) -> None:
    house.put("lantern.png", picture(1))
    house.looks(2)
    house.put("lamp.png", picture(1))
    assert "1 copies of known files" in house.look().words
    house.put("lamp.png", picture(2))
    house.looks(2)
    assert house.runs() == ["lantern", "lamp"]
    assert house.concept("lantern.png") == picture(1)


def test_two_in_the_same_second_are_both_seen(house: House) -> None:
    house.put("a.png", picture(1))
    house.look()
    house.put("b.png", picture(2))
    house.put("c.png", picture(3), age=100_000)
    house.looks(2)
    assert house.runs() == ["a", "b", "c"]


def test_a_look_takes_a_bounded_number_and_the_next_goes_on(house: House) -> None:
    house.options["per_look"] = 2
    for number in range(5):
        house.put(f"asset_{number}.png", picture(number))
    first = house.look()
    assert len(first.runs) == 2
    assert "3 left for the next look" in first.words
    house.looks(3)
    assert house.runs() == [f"asset_{number}" for number in range(5)]


def test_an_image_waits_while_a_run_of_its_asset_is_under_way(house: House) -> None:
    """The steps of a run read the catalog one by one, and must all see the same image."""
    house.put("lantern.png", picture(1))
    house.looks(2)
    house.busy.add("lantern")
    house.put("lantern.png", picture(2))
    assert "1 waiting for a run of the same asset" in house.look().words
    assert house.concept("lantern.png") == picture(1)
    house.busy.clear()
    house.looks(2)
    assert house.runs() == ["lantern", "lantern"]


def test_what_is_made_already_is_not_run(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from trellis_assets.pipeline.plan import AssetPlan

    done = AssetPlan("lantern", ("concept_image",), ())
    monkeypatch.setattr("trellis_assets.pipeline.uploads.judge.plan_asset", lambda *_: done)
    house.put("lantern.png", picture())
    assert house.look().runs == ()
    assert house.catalog.exists("assets/lantern.yaml")


def test_an_entry_that_was_removed_comes_back_with_its_upload(house: House) -> None:
    house.put("lantern.png", picture())
    house.looks(2)
    house.catalog.delete("assets/lantern.yaml")
    house.looks(2)
    assert not house.catalog.exists("assets/lantern.yaml"), "removed by a person: it stays removed"
    house.remove("lantern.png")
    house.look()
    house.put("lantern.png", picture())
    house.looks(2)
    assert house.catalog.exists("assets/lantern.yaml")


def test_a_memory_that_is_lost_costs_a_look_and_nothing_else(house: House) -> None:
    house.put("lantern.png", picture(1))
    house.looks(2)
    before = house.catalog.read("assets/lantern.yaml")
    house.store.delete(MEMORY_KEY)
    house.cursor = None
    house.looks(2)
    assert house.catalog.read("assets/lantern.yaml") == before
    house.put("lantern.png", picture(2))
    house.looks(2)
    assert house.concept("lantern.png") == picture(2)


def test_two_sensors_do_not_overwrite_each_others_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put("lantern.png", picture())
    house.look()

    def meanwhile(*arguments: object) -> object:
        house.store.write(MEMORY_KEY, b'{"version":0}')
        return take_one(*arguments)  # type: ignore[arg-type]

    house.put("lamp.png", picture(2))
    monkeypatch.setattr("trellis_assets.pipeline.uploads.look.take_one", meanwhile)
    with pytest.raises(UploadBusy, match="another sensor"):
        take_uploads(house.desk(), None)


def test_an_entry_that_cannot_be_read_is_told_and_the_others_go_on(house: House) -> None:
    house.catalog.write("assets/lantern.yaml", b"id: [lantern\n")
    house.put("lantern.png", picture(1))
    house.put("stool.png", picture(2))
    found = house.look()
    assert "lantern.yaml" in found.words
    assert "1 stuck" in found.words
    assert house.runs() == ["stool"]
    assert "lantern.png" in house.files(), "the image is not at fault"


def test_what_is_stuck_keeps_nothing_else_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.options["per_look"] = 1
    for number in range(3):
        house.catalog.write(f"assets/a_{number}.yaml", b"id: [\n")
        house.put(f"a_{number}.png", picture(number))
    house.look()
    house.put("good.png", picture(7))
    house.put("other.png", picture(8))
    house.look()
    assert house.runs() == ["good"], "one a look, and the stuck ones are none"
    order = []

    def watched(*arguments: Any) -> bool:
        order.append(arguments[1].path)
        return take_one(*arguments)

    monkeypatch.setattr("trellis_assets.pipeline.uploads.look.take_one", watched)
    house.options["per_look"] = 50
    house.look()
    assert order[0] == "other.png", "what is new comes first"
    assert len(order) == 4


def test_a_quarantine_that_cannot_be_written_stops_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put("a.png", NOT_AN_IMAGE)
    house.put("b.psd", NOT_AN_IMAGE)
    house.put("good.png", picture())

    def full(*_: object) -> None:
        raise CannotReadUploads("no space left on device")

    monkeypatch.setattr(type(house.place), "write", full)
    found = house.look()
    assert "no space left on device" in found.words
    assert house.runs() == ["good"]
    assert house.files() == ["a.png", "b.psd", "good.png"]


def test_no_folder_is_no_error(folder: House) -> None:
    Path(folder.place.uri).rmdir()
    found = folder.look()
    assert found.runs == ()
    assert "make this folder and drop images into it" in found.words


def test_a_file_that_is_still_being_written_waits(folder: House) -> None:
    folder.options |= {"settle_s": 5, "patience_s": 30}
    folder.put("lantern.png", picture()[:200], age=0)
    assert "1 still being written" in folder.look().words
    folder.put("lantern.png", picture(), age=0)
    assert "1 still being written" in folder.look(later=1).words
    assert folder.look(later=7).runs
    assert folder.runs() == ["lantern"]
    assert folder.files() == ["lantern.png"]


def test_a_slow_copy_is_not_put_aside_while_it_goes_on(folder: House) -> None:
    folder.options |= {"settle_s": 5, "patience_s": 30}
    folder.put("lantern.png", picture()[:200], age=0)
    assert "1 not readable yet" in folder.look(later=10).words
    folder.put("lantern.png", picture(), age=0)
    folder.look(later=10)
    assert folder.runs() == ["lantern"]
    folder.put("torn.png", picture()[:200], age=0)
    assert "1 in quarantine" in folder.look(later=40).words


def test_a_file_from_the_future_is_taken_at_its_second_sight(folder: House) -> None:
    folder.options["settle_s"] = 5
    folder.put("lantern.png", picture(), age=-10_000)
    assert "1 still being written" in folder.look().words
    folder.look()
    assert folder.runs() == ["lantern"]


def test_a_file_with_an_old_time_in_the_place_of_another_is_seen(folder: House) -> None:
    folder.put("lantern.png", picture(1))
    folder.looks(2)
    file = Path(folder.place.location("lantern.png"))
    status = file.stat()
    data = picture(2)
    file.write_bytes(data.ljust(status.st_size, b"\0")[: max(status.st_size, len(data))])
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    folder.looks(2)
    assert folder.runs() == ["lantern", "lantern"]


@pytest.mark.parametrize(
    "name", [".hidden.png", "lantern.png.part", "lantern.tmp", "Thumbs.db", "notes.txt"]
)
def test_what_is_not_meant_as_an_upload_is_let_alone(house: House, name: str) -> None:
    house.put(name, NOT_AN_IMAGE)
    house.look()
    assert house.files() == [name]
    assert house.runs() == []


def test_links_are_not_followed(folder: House, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture())
    Path(folder.place.uri, "link.png").symlink_to(tmp_path / "secret.png")
    Path(folder.place.uri, "round").symlink_to(folder.place.uri)
    assert folder.look().runs == ()
