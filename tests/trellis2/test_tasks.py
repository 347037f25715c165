"""Every option of the model page: sent under its name, checked, and absent when unset."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trellis_assets.embedded.server_rules import violations
from trellis_assets.trellis2 import (
    InferenceRequest,
    InvalidRequest,
    Settings,
    ShapeSlat,
    SparseStructure,
    TexSlat,
    parse_request,
)

UUID4 = "6f1c2b0a-9d5e-4c38-8a57-0d2b7f4e1a90"
BLOCKS = ("sparseStructure", "shapeSlat", "texSlat")


def wire(options: dict[str, Any]) -> dict[str, Any]:
    return parse_request(options).task(image="aGVsbG8=", task_uuid=UUID4).wire()


def test_only_the_required_is_sent_when_nothing_is_set() -> None:
    assert wire({}) == {
        "taskType": "3dInference",
        "taskUUID": UUID4,
        "model": "microsoft:trellis-2@4b",
        "inputs": {"image": "aGVsbG8="},
    }


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("outputType", ["URL"], ["url", "dataURI", 1]),
        ("outputFormat", ["GLB"], ["OBJ", ""]),
        ("webhookURL", ["https://a.example/x?t=1"], ["ftp://a.example", "nonsense", 5, "https://"]),
        ("deliveryMethod", ["sync", "async"], ["stream", "", True]),
        ("uploadEndpoint", ["https://b.example/put?sig=x"], ["file:///etc/passwd", "x"]),
        ("ttl", [60, 10**9], [59, 0, -1, 60.5, "60", True]),
        ("includeCost", [True, False], ["yes", 1, "true"]),
        ("numberResults", [1, 2, 3, 4], [0, 5, 1.5, True, "2"]),
        ("seed", [0, 7, 2**63 - 1], [-1, 2**63, 1.5, True, "7"]),
    ],
)
def test_top_level_option(name: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert wire({name: value})[name] == value
    for value in bad:
        with pytest.raises(InvalidRequest) as caught:
            parse_request({name: value})
        assert caught.value.parameter == name
        assert caught.value.billed is False


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("resolution", [512, 1024, 1536], [0, 513, 2048, "1024", True]),
        ("decimationTarget", [100_000, 500_000, 1_000_000], [99_999, 1_000_001, 1.5e5, "200000"]),
        ("remesh", [True, False], [0, 1, "true"]),
        ("textureSize", [1024, 2048, 3072, 4096], [1000, 1536, 0, 5120, "2048"]),
    ],
)
def test_setting(name: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert wire({"settings": {name: value}})["settings"] == {name: value}
    for value in bad:
        with pytest.raises(InvalidRequest, match=f"settings.{name}"):
            parse_request({"settings": {name: value}})


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("steps", [1, 12, 50], [0, 51, 1.5, True]),
        ("guidanceStrength", [1, 7.5, 10.0], [0.99, 10.01, float("nan"), float("inf"), "7"]),
        ("guidanceRescale", [0, 0.5, 1.0], [-0.1, 1.1, float("nan")]),
        ("rescaleT", [1, 3.0, 6.0], [0.9, 6.1, float("nan")]),
    ],
)
def test_sampler_parameter(block: str, name: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        sent = wire({"settings": {block: {name: value}}})["settings"][block]
        assert sent[name] == value
        assert set(sent) == {"steps", "guidanceStrength", "guidanceRescale", "rescaleT"}
    for value in bad:
        with pytest.raises(InvalidRequest, match=f"settings.{block}.{name}"):
            parse_request({"settings": {block: {name: value}}})


def test_a_partial_block_is_completed_with_its_own_stage() -> None:
    settings = Settings(
        sparse_structure=SparseStructure(steps=20),
        shape_slat=ShapeSlat(steps=20),
        tex_slat=TexSlat(steps=20),
    ).wire()
    rest = {block: tuple(list(settings[block].values())[1:]) for block in BLOCKS}
    assert rest["sparseStructure"] == (7.5, 0.7, 5.0)
    assert rest["shapeSlat"] == (7.5, 0.5, 3.0)
    assert rest["texSlat"] == (1.0, 0.0, 3.0)


def test_an_empty_block_is_not_sent() -> None:
    assert "settings" not in wire({"settings": {"shapeSlat": {}}})


def test_python_names_are_accepted_too() -> None:
    assert InferenceRequest(settings=Settings(texture_size=1024), number_results=2) == (
        parse_request({"settings": {"textureSize": 1024}, "numberResults": 2})
    )


@pytest.mark.parametrize(
    "options",
    [
        {"foo": 1},
        {"settings": {"foo": 1}},
        {"settings": {"shapeSlat": {"foo": 1}}},
        {"positivePrompt": "a chair"},
    ],
)
def test_unknown_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        parse_request(options)


def test_undocumented_settings_need_the_escape() -> None:
    sent = wire({"settings": {"remesh": True, "extra": {"textureFormat": "PNG"}}})["settings"]
    assert sent == {"remesh": True, "textureFormat": "PNG"}


@pytest.mark.parametrize("extra", [{"remesh": 1}, {"texture_size": 1}, {"x": float("inf")}])
def test_the_escape_cannot_hide_a_documented_setting(extra: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=r"settings\.extra"):
        parse_request({"settings": {"extra": extra}})


def test_one_upload_address_takes_one_result() -> None:
    with pytest.raises(InvalidRequest, match="one result"):
        parse_request({"uploadEndpoint": "https://b.example/x", "numberResults": 2})


def test_task_uuid_must_be_version_4() -> None:
    for wrong in ("nonsense", "6f1c2b0a-9d5e-1c38-8a57-0d2b7f4e1a90"):
        with pytest.raises(ValidationError):
            InferenceRequest().task(image="x", task_uuid=wrong)


def test_signed_addresses_are_in_no_repr_and_no_error() -> None:
    request = InferenceRequest(
        webhook_url="https://a.example/TOKEN1", upload_endpoint="https://b.example/?sig=TOKEN2"
    )
    assert "TOKEN" not in repr(request) + repr(request.task(image="x", task_uuid=UUID4))
    for name in ("webhookURL", "uploadEndpoint", "webhook_url", "upload_endpoint"):
        with pytest.raises(InvalidRequest) as caught:
            parse_request({name: "ftp://x/TOKEN"})
        assert "TOKEN" not in str(caught.value) + repr(caught.value)
    with pytest.raises(ValidationError) as raw:
        InferenceRequest(webhook_url="ftp://x/TOKEN")
    assert "TOKEN" not in str(raw.value)


def sampler() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "steps": st.integers(1, 50),
            "guidanceStrength": st.floats(1, 10),
            "guidanceRescale": st.floats(0, 1),
            "rescaleT": st.floats(1, 6),
        },
    )


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "seed": st.integers(0, 2**63 - 1),
            "numberResults": st.integers(1, 4),
            "ttl": st.integers(60, 10**7),
            "includeCost": st.booleans(),
            "deliveryMethod": st.sampled_from(["sync", "async"]),
            "settings": st.fixed_dictionaries(
                {},
                optional={
                    "resolution": st.sampled_from([512, 1024, 1536]),
                    "decimationTarget": st.integers(100_000, 1_000_000),
                    "remesh": st.booleans(),
                    "textureSize": st.sampled_from([1024, 2048, 3072, 4096]),
                    **{block: sampler() for block in BLOCKS},
                },
            ),
        },
    )
)
def test_whatever_the_models_accept_the_server_accepts(options: dict[str, Any]) -> None:
    sent = json.loads(json.dumps(wire(options)))
    assert violations(sent) == []


@given(st.integers(-(2**70), 2**70), st.sampled_from(["seed", "ttl", "numberResults"]))
def test_both_sides_draw_the_same_line(value: int, name: str) -> None:
    sent = {**wire({}), name: value}
    try:
        parse_request({name: value})
    except InvalidRequest:
        assert [each["parameter"] for each in violations(sent)] == [name]
    else:
        assert violations(sent) == []
