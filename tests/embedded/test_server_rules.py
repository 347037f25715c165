"""Every limit of the page, with the documented hints."""

from __future__ import annotations

from typing import Any

import pytest

from trellis_assets.embedded.server_rules import canonical_uuid, effective_settings, violations

TASK: dict[str, Any] = {
    "taskType": "3dInference",
    "taskUUID": "6f1c2b0a-9d5e-4c38-8a57-0d2b7f4e1a90",
    "model": "microsoft:trellis-2@4b",
    "inputs": {"image": "aGVsbG8="},
}


def test_the_smallest_task_is_fine() -> None:
    assert violations(TASK) == []


@pytest.mark.parametrize("name", ["taskUUID", "model", "inputs"])
def test_required(name: str) -> None:
    (error,) = violations({key: value for key, value in TASK.items() if key != name})
    assert error["code"] == f"missing{name[0].upper()}{name[1:]}"
    assert error["parameter"] == name


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"ttl": 59},
            {"code": "invalidTtl", "parameter": "ttl", "type": "integer", "min": 60},
        ),
        (
            {"numberResults": 5},
            {"code": "invalidNumberResults", "type": "integer", "min": 1, "max": 4},
        ),
        (
            {"settings": {"resolution": 768}},
            {
                "code": "invalidSettingsResolution",
                "parameter": "settings.resolution",
                "allowedValues": [512, 1024, 1536],
            },
        ),
        (
            {"settings": {"textureSize": 1536}},
            {"parameter": "settings.textureSize", "min": 1024, "max": 4096, "multiplier": 1024},
        ),
        (
            {"settings": {"shapeSlat": {"guidanceStrength": 11}}},
            {"parameter": "settings.shapeSlat.guidanceStrength", "type": "float", "max": 10},
        ),
        ({"settings": {"remesh": 1}}, {"parameter": "settings.remesh", "type": "boolean"}),
        ({"seed": 2**63}, {"parameter": "seed", "max": 2**63 - 1}),
        ({"seed": True}, {"parameter": "seed", "type": "integer"}),
        ({"webhookURL": "x"}, {"parameter": "webhookURL", "type": "string"}),
        ({"model": "other"}, {"parameter": "model", "allowedValues": [TASK["model"]]}),
        ({"inputs": {}}, {"code": "missingInputsImage", "parameter": "inputs.image"}),
        ({"inputs": {"image": ""}}, {"code": "invalidInputsImage"}),
        ({"positivePrompt": "x"}, {"code": "unsupportedParameter", "parameter": "positivePrompt"}),
        ({"seed": None}, {"parameter": "seed"}),
        (
            {"settings": {"textureFormat": "PNG"}},
            {"code": "unsupportedParameter", "parameter": "settings.textureFormat"},
        ),
        (
            {"settings": {"texSlat": {"x": 1}}},
            {"code": "unsupportedParameter", "parameter": "settings.texSlat.x"},
        ),
    ],
)
def test_hints(change: dict[str, Any], expected: dict[str, Any]) -> None:
    (error,) = violations({**TASK, **change})
    assert {key: error.get(key) for key in expected} == expected
    assert error["parameter"] in error["message"]


def test_all_violations_are_told_at_once() -> None:
    assert len(violations({**TASK, "ttl": 1, "seed": -1, "settings": {"remesh": 2, "x": 1}})) == 4


def test_undocumented_settings_by_leave_of_the_generator() -> None:
    task = {**TASK, "settings": {"textureFormat": "PNG"}}
    assert violations(task, extra_settings=frozenset({"textureFormat"})) == []


def test_defaults_of_the_page() -> None:
    assert effective_settings({"settings": {"textureSize": 4096}}) == {
        "resolution": 1024, "decimationTarget": 500_000, "remesh": True, "textureSize": 4096,
    }  # fmt: skip


@pytest.mark.parametrize(
    "value", ["", None, 5, "../../../../../../../etc/passwd/aaaaaaa", "z" * 36, "{6f1c2b0a}"]
)
def test_only_uuids_become_file_names(value: object) -> None:
    assert canonical_uuid(value) is None
