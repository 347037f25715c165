"""Every shape of a reply that the contract lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trellis_assets.trellis2 import errors as e
from trellis_assets.trellis2.replies import TaskState, parse_envelope, task_state

WORDS = (
    "data", "errors", "error", "taskUUID", "taskType", "status", "outputs", "files", "url", "uuid",
    "cost", "seed", "code", "message", "parameter", "progress",
)  # fmt: skip
UUID = "6f1c2b0a-9d5e-4c38-8a57-0d2b7f4e1a90"


def state(body: Any, status: int = 200) -> TaskState:
    return task_state(parse_envelope(body, status), UUID)


def done(uuid: str = "f1", **more: Any) -> dict[str, Any]:
    files = [{"uuid": uuid, "url": f"https://im.example/{uuid}.glb"}]
    return {"taskType": "3dInference", "taskUUID": UUID, "outputs": {"files": files}, **more}


def running(**more: Any) -> dict[str, Any]:
    return {"taskType": "3dInference", "taskUUID": UUID, "status": "processing", **more}


@pytest.mark.parametrize(
    "body",
    [
        {"data": []},
        {},
        [],
        {"data": [{"taskType": "3dInference", "taskUUID": UUID}]},
        {"data": [running()]},
        {"data": [running(progress=40)]},
        {"data": [running(status="pending")]},
        {"data": [{"taskType": "authentication", "taskUUID": UUID}]},
        {"data": [done(taskUUID="00000000-0000-4000-8000-000000000000", status="success")]},
        {"data": ["junk", 5, None], "errors": "junk"},
        "junk",
        None,
    ],
)
def test_not_finished(body: Any) -> None:
    assert not state(body).is_final(1)


@pytest.mark.parametrize(
    "body",
    [
        {"data": [done(status="success", seed=7, cost=0.0261)]},
        {"data": [done(seed=7, cost=0.0261)]},
        [done(seed=7, cost=0.0261)],
        {"data": done(seed=7, cost=0.0261)},
        {"data": [done(seed=7, cost=0.0261, nsfw=None, extra={"a": 1})], "more": 1},
        {"data": [done(seed=7, cost=0.0261, taskUUID=UUID.upper())]},
    ],
)
def test_finished(body: Any) -> None:
    found = state(body)
    assert found.is_final(1)
    assert [(each.uuid, each.seed, each.cost) for each in found.files] == [("f1", 7, 0.0261)]
    assert found.cost == 0.0261


def test_model_url_as_a_fallback() -> None:
    item = {"taskType": "3dInference", "taskUUID": UUID, "modelURL": "https://x.example/a.glb"}
    assert state({"data": [item]}).files[0].url == "https://x.example/a.glb"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": [], "errors": [{"code": "providerError", "taskUUID": UUID}]}, 400),
        ({"errors": [{"code": "providerError", "taskUUID": UUID, "status": "error"}]}, 200),
        ({"errors": [{"code": "providerError", "status": "error"}]}, 200),
        ({"data": [running(status="error", error={"code": "providerError"})]}, 200),
        ({"data": [running(status="error", code="providerError", message="x")]}, 200),
        (
            {
                "data": [running(status="error")],
                "errors": [{"code": "providerError", "taskUUID": UUID}],
            },
            200,
        ),
        ({"error": {"code": "providerError"}, "taskUUID": UUID}, 400),
    ],
)
def test_failed(body: Any, status: int) -> None:
    found = state(body, status)
    assert found.is_final(1)
    assert [type(each) for each in found.failures] == [e.ProviderFailed]
    assert found.failures[0].billed is None


def test_bare_error_item_is_a_failure_of_its_own() -> None:
    found = state({"data": [running(status="error")]})
    assert len(found.failures) == 1


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_an_error_of_the_poll_is_not_one_of_the_task(status: int) -> None:
    found = state({"errors": [{"code": "rateLimitExceeded", "taskUUID": UUID}]}, status)
    assert not found.failures
    assert not found.mentioned


def test_an_error_of_another_task_is_not_ours() -> None:
    other = "00000000-0000-4000-8000-000000000000"
    assert not state({"errors": [{"code": "x", "taskUUID": other, "status": "error"}]}).failures


def test_several_results_partly_failed() -> None:
    body = {
        "data": [done("f1", cost=0.01), done("f2", cost=0.02)],
        "errors": [{"code": "providerError", "taskUUID": UUID, "status": "error"}],
    }
    found = state(body)
    assert not found.is_final(4)
    assert found.is_final(3)
    assert found.cost == 0.03
    assert not state({**body, "data": [*body["data"], running()]}).is_final(3)


def test_one_item_with_several_files_costs_once() -> None:
    item = done("f1", cost=0.05)
    item["outputs"]["files"].append({"uuid": "f2", "url": "https://im.example/f2.glb"})
    found = state({"data": [item]})
    assert len(found.files) == 2
    assert found.cost == 0.05


def test_the_same_file_twice_counts_once() -> None:
    assert len(state({"data": [done("f1"), done("f1")]}).files) == 1


def test_unknown_words_are_running_and_reported() -> None:
    found = state({"data": [running(status="cogitating")]})
    assert found.running == 1
    assert found.unknown_words == ("cogitating",)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(WORDS),
                inner | st.just(UUID),
                max_size=6,
            )
        ),
        max_leaves=25,
    ),
    st.sampled_from([200, 400, 401, 404, 429, 500]),
)
def test_no_reply_can_break_the_parser(body: Any, status: int) -> None:
    found = state(body, status)
    assert isinstance(found.is_final(1), bool)
    assert found.cost is None or found.cost >= 0
