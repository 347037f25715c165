"""A server that speaks the generation API around any generator, as an ASGI application."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from trellis_assets.embedded.server_delivery import Outbound, WebhookRetry
from trellis_assets.embedded.server_jobs import Generator, Jobs
from trellis_assets.embedded.server_rules import canonical_uuid
from trellis_assets.embedded.server_state import Job, JobState, Result
from trellis_assets.embedded.server_tasks import Answer, TaskDesk, item_of

LARGEST_BODY = 64 * 2**20  # bytes of JSON; an inline image of 32 MiB is 43 MiB of base64


def create_app(
    generator: Generator,
    *,
    state_dir: Path | None = None,
    api_key: str | None = None,
    workers: int = 1,
    queue: int = 64,
    price: Callable[[Mapping[str, Any]], float] = lambda _settings: 0.0,
    credit: float | None = None,
    default_ttl: float = 7 * 86400.0,
    sync_window: float = 120.0,
    extra_settings: frozenset[str] = frozenset(),
    public_url: str | None = None,
    allow_image_urls: bool = True,
    outbound_transport: httpx.AsyncBaseTransport | None = None,
    webhook_retry: WebhookRetry | None = None,
    webhook_shape: Callable[[Mapping[str, Any]], Sequence[Mapping[str, Any]]] | None = None,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """The application: ``POST /v1`` for everything, ``GET /results/<uuid>.glb`` for models.

    ``state_dir`` makes it durable: tasks, images and results outlive the process, and what was
    not finished runs again; without it everything lives in a temporary folder. ``api_key`` None
    means that no key is asked for. ``queue`` bounds the unfinished results (429 above it),
    ``price`` is USD per result for its settings, ``credit`` the account's balance. ``sync_window``
    is how long a synchronous task is waited for, in seconds. ``public_url`` replaces the address
    by which the client reached us in the addresses of results.

    The application works without lifespan events and from any number of event loops.
    ``app.state.close()`` (also called at shutdown) finishes the running jobs and keeps the queued.
    """
    state = JobState(state_dir)
    outbound = Outbound(outbound_transport, webhook_retry, webhook_shape)
    jobs = Jobs(
        generator,
        state,
        finished=partial(_deliver, outbound),
        fetch=outbound.fetch_image,
        workers=workers,
        queue=queue,
        price=price,
        credit=credit,
        default_ttl=default_ttl,
        clock=clock,
    )
    desk = TaskDesk(
        jobs,
        state,
        sync_window=sync_window,
        extra_settings=extra_settings,
        allow_image_urls=allow_image_urls,
    )
    close = partial(_close, jobs, outbound, state)
    app = Starlette(routes=_routes(desk, jobs, api_key, public_url), lifespan=_closing(close))
    app.state.jobs, app.state.close = jobs, close
    return app


def _routes(
    desk: TaskDesk, jobs: Jobs, api_key: str | None, public_url: str | None
) -> Sequence[Route]:
    async def api(request: Request) -> Response:
        base = (public_url or str(request.base_url)).rstrip("/")
        return await _answer(request, desk, api_key, base)

    async def result_file(request: Request) -> Response:
        name = canonical_uuid(request.path_params["name"].removesuffix(".glb"))
        path = await anyio.to_thread.run_sync(jobs.result_file, name) if name else None
        if path is None:
            return JSONResponse(_errors("notFound", "No such file, or it has expired."), 404)
        return FileResponse(path, media_type="model/gltf-binary")

    return [
        Route("/v1", api, methods=["POST"]),
        Route("/results/{name}", result_file, methods=["GET", "HEAD"]),
    ]


def _deliver(outbound: Outbound, jobs: Jobs, job: Job, result: Result) -> None:
    """Send a finished result to where its task asked for it, once."""
    webhook, upload_to = job.body.get("webhookURL"), job.body.get("uploadEndpoint")
    if result.delivered or (webhook is None and upload_to is None):
        return
    failed = result.status == "error"

    def delivered() -> None:
        result.delivered = True
        jobs.save(job)

    def glb() -> bytes | None:
        path = jobs.result_file(result.file_uuid)
        return path.read_bytes() if path is not None else None

    outbound.deliver(
        webhook=webhook,
        body={"errors" if failed else "data": [item_of(job, result, job.base_url)]},
        upload_to=None if failed else upload_to,
        glb=glb,
        delivered=delivered,
    )


def _closing(close: Callable[[], None]) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(close)

    return lifespan


def _close(jobs: Jobs, outbound: Outbound, state: JobState) -> None:
    jobs.close()
    outbound.close()
    state.close()


async def _answer(request: Request, desk: TaskDesk, api_key: str | None, base_url: str) -> Response:
    try:
        tasks = await _tasks_of(request)
    except ClientDisconnect:
        return Response(status_code=400)
    except _BadBodyError as error:
        return JSONResponse(_errors("invalidRequestBody", str(error)), error.status)
    tasks, refusal = _authenticate(request, tasks, api_key)
    if refusal is not None:
        return refusal
    if not tasks:
        return JSONResponse(_errors("missingTask", "The array holds no task."), 400)
    answer = await desk.answer(tasks, base_url)
    return _respond(answer)


def _authenticate(
    request: Request, tasks: list[dict[str, Any]], api_key: str | None
) -> tuple[list[dict[str, Any]], Response | None]:
    """The tasks without the authentication one, and the refusal, if any. Either form of
    authentication is enough: the bearer header or the first element.
    """
    given: str | None = None
    if tasks and tasks[0].get("taskType") == "authentication":
        first, tasks = tasks[0], tasks[1:]
        if extra := sorted(first.keys() - {"taskType", "apiKey", "connectionSessionUUID"}):
            error = _errors("unsupportedParameter", "Unknown key.", parameter=extra[0][:200])
            return tasks, JSONResponse(error, 400)
        given = str(first.get("apiKey", ""))
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        given = bearer.strip()
    if api_key is None:
        return tasks, None
    if not given:
        return tasks, JSONResponse(_errors("missingApiKey", "An API key is required."), 401)
    if not hmac.compare_digest(given.encode(), api_key.encode()):
        return tasks, JSONResponse(_errors("invalidApiKey", "The API key is not valid."), 401)
    return tasks, None


class _BadBodyError(Exception):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


async def _tasks_of(request: Request) -> list[dict[str, Any]]:
    """The array of tasks in the body, bounded in size."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            raise _BadBodyError(f"The body is larger than {LARGEST_BODY} bytes.", 413)
    try:
        tasks = json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise _BadBodyError("The body is not JSON.") from None
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise _BadBodyError("The body must be an array of task objects.")
    return tasks


def _respond(answer: Answer) -> Response:
    body: dict[str, Any] = {"data": answer.data}
    if answer.errors:
        body["errors"] = answer.errors
    headers = {"Retry-After": "2"} if answer.status == 429 else {}
    return JSONResponse(body, answer.status, headers=headers)


def _errors(code: str, message: str, **hints: Any) -> dict[str, Any]:
    return {"data": [], "errors": [{"code": code, "message": message, **hints}]}
