"""What cannot be used is put aside with its reason, and nothing is lost."""

from __future__ import annotations

import pytest

from .house import NOT_AN_IMAGE, House, picture


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("prop/torn.png", NOT_AN_IMAGE, "not an image this pipeline reads"),
        ("empty.png", b"", "not an image this pipeline reads"),
        ("model.psd", b"8BPS", "is no image that this pipeline reads, and no GLB, by its name"),
        ("木桶.png", picture(), "Latin letters"),
        ("heros/lantern.png", picture(), "did you mean hero?"),
        ("hero/prop/lantern.png", picture(), "two classes, hero and prop"),
        ("plan" * 40 + ".psd", b"8BPS", "is no image"),
    ],
)
def test_a_bad_upload_goes_to_quarantine_with_its_reason(
    house: House, path: str, data: bytes, expected: str
) -> None:
    house.put(path, data)
    house.put("good.png", picture(7))
    found = house.look()
    assert "1 in quarantine" in found.words
    assert house.runs() == ["good"]
    aside = [file for file in house.files() if file != "good.png"]
    reasons = [file for file in aside if file.endswith(".reason.txt")]
    kept = [file for file in aside if not file.endswith(".reason.txt")]
    assert len(reasons) == len(kept) == 1
    assert reasons[0] == f"{kept[0]}.reason.txt"
    assert house.place.read(kept[0]) == data, "nothing is lost"
    reason = house.place.read(reasons[0])
    assert reason is not None
    assert expected in reason.decode()
    assert "What helps: " in reason.decode()
    house.looks(2)
    assert house.runs() == ["good"]
    assert not house.catalog.exists("assets/lantern.yaml")


def test_a_mended_image_under_the_same_name_is_taken_in(house: House) -> None:
    house.put("lantern.png", NOT_AN_IMAGE)
    house.look()
    house.put("lantern.png", NOT_AN_IMAGE + b" again")
    house.look()
    house.put("lantern.png", picture())
    house.looks(2)
    assert house.runs() == ["lantern"]
    kept = [path for path in house.files() if path.endswith(".png") and "quarantine" in path]
    assert {house.place.read(path) for path in kept} == {NOT_AN_IMAGE, NOT_AN_IMAGE + b" again"}


def test_a_good_asset_keeps_its_image_when_a_bad_one_replaces_the_upload(house: House) -> None:
    house.put("lantern.png", picture())
    house.looks(2)
    house.put("lantern.png", NOT_AN_IMAGE)
    house.looks(2)
    assert house.runs() == ["lantern"]
    assert house.concept("lantern.png") == picture()


def test_two_images_for_one_asset_are_explained(house: House) -> None:
    house.put("prop/Lantern.png", picture(1))
    house.looks(2)
    house.put("hero/lantern.webp", picture(2, "WEBP"))
    house.looks(2)
    assert house.runs() == ["lantern"]
    assert "the game asset lantern comes from prop/Lantern.png" in house.reason("hero/lantern.webp")
    assert house.concept("lantern.png") == picture(1)


def test_killed_between_reason_and_move_it_is_put_aside_by_the_next_look(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put("torn.png", NOT_AN_IMAGE)

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(house.place), "retire", killed)
        with pytest.raises(KeyboardInterrupt):
            house.look()
    assert "torn.png" in house.files()
    house.look()
    assert house.files() == ["quarantine/torn.png", "quarantine/torn.png.reason.txt"]


def test_an_image_that_was_replaced_meanwhile_is_not_put_aside(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put("lantern.png", NOT_AN_IMAGE)
    place, retire = house.place, type(house.place).retire

    def late(_: object, *arguments: object) -> bool:
        house.put("lantern.png", picture(), age=3)
        return retire(place, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(house.place), "retire", late)
        house.look()
    assert house.place.read("lantern.png") == picture()
    house.looks(2)
    assert house.runs() == ["lantern"]
