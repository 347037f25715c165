"""The asynchronous client of the generation API: submit, poll, download, generate."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
import uuid
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from trellis_assets import __version__
from trellis_assets.trellis2 import images
from trellis_assets.trellis2.classify import error_from_item
from trellis_assets.trellis2.download import Downloaded, Downloader
from trellis_assets.trellis2.errors import (
    ServerFailed,
    StillRunning,
    TaskConflict,
    TaskNotFound,
)
from trellis_assets.trellis2.exchange import Exchange
from trellis_assets.trellis2.logs import hide_paths_in_logs
from trellis_assets.trellis2.outcomes import (
    Generated,
    GeneratedFile,
    ProgressCallback,
    Submission,
    Waker,
    tell,
)
from trellis_assets.trellis2.pacing import PollPolicy, RetryPolicy
from trellis_assets.trellis2.replies import TaskState, task_state
from trellis_assets.trellis2.secret import ApiKey
from trellis_assets.trellis2.tasks import InferenceRequest, InferenceTask
from trellis_assets.trellis2.uploads import ResultUpload

log = logging.getLogger(__name__)
HOSTED_URL = "https://api.runware.ai/v1"
LARGEST_DOWNLOAD = 512 * 2**20
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
# A synchronous reply holds the finished result; hints in the field put its window at 120 s.
_SYNC_TIMEOUT = httpx.Timeout(180.0, connect=10.0)


class TrellisClient:
    """One connection pool to one server of the API. Use it as ``async with``, on one event loop.

    ``transport`` replaces the network: ``httpx.ASGITransport(app=create_app(...))`` reaches a
    server in this process. ``provider`` names the server in the ledger (``runware``,
    ``embedded``): results of different providers are never mistaken for each other. The key goes
    only to ``base_url``, never to the addresses of results. ``upload`` is where the service is to
    send results as well.
    """

    def __init__(
        self,
        *,
        base_url: str = HOSTED_URL,
        api_key: ApiKey | str | None = None,
        provider: str = "runware",
        transport: httpx.AsyncBaseTransport | None = None,
        retry: RetryPolicy | None = None,
        poll: PollPolicy | None = None,
        waker: Waker | None = None,
        upload: ResultUpload | None = None,
        inline_limit: int = images.INLINE_LIMIT,
        largest_download: int = LARGEST_DOWNLOAD,
        downloads_at_once: int = 4,
        submissions_at_once: int = 8,
    ) -> None:
        hide_paths_in_logs()
        key = ApiKey(api_key) if isinstance(api_key, str) else api_key
        retry = retry or RetryPolicy()
        self.provider = provider
        self.largest_download = largest_download
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=_TIMEOUT,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
            headers={"User-Agent": f"trellis-assets/{__version__}"},
        )
        self._exchange = Exchange(self._http, base_url, key, retry)
        self._downloader = Downloader(self._http, base_url, retry, largest_download)
        self._downloads = asyncio.Semaphore(downloads_at_once)
        self._submissions = asyncio.Semaphore(submissions_at_once)
        self._poll = poll or PollPolicy()
        self._waker = waker
        self.upload = upload
        self._inline_limit = inline_limit

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. Tasks at the service go on: there is no cancel."""
        await self._http.aclose()

    async def image_reference(self, image: bytes) -> str:
        """What to send as ``inputs.image``: a data URI up to the inline limit, above it the UUID
        of an upload.
        """
        if len(image) <= self._inline_limit:
            return images.data_uri(image)
        return await images.upload(self._exchange, image)

    async def submit_image(
        self, request: InferenceRequest, image: bytes | str, *, task_uuid: str
    ) -> Submission:
        """Hand a task in for an image: its bytes, or a reference (UUID, URL, data URI, base64).

        A few at a time, because a request holds its image three times over while it is sent:
        a thousand tasks may be in flight, but not a thousand encoded images.
        """
        async with self._submissions:
            reference = image if isinstance(image, str) else await self.image_reference(image)
            return await self.submit(request.task(image=reference, task_uuid=task_uuid))

    async def submit(self, task: InferenceTask) -> Submission:
        """Hand a task in. Repeating it with the same ``taskUUID`` is safe and buys nothing twice.

        Raises the refusal. Its ``billed`` is None when an earlier try may have been accepted
        unanswered: then submit the same task again, or poll it.
        """
        timeout = _SYNC_TIMEOUT if task.request.delivery_method == "sync" else None
        exchanged = await self._exchange.post([task.wire()], limits=timeout)
        reply, scrub = exchanged.envelope, partial(self._scrub, task.request)
        state = task_state(reply, task.task_uuid, scrub=scrub)
        if state.files or state.running:
            return Submission(state, repeated=False)
        for item in reply.errors:
            if str(item.get("taskUUID") or task.task_uuid).lower() != task.task_uuid:
                continue
            ran = item.get("status") == "error"  # a synchronous task that was accepted and failed
            error = error_from_item(
                item,
                http_status=reply.http_status,
                task_uuid=task.task_uuid,
                accepted=ran,
                scrub=scrub,
            )
            if isinstance(error, TaskConflict):
                return Submission(TaskState(task.task_uuid), repeated=True)
            if exchanged.uncertain:
                error.billed = None
            raise error
        if state.failures:
            raise state.failures[0]
        if reply.http_status >= 400:
            raise error_from_item({}, http_status=reply.http_status, task_uuid=task.task_uuid)
        return Submission(state, repeated=False)

    async def poll_once(self, task_uuid: str) -> TaskState:
        """Ask once. Free, changes nothing, and gives the same answer again after the end."""
        asked = {"taskType": "getResponse", "taskUUID": task_uuid}
        reply = (await self._exchange.post([asked])).envelope
        state = task_state(reply, task_uuid, scrub=self._exchange.scrub)
        if not state.mentioned and reply.errors:
            # The poll itself was refused, with an error that names no task.
            error = error_from_item(
                reply.errors[0],
                http_status=reply.http_status,
                task_uuid=task_uuid,
                accepted=True,
                scrub=self._exchange.scrub,
            )
            raise error
        if state.unknown_words:
            log.warning(
                "task %s: unknown status %s, taken as running",
                task_uuid,
                ", ".join(state.unknown_words),
            )
        return state

    async def wait(
        self, task_uuid: str, *, expected: int = 1, progress: ProgressCallback | None = None
    ) -> TaskState:
        """Poll until all ``expected`` results are there or will not come. Raises ``StillRunning``
        after the deadline: the task goes on, and a later call resumes it.
        """
        started = time.monotonic()
        last: TaskState | None = None
        same = 0
        for pause in self._poll.pauses():
            await self._pause(task_uuid, pause)
            state = await self.poll_once(task_uuid)
            waited = time.monotonic() - started
            if _not_registered_yet(state) and waited < self._poll.registration_s:
                state = TaskState(task_uuid)
            if state.is_final(expected):
                return state
            same = same + 1 if _same(state, last) else 0
            if same >= 3 and state.failures and not state.running:
                return state  # part has failed, part is never heard of: nothing more will come
            last = state
            share = None if state.progress is None else state.progress / 100
            tell(progress, task_uuid, "processing", share, f"{waited:.0f} s")
            if waited > self._poll.deadline_s:
                raise StillRunning(
                    f"not finished after {waited:.0f} s, the limit is {self._poll.deadline_s:.0f}",
                    task_uuid=task_uuid,
                )
        raise AssertionError("unreachable: the pauses are endless")

    async def download(self, url: str, into: Path) -> Downloaded:
        """Stream a result to a file, without the key; a few at a time. See ``Downloader``."""
        async with self._downloads:
            return await self._downloader.fetch(url, into)

    async def generate(
        self,
        request: InferenceRequest,
        image: bytes | str,
        *,
        progress: ProgressCallback | None = None,
    ) -> Generated:
        """Submit, wait and download, without a ledger: for tools and trials. A crash on the way
        loses the task; ``generate_once`` does not. Raises the failure when no result came.
        """
        task_uuid, expected = str(uuid.uuid4()), request.number_results or 1
        submission = await self.submit_image(request, image, task_uuid=task_uuid)
        tell(progress, task_uuid, "submitted", None, "")
        state = submission.state
        if not state.is_final(expected):
            state = await self.wait(task_uuid, expected=expected, progress=progress)
        if not state.files:
            raise state.failures[0]
        models = []
        with tempfile.TemporaryDirectory(prefix="trellis-") as folder:
            for number, result in enumerate(state.files):
                tell(progress, task_uuid, "downloading", number / len(state.files), "")
                path = Path(folder) / f"{number}.glb"
                await self.download(result.url, path)
                models.append(GeneratedFile(result, path.read_bytes()))
        return Generated(task_uuid, tuple(models), state.failures, state.cost)

    async def balance(self) -> float:
        """The account's balance in the currency of the account (USD)."""
        asked = {
            "taskType": "accountManagement",
            "taskUUID": str(uuid.uuid4()),
            "operation": "getDetails",
        }
        reply = (await self._exchange.post([asked])).envelope
        for item in reply.data:
            told = item.get("balance")
            amount = told.get("amount") if isinstance(told, Mapping) else told
            if isinstance(amount, (int, float)) and not isinstance(amount, bool):
                return float(amount)
        if reply.errors:
            raise error_from_item(
                reply.errors[0], http_status=reply.http_status, scrub=self._exchange.scrub
            )
        raise ServerFailed("the account was answered without a balance", billed=False)

    def _scrub(self, request: InferenceRequest, text: str) -> str:
        """``text`` without the key and without the request's own secret addresses."""
        for address in (request.webhook_url, request.upload_endpoint):
            text = text.replace(address, "****") if address else text
        return self._exchange.scrub(text)

    async def _pause(self, task_uuid: str, seconds: float) -> None:
        if self._waker is None:
            await asyncio.sleep(seconds)
        else:
            await self._waker.pause(task_uuid, seconds)


def _not_registered_yet(state: TaskState) -> bool:
    return not state.files and any(isinstance(each, TaskNotFound) for each in state.failures)


def _same(state: TaskState, other: TaskState | None) -> bool:
    return other is not None and (
        [each.uuid for each in state.files] == [each.uuid for each in other.files]
        and len(state.failures) == len(other.failures)
    )
