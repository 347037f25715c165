"""From "the service has the results" to "the models are in our store"."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio.to_thread

from trellis_assets.store import Store
from trellis_assets.trellis2.client import TrellisClient
from trellis_assets.trellis2.errors import (
    DownloadFailed,
    ResultExpired,
    TrellisError,
    UploadUnavailable,
)
from trellis_assets.trellis2.ledger import Attempt, Ledger, now
from trellis_assets.trellis2.outcomes import Progress, ProgressCallback
from trellis_assets.trellis2.purchase import Patience, Purchase, blocking
from trellis_assets.trellis2.replies import ResultFile, TaskState
from trellis_assets.trellis2.stored import error_record

log = logging.getLogger(__name__)


async def landed(purchase: Purchase, attempt: Attempt) -> TaskState | None:
    """The end of a task that the service has forgotten, but whose result was uploaded to us."""
    upload, place = purchase.client.upload, attempt.records["intended"].get("upload")
    if not place or upload is None or not upload.holds(place):
        return None
    if await blocking(upload.arrived, place) is None:
        return None
    uuid = attempt.task_uuid
    return TaskState(uuid, (ResultFile(uuid, "", purchase.request.seed),), mentioned=True)


class Retrieval:
    """Downloads the results of an attempt into the store, each once."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        client: TrellisClient,
        progress: ProgressCallback | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._store, self._ledger = store, ledger
        self._client, self._progress = client, progress
        self._patience = patience or Patience()

    async def ensure_downloaded(self, attempt: Attempt) -> Attempt:
        """The attempt in state downloaded. A result whose address has expired is asked for again
        once; what cannot be had from its address may have been uploaded to our bucket; when it is
        gone, and no other came, the attempt has failed (``ResultExpired``).
        """
        if attempt.has("downloaded"):
            return attempt
        succeeded = attempt.records["succeeded"]
        files = succeeded["files"]
        models: list[dict[str, Any]] = []
        failures = list(succeeded["failures"])
        addresses = {each["uuid"]: each["url"] for each in files}
        lost: TrellisError | None = None
        for index, each in enumerate(files):
            key = self._ledger.model_key(attempt.number, index, len(files))
            self._tell(attempt, index / len(files))
            try:
                stored = await self._ensure_stored(attempt, key, each["uuid"], addresses)
            except ResultExpired as error:
                lost = error
                failures.append(error_record(error))
            else:
                models.append({**stored, "seed": each["seed"], "uuid": each["uuid"]})
        if lost is not None and not models:
            await anyio.to_thread.run_sync(
                self._ledger.record, attempt.number, "failed", error_record(lost)
            )
            await anyio.to_thread.run_sync(self._ledger.write_summary)
            raise lost
        content = {"models": models, "failures": failures, "costUsd": succeeded["costUsd"]}
        if (place := self._place(attempt)) is not None:
            arrived = await self._awaited(attempt, place, self._patience.upload_check_s)
            content["upload"] = {"place": place, "size": arrived}
        await anyio.to_thread.run_sync(self._ledger.record, attempt.number, "downloaded", content)
        return await anyio.to_thread.run_sync(self._ledger.attempt, attempt.number)

    async def _ensure_stored(
        self, attempt: Attempt, key: str, file_uuid: str, addresses: dict[str, str | None]
    ) -> Mapping[str, Any]:
        if await anyio.to_thread.run_sync(self._store.exists, key):
            return await anyio.to_thread.run_sync(self._describe, key)
        if addresses.get(file_uuid) is None:
            await self._refresh(attempt, addresses)
        with tempfile.TemporaryDirectory(prefix="trellis-") as folder:
            path = Path(folder) / "model.glb"
            try:
                await self._download_afresh(attempt, file_uuid, addresses, path)
            except DownloadFailed as error:
                await self._from_upload(attempt, path, error)
            await anyio.to_thread.run_sync(self._keep, key, path)
        return await anyio.to_thread.run_sync(self._describe, key)

    async def _download_afresh(
        self, attempt: Attempt, file_uuid: str, addresses: dict[str, str | None], path: Path
    ) -> None:
        try:
            await self._download(attempt, addresses.get(file_uuid), path)
        except ResultExpired:
            await self._refresh(attempt, addresses)
            await self._download(attempt, addresses.get(file_uuid), path)

    async def _from_upload(self, attempt: Attempt, path: Path, failure: DownloadFailed) -> None:
        """The bytes from our bucket, when the service was to send them there; else ``failure``."""
        upload, place = self._client.upload, self._place(attempt)
        if upload is None or place is None:
            raise failure
        log.warning("%s; awaiting the upload to %s", failure.message, place)
        await self._awaited(attempt, place, self._patience.upload_s, must=True)
        largest = self._client.largest_download
        if not await blocking(upload.fetch, place, path, largest):
            failure.message += f", and no whole model was uploaded to {place}"
            raise failure

    async def _awaited(
        self, attempt: Attempt, place: str, patience_s: float, *, must: bool = False
    ) -> int | None:
        """The size in bytes of what was uploaded, as soon as all of it is there; None if it has
        not come in time. ``must``: a bucket that cannot be read is raised, not only logged.
        """
        upload = self._client.upload
        if upload is None:
            return None
        done_at = datetime.fromisoformat(attempt.records["succeeded"]["at"])
        left = min(patience_s, patience_s - (now() - done_at).total_seconds())
        pause = 0.1
        while True:
            try:
                size = await blocking(upload.arrived, place)
            except UploadUnavailable as error:
                # Some buckets answer 403 for what is not there yet.
                if left <= 0.0 and must:
                    raise
                size = None
                log.warning("%s", error.message)
            if size is not None or left <= 0.0:
                return size
            await asyncio.sleep(min(pause, left))
            left -= pause
            pause = min(2.0, pause * 1.5)

    def _place(self, attempt: Attempt) -> str | None:
        """Where in our bucket the service was to send the result, when it is still ours."""
        place = attempt.records["intended"].get("upload")
        upload = self._client.upload
        return str(place) if place and upload is not None and upload.holds(place) else None

    async def _download(self, attempt: Attempt, url: str | None, path: Path) -> None:
        if url is None:
            raise ResultExpired(
                f"the service no longer has the result of task {attempt.task_uuid}",
                task_uuid=attempt.task_uuid,
            )
        await self._client.download(url, path)

    async def _refresh(self, attempt: Attempt, addresses: dict[str, str | None]) -> None:
        """Ask the service for the present addresses."""
        state = await self._client.poll_once(attempt.task_uuid)
        addresses.update({each.uuid: each.url for each in state.files})

    def _keep(self, key: str, path: Path) -> None:
        self._store.create(key, path.read_bytes())

    def _describe(self, key: str) -> Mapping[str, Any]:
        data = self._store.read(key)
        return {"key": key, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}

    def _tell(self, attempt: Attempt, fraction: float) -> None:
        if self._progress is not None:
            self._progress(Progress(attempt.task_uuid, "downloading", fraction))
