"""From "the service has the results" to "the models are in our store"."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio.to_thread

from trellis_assets.store import Store
from trellis_assets.trellis2.client import TrellisClient
from trellis_assets.trellis2.errors import ResultExpired, TrellisError
from trellis_assets.trellis2.ledger import Attempt, Ledger
from trellis_assets.trellis2.outcomes import Progress, ProgressCallback
from trellis_assets.trellis2.stored import error_record


class Retrieval:
    """Downloads the results of an attempt into the store, each once."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        client: TrellisClient,
        progress: ProgressCallback | None = None,
    ) -> None:
        self._store, self._ledger = store, ledger
        self._client, self._progress = client, progress

    async def ensure_downloaded(self, attempt: Attempt) -> Attempt:
        """The attempt in state downloaded. A result whose address has expired is asked for again
        once; when it is gone, and no other came, the attempt has failed (``ResultExpired``).
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
                await self._download(attempt, addresses.get(file_uuid), path)
            except ResultExpired:
                await self._refresh(attempt, addresses)
                await self._download(attempt, addresses.get(file_uuid), path)
            await anyio.to_thread.run_sync(self._keep, key, path)
        return await anyio.to_thread.run_sync(self._describe, key)

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
