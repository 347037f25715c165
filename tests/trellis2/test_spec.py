"""The spec hash covers what changes the result, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from trellis_assets.trellis2 import InferenceRequest, parse_request, spec_of

from .conftest import PNG

BASE = {"seed": 7, "settings": {"textureSize": 1024}}


def hashed(options: dict[str, Any], image: bytes = PNG, provider: str = "runware") -> str:
    return spec_of(parse_request(options), image, provider=provider).hash


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 8, "settings": {"textureSize": 1024}},
        {"settings": {"textureSize": 1024}},
        {**BASE, "numberResults": 2},
        {"seed": 7, "settings": {"textureSize": 2048}},
        {"seed": 7, "settings": {"textureSize": 1024, "resolution": 512}},
        {"seed": 7, "settings": {"textureSize": 1024, "remesh": False}},
        {"seed": 7, "settings": {"textureSize": 1024, "decimationTarget": 100_000}},
        {"seed": 7, "settings": {"textureSize": 1024, "shapeSlat": {"steps": 13}}},
        {"seed": 7, "settings": {"textureSize": 1024, "texSlat": {"steps": 13}}},
        {"seed": 7, "settings": {"textureSize": 1024, "sparseStructure": {"rescaleT": 2.0}}},
        {"seed": 7, "settings": {"textureSize": 1024, "extra": {"textureFormat": "PNG"}}},
    ],
)
def test_changes_with_what_changes_the_result(other: dict[str, Any]) -> None:
    assert hashed(other) != hashed(BASE)


def test_changes_with_image_and_provider() -> None:
    assert len({hashed(BASE), hashed(BASE, PNG + b"x"), hashed(BASE, provider="embedded")}) == 3


@pytest.mark.parametrize(
    "delivery",
    [
        {"deliveryMethod": "sync"},
        {"webhookURL": "https://a.example/token"},
        {"uploadEndpoint": "https://b.example/?sig=x"},
        {"ttl": 3600},
        {"includeCost": True},
        {"outputType": "URL", "outputFormat": "GLB"},
        {"numberResults": 1},
        {"settings": {"textureSize": 1024, "resolution": 1024, "remesh": True}},
        {"settings": {"textureSize": 1024, "decimationTarget": 500_000, "shapeSlat": {}}},
    ],
)
def test_does_not_change_with_the_rest(delivery: dict[str, Any]) -> None:
    assert hashed({**BASE, **delivery}) == hashed(BASE)


def test_a_block_by_name_or_by_value_is_the_same() -> None:
    full = {"steps": 20, "guidanceStrength": 7.5, "guidanceRescale": 0.5, "rescaleT": 3.0}
    short = {"settings": {"shapeSlat": {"steps": 20}}}
    whole = {"settings": {"shapeSlat": {**full, "rescaleT": 3}}}
    assert hashed(short) == hashed(whole)


def test_the_hash_is_for_ever() -> None:
    """Stored generations are found by it: a change here loses every model that was paid for."""
    request = InferenceRequest(seed=7)
    assert spec_of(request, b"image", provider="runware").hash == (
        "518ebd3b893c42763798b4daaa6a31c421d6039cad61306370cf93c0c12b499c"
    )
