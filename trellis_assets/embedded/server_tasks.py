"""What the server answers to each task of an array. The good ones run, whatever the others do."""

from __future__ import annotations

import base64
import binascii
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.to_thread

from trellis_assets.embedded import server_rules as rules
from trellis_assets.embedded.server_delivery import LARGEST_IMAGE
from trellis_assets.embedded.server_jobs import Closing, Jobs, KnownTask, NoCredit, QueueFull
from trellis_assets.embedded.server_state import Job, JobState, Result

_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")


@dataclass
class Answer:
    """The items and errors of a reply; ``refused`` is the HTTP status of the first refusal."""

    data: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 200

    @property
    def status(self) -> int:
        """200 when anything went well, else the status of the first refusal."""
        return 200 if self.data else self.refused

    def refuse(self, status: int, errors: Sequence[Mapping[str, Any]], **common: Any) -> None:
        """Add errors, each with ``common`` (taskUUID, taskType)."""
        self.refused = status if self.refused == 200 else self.refused
        known = {key: value for key, value in common.items() if value is not None}
        self.errors += [{**each, **known} for each in errors]


class TaskDesk:
    """Answers arrays of tasks."""

    def __init__(
        self,
        jobs: Jobs,
        state: JobState,
        *,
        sync_window: float,
        extra_settings: frozenset[str],
        allow_image_urls: bool,
    ) -> None:
        self._jobs, self._state = jobs, state
        self._sync_window = sync_window
        self._extra_settings = extra_settings
        self._allow_image_urls = allow_image_urls

    async def answer(self, tasks: Sequence[Mapping[str, Any]], base_url: str) -> Answer:
        """The reply to all tasks, once the synchronous ones among them are done."""
        answer = Answer()
        waiting: list[Job] = []
        for task in tasks:
            job = await anyio.to_thread.run_sync(self._handle, task, base_url, answer)
            if job is not None:
                waiting.append(job)
        deadline = time.monotonic() + self._sync_window
        for job in waiting:
            # Jobs end on threads and may be awaited from any number of event loops.
            while not job.done and time.monotonic() < deadline:  # noqa: ASYNC110
                await anyio.sleep(0.01)
            if job.done:
                self._report(job, base_url, answer, with_status=False)
            else:
                message = "The result was not ready in time; poll it with getResponse."
                late = {"code": "timeoutSyncDelivery", "message": message}
                answer.refuse(504, [late], taskUUID=job.task_uuid, taskType="3dInference")
        return answer

    def _handle(self, task: Mapping[str, Any], base_url: str, answer: Answer) -> Job | None:
        """Answer one task; returns its job when the reply has to wait for it."""
        kind = task.get("taskType")
        if kind == "3dInference":
            return self._inference(task, base_url, answer)
        if kind == "getResponse":
            self._poll(task, base_url, answer)
        elif kind in ("imageUpload", "mediaStorage"):
            self._media(task, answer)
        elif kind == "accountManagement":
            self._account(task, answer)
        elif kind == "ping":
            answer.data.append({"taskType": "ping", "pong": True})
        else:
            message = "The taskType is missing or not supported."
            refusal = {"code": "invalidTaskType", "message": message, "parameter": "taskType"}
            answer.refuse(400, [refusal], taskUUID=rules.canonical_uuid(task.get("taskUUID")))
        return None

    def _inference(self, task: Mapping[str, Any], base_url: str, answer: Answer) -> Job | None:
        task_uuid = rules.task_uuid_of(task)
        common = {"taskUUID": task_uuid, "taskType": "3dInference"}
        wrong = rules.violations(task, extra_settings=self._extra_settings)
        if wrong or task_uuid is None:
            answer.refuse(400, wrong, **common)
            return None
        image = self._image(task["inputs"]["image"])
        if isinstance(image, dict):
            answer.refuse(400, [image], **common)
            return None
        body = {name: value for name, value in task.items() if name != "inputs"}
        body["settings"] = rules.effective_settings(task)
        try:
            job = self._jobs.submit(task_uuid, body, image, base_url=base_url)
        except (KnownTask, QueueFull, NoCredit, Closing) as refusal:
            status, error = _refusal(refusal)
            answer.refuse(status, [error], **common)
            return None
        if task.get("deliveryMethod") == "sync" and "webhookURL" not in task:
            return job
        answer.data.append({"taskType": "3dInference", "taskUUID": task_uuid})
        return None

    def _image(self, given: str) -> bytes | str | dict[str, Any]:
        """The bytes of an image reference, an address to fetch later, or the error object."""
        if media_uuid := rules.canonical_uuid(given):
            media = self._state.media(media_uuid)
            return media if media is not None else _bad_image("names no stored media")
        if given.startswith(("http://", "https://")):
            usable = self._allow_image_urls and rules.is_web_address(given)
            return given if usable else _bad_image("is an address that is not followed")
        data = decode_image(given)
        return data if data is not None else _bad_image("is not a readable image")

    def _poll(self, task: Mapping[str, Any], base_url: str, answer: Answer) -> None:
        task_uuid = rules.canonical_uuid(task.get("taskUUID"))
        if task_uuid is None:
            error = {
                "code": "invalidTaskUUID",
                "message": "The parameter 'taskUUID' must be a UUID.",
                "parameter": "taskUUID",
            }
            answer.refuse(400, [error], taskType="getResponse")
            return
        job = self._jobs.find(task_uuid)
        if job is not None:
            self._report(job, base_url, answer, with_status=True)
            return
        message = "No task with this taskUUID was accepted."
        error = {"code": "taskNotFound", "message": message, "status": "error"}
        answer.refuse(404, [error], taskUUID=task_uuid, taskType="3dInference")

    def _report(self, job: Job, base_url: str, answer: Answer, *, with_status: bool) -> None:
        """All items of a task: cumulative, in stable order."""
        for result in job.results:
            item = item_of(job, result, base_url)
            if result.status == "error":
                answer.errors.append(item)
                continue
            if with_status:
                item["status"] = result.status
            answer.data.append(item)

    def _media(self, task: Mapping[str, Any], answer: Answer) -> None:
        kind = str(task["taskType"])
        common = {"taskUUID": task.get("taskUUID"), "taskType": kind}
        old = kind == "imageUpload"
        given = task.get("image" if old else "media")
        operation = "upload" if old else task.get("operation")
        if operation == "delete" and (media_uuid := rules.canonical_uuid(given)):
            if not self._state.drop_media(media_uuid):
                error = {"code": "mediaNotFound", "message": "No such media."}
                answer.refuse(404, [error], **common)
            else:
                answer.data.append({**common, "operation": "delete", "mediaUUID": media_uuid})
            return
        data = decode_image(given) if isinstance(given, str) and operation == "upload" else None
        if data is None:
            parameter = ("image" if old else "media") if operation == "upload" else "operation"
            message = f"The parameter '{parameter}' is missing or not usable."
            code = "invalidMedia" if operation == "upload" else "invalidOperation"
            error = {"code": code, "message": message, "parameter": parameter}
            answer.refuse(400, [error], **common)
            return
        media_uuid = str(uuid.uuid4())
        self._state.store_media(media_uuid, data)
        told = (
            {"imageUUID": media_uuid} if old else {"operation": "upload", "mediaUUID": media_uuid}
        )
        answer.data.append({**common, **told})

    def _account(self, task: Mapping[str, Any], answer: Answer) -> None:
        common = {"taskUUID": task.get("taskUUID"), "taskType": "accountManagement"}
        if task.get("operation") != "getDetails":
            error = {
                "code": "invalidOperation",
                "message": "The operation must be getDetails.",
                "parameter": "operation",
                "allowedValues": ["getDetails"],
            }
            answer.refuse(400, [error], **common)
            return
        balance = self._jobs.balance()
        amount = {"amount": 0.0 if balance is None else balance, "currency": "USD"}
        answer.data.append({**common, "operation": "getDetails", "balance": amount})


def item_of(job: Job, result: Result, base_url: str) -> dict[str, Any]:
    """The item of one result, as a reply or webhook shows it: running, finished or failed."""
    item: dict[str, Any] = {"taskType": "3dInference", "taskUUID": job.task_uuid}
    if result.status == "error":
        return {**item, "status": "error", "code": result.code, "message": result.message}
    if result.status == "processing":
        return {**item, "status": "processing", "progress": round(result.progress)}
    url = f"{base_url}/results/{result.file_uuid}.glb"
    item["outputs"] = {"files": [{"uuid": result.file_uuid, "url": url}]}
    item["seed"] = result.seed
    if job.body.get("includeCost"):
        item["cost"] = result.cost
    return item


def decode_image(given: str) -> bytes | None:
    """The bytes of a data URI or of bare base64, when they begin like an image; else None."""
    text = given.partition(",")[2] if given.startswith("data:") else given
    if len(text) > LARGEST_IMAGE * 4 // 3 + 4:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if data.startswith(_SIGNATURES) else None


def _bad_image(problem: str) -> dict[str, Any]:
    return {
        "code": "invalidInputsImage",
        "message": f"The parameter 'inputs.image' {problem}.",
        "parameter": "inputs.image",
    }


def _refusal(refusal: Exception) -> tuple[int, dict[str, Any]]:
    if isinstance(refusal, KnownTask):
        message = "A task with this taskUUID was accepted before."
        return 400, {"code": "conflictTaskUUID", "message": message, "parameter": "taskUUID"}
    if isinstance(refusal, QueueFull):
        return 429, {"code": "rateLimitExceeded", "message": "The queue is full. Try again later."}
    if isinstance(refusal, NoCredit):
        return 402, {"code": "insufficientCredits", "message": "The balance is too low."}
    return 503, {"code": "serviceUnavailable", "message": "The server is shutting down."}
