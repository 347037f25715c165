"""The client against replies in every shape that has been seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from trellis_assets.trellis2 import (
    InferenceRequest,
    PollPolicy,
    TrellisClient,
)
from trellis_assets.trellis2 import errors as e

from .conftest import KEY, PNG, quick_retry, tiny_glb

Work = Callable[[TrellisClient], Coroutine[Any, Any, Any]]


@pytest.mark.parametrize("balance", [4.5, {"amount": 4.5, "currency": "USD"}])
def test_balance_as_number_or_object(balance: Any) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        task = json.loads(request.content)[0]
        return httpx.Response(200, json={"data": [{**task, "balance": balance}]})

    assert mocked(answer, lambda c: c.balance()) == 4.5


def mocked(
    answer: Callable[[httpx.Request], httpx.Response],
    work: Work,
    **options: Any,
) -> Any:
    async def inside() -> Any:
        async with TrellisClient(
            base_url="https://api.example/v1",
            api_key=KEY,
            transport=httpx.MockTransport(answer),
            retry=quick_retry(),
            poll=PollPolicy(first_s=0.001, longest_s=0.005, deadline_s=2, registration_s=0.05),
            **options,
        ) as client:
            return await work(client)

    return asyncio.run(inside())


class Script:
    """Answers submissions and polls from lists, the last entry for ever."""

    def __init__(self, acks: list[Any], polls: list[Any]) -> None:
        self.acks, self.polls = acks, polls
        self.submitted: list[dict[str, Any]] = []
        self.polled = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, content=tiny_glb(str(request.url)))
        task = json.loads(request.content)[0]
        if task["taskType"] == "3dInference":
            self.submitted.append(task)
            answer = self.acks[min(len(self.submitted), len(self.acks)) - 1]
        else:
            self.polled += 1
            answer = self.polls[min(self.polled, len(self.polls)) - 1]
        if isinstance(answer, Exception):
            raise answer
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        text = json.dumps(body).replace("TASK", task["taskUUID"])
        return httpx.Response(status, content=text)


def result(name: str, **more: Any) -> dict[str, Any]:
    files = [{"uuid": name, "url": f"https://im.example/{name}.glb"}]
    return {"taskType": "3dInference", "taskUUID": "TASK", "outputs": {"files": files}, **more}


DONE = {"data": [result("f1", status="success")]}


ACK = {"data": [{"taskType": "3dInference", "taskUUID": "TASK"}]}


@pytest.mark.parametrize(
    "ack",
    [
        {"data": []},
        ACK,
        {"data": [{"taskType": "3dInference", "taskUUID": "TASK", "status": "processing"}]},
        DONE,
        {"data": [{"taskType": "authentication", "connectionSessionUUID": "s"}]},
        (400, {"data": [], "errors": [{"code": "conflictTaskUUID", "taskUUID": "TASK"}]}),
    ],
)
def test_every_acknowledgement(ack: Any) -> None:
    script = Script([ack], [DONE])
    got = mocked(script, lambda c: c.generate(InferenceRequest(), PNG))
    assert [model.result.uuid for model in got.models] == ["f1"]
    assert len(script.submitted) == 1


def test_a_lost_reply_repeats_the_same_task() -> None:
    conflict = (400, {"data": [], "errors": [{"code": "conflictTaskUUID", "taskUUID": "TASK"}]})
    script = Script([httpx.ReadTimeout("lost"), conflict], [DONE])
    mocked(script, lambda c: c.generate(InferenceRequest(), PNG))
    assert len(script.submitted) == 2
    assert script.submitted[0] == script.submitted[1]


@pytest.mark.parametrize(
    ("ack", "kind"),
    [
        ((402, {"errors": [{"code": "insufficientCredits"}]}), e.QuotaExhausted),
        ((400, {"data": [], "errors": [{"code": "insufficientCredits"}]}), e.QuotaExhausted),
        ((200, {"errors": [{"code": "invalidInputsImage", "taskUUID": "TASK"}]}), e.InvalidRequest),
        ((400, {"errors": [{"code": "contentPolicyViolation"}]}), e.SafetyRefused),
        ((400, {}), e.InvalidRequest),
    ],
)
def test_refused_submissions_cost_nothing(ack: Any, kind: type[e.TrellisError]) -> None:
    script = Script([ack], [DONE])
    with pytest.raises(kind) as caught:
        mocked(script, lambda c: c.generate(InferenceRequest(), PNG))
    assert caught.value.billed is False
    assert script.polled == 0


def test_a_refusal_after_a_lost_reply_leaves_doubt() -> None:
    refusal = (400, {"errors": [{"code": "insufficientCredits", "taskUUID": "TASK"}]})
    script = Script([httpx.ReadTimeout("lost"), refusal], [DONE])
    with pytest.raises(e.QuotaExhausted, match="not known") as caught:
        mocked(script, lambda c: c.generate(InferenceRequest(), PNG))
    assert caught.value.billed is None


def test_polls_survive_what_is_seen_in_the_wild() -> None:
    polls = [
        {"data": []},
        (404, {"errors": [{"code": "taskNotFound", "taskUUID": "TASK"}]}),
        {"data": [{"taskType": "3dInference", "taskUUID": "TASK", "status": "cogitating"}]},
        (503, "not an object"),
        (429, {"errors": [{"code": "rateLimitExceeded"}]}),
        {"data": [{"taskType": "3dInference", "taskUUID": "TASK", "progress": 40}]},
        {"data": [result("f1")]},
    ]
    script = Script([ACK], polls)
    assert len(mocked(script, lambda c: c.generate(InferenceRequest(), PNG)).models) == 1
    assert script.polled == len(polls)


def test_not_found_is_believed_after_the_registration_time() -> None:
    gone = (404, {"errors": [{"code": "taskNotFound", "taskUUID": "TASK"}]})
    with pytest.raises(e.TaskNotFound):
        mocked(Script([ACK], [gone]), lambda c: c.generate(InferenceRequest(), PNG))


def test_replies_are_cumulative() -> None:
    two = InferenceRequest(number_results=2)
    polls = [
        {"data": [result("f1"), {"taskUUID": "TASK", "status": "processing"}]},
        {"data": [result("f1"), {"taskUUID": "TASK", "status": "processing"}]},
        {"data": [result("f1", cost=0.01), result("f2", cost=0.02)]},
    ]
    got = mocked(Script([ACK], polls), lambda c: c.generate(two, PNG))
    assert [model.result.uuid for model in got.models] == ["f1", "f2"]
    assert got.cost == 0.03


def test_a_result_never_heard_of_does_not_hang() -> None:
    error = {"code": "providerError", "taskUUID": "TASK", "status": "error"}
    polls = [{"data": [result("f1")], "errors": [error]}]
    three = InferenceRequest(number_results=3)
    got = mocked(Script([ACK], polls), lambda c: c.generate(three, PNG))
    assert len(got.models) == 1


def test_one_error_for_a_task_of_several_results_ends_it() -> None:
    error = {"code": "providerError", "taskUUID": "TASK", "status": "error"}
    three = InferenceRequest(number_results=3)
    script = Script([ACK], [{"data": [], "errors": [error]}])
    with pytest.raises(e.ProviderFailed):
        mocked(script, lambda c: c.generate(three, PNG))


def test_an_early_error_does_not_hide_the_results_that_follow() -> None:
    error = {"code": "providerError", "taskUUID": "TASK", "status": "error"}
    polls = [{"errors": [error]}, {"data": [result("f1"), result("f2")], "errors": [error]}]
    three = InferenceRequest(number_results=3)
    assert len(mocked(Script([ACK], polls), lambda c: c.generate(three, PNG)).models) == 2


def test_the_request_s_own_secrets_are_not_echoed() -> None:
    request = InferenceRequest(
        webhook_url="https://a.example/TOKEN1", upload_endpoint="https://b.example/TOKEN2"
    )

    def answer(asked: httpx.Request) -> httpx.Response:
        text = asked.content.decode()
        error = {"code": "invalidWebhookURL", "message": text, "echo": json.loads(text)}
        return httpx.Response(400, json={"errors": [error]})

    with pytest.raises(e.InvalidRequest) as caught:
        mocked(answer, lambda c: c.generate(request, PNG))
    assert "TOKEN" not in f"{caught.value} {caught.value.raw}"


def test_our_patience_ends_the_task_goes_on() -> None:
    poll = {"data": [{"taskUUID": "TASK", "status": "processing"}]}
    script = Script([ACK], [poll])

    async def work(client: TrellisClient) -> Any:
        client._poll = PollPolicy(first_s=0.001, longest_s=0.002, deadline_s=0.03)
        return await client.generate(InferenceRequest(), PNG)

    with pytest.raises(e.StillRunning, match="polled, not bought again") as caught:
        mocked(script, work)
    assert caught.value.billed is None
    assert not caught.value.retryable


def test_a_refused_key_while_polling_is_not_the_end_of_the_task() -> None:
    refused = (401, {"errors": [{"code": "invalidApiKey"}]})
    with pytest.raises(e.AuthRefused):
        mocked(Script([ACK], [refused]), lambda c: c.generate(InferenceRequest(), PNG))


def test_old_servers_take_the_older_upload(tmp_path: Path) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        task = json.loads(request.content)[0]
        seen.append(task["taskType"])
        if task["taskType"] == "mediaStorage":
            error = {"code": "invalidTaskType", "parameter": "taskType"}
            return httpx.Response(400, json={"errors": [error]})
        answered = {"taskUUID": task["taskUUID"], "imageUUID": "m-1", "imageURL": "x"}
        return httpx.Response(200, json={"data": answered})

    assert mocked(answer, lambda c: c.image_reference(PNG), inline_limit=0) == "m-1"
    assert seen == ["mediaStorage", "imageUpload"]


def test_an_image_of_another_kind_is_refused_before_anything_is_sent() -> None:
    script = Script([ACK], [DONE])
    with pytest.raises(e.InvalidRequest, match="not a PNG"):
        mocked(script, lambda c: c.generate(InferenceRequest(), b"%PDF-1.4"))
    assert script.submitted == []
