from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from trellis_assets.delivery import (
    Variant,
    build_variant,
    disclosure,
    disclosure_markdown,
    disclosure_schema,
)
from trellis_assets.textures import make_texture_set

from .models import AUTHORSHIP, ladder, paint, target


@pytest.fixture(scope="module")
def manifests() -> list[Any]:
    rungs = ladder(paint(), 200)[:1]

    def variant(asset_id: str, **authorship: Any) -> Variant:
        return build_variant(
            asset_id=asset_id,
            profile=target(),
            rungs=rungs,
            textures=make_texture_set(rungs[0].model, size=64),
            authorship={**AUTHORSHIP, **authorship},
        )

    made = variant("oak_barrel", owner="props | weapons")
    greybox = variant("crate", generator="embedded", model="greybox 2")
    other = {**made.manifest, "profile": "mobile.prop"}
    return [made.manifest, other, greybox.manifest]


def test_it_validates_and_says_which_assets_a_model_made(manifests: list[Any]) -> None:
    content = disclosure(manifests)
    Draft202012Validator.check_schema(disclosure_schema())
    Draft202012Validator(disclosure_schema()).validate(content)
    assert (content["ai_generated"], content["not_ai_generated"]) == (1, 1)
    assert content["models"] == ["microsoft:trellis-2@4b"]
    found = {asset["asset_id"]: asset for asset in content["assets"]}
    assert found["oak_barrel"]["ai_generated"]
    assert not found["crate"]["ai_generated"]
    variants = found["oak_barrel"]["variants"]
    assert [one["profile"] for one in variants] == ["mobile.prop", "pc.prop"]
    files = manifests[0]["files"]
    assert variants[0]["files"][0] == {"path": files[0]["path"], "sha256": files[0]["sha256"]}


def test_the_text_tells_both_kinds_apart_and_is_no_advice(manifests: list[Any]) -> None:
    text = disclosure_markdown(disclosure(manifests))
    assert "1 of 2 3D assets" in text
    assert "Nothing is generated while the game runs" in text
    assert "no legal advice" in text
    assert text.index("## Made by AI") < text.index("oak_barrel") < text.index("## Not made by AI")
    assert "props \\| weapons" in text  # a name cannot break the table


def test_the_order_of_manifests_does_not_matter(manifests: list[Any]) -> None:
    assert disclosure(manifests) == disclosure(manifests[::-1])


def test_greyboxes_alone_are_not_called_ai(manifests: list[Any]) -> None:
    text = disclosure_markdown(disclosure(manifests[2:]))
    assert "None of these 3D assets was made by a trained AI model" in text
