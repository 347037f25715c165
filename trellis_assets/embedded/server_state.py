"""What the server remembers, in a folder: tasks, their images, results, uploaded media.

Every file is written beside its place and moved there, so that a reader never sees half of one.
Names are UUIDs that were checked before. Task files may hold addresses with signatures and are
readable by the owner only.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Result:
    """One of the results of a task. ``cost`` in USD, ``progress`` 0..100, ``expires`` in seconds
    since the epoch.
    """

    index: int
    seed: int
    file_uuid: str
    cost: float
    status: str = "processing"
    progress: float = 0.0
    expires: float = 0.0
    swept: bool = False
    delivered: bool = False
    code: str = ""
    message: str = ""


@dataclass
class Job:
    """An accepted task; ``body`` is the request without its image."""

    task_uuid: str
    body: dict[str, Any]
    image_url: str | None
    created: float
    base_url: str = ""
    results: list[Result] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether every result is settled."""
        return all(result.status != "processing" for result in self.results)


class JobState:
    """The folder; a temporary one, gone with the process, when ``folder`` is None."""

    def __init__(self, folder: Path | None) -> None:
        self._durable = folder is not None
        self._root = folder or Path(tempfile.mkdtemp(prefix="trellis-server-"))
        if folder is None:
            self._remove = weakref.finalize(self, shutil.rmtree, self._root, ignore_errors=True)
        for name in ("tasks", "images", "results", "media"):
            (self._root / name).mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Remove a temporary folder; a durable one stays."""
        if not self._durable:
            self._remove()

    def load(self) -> Iterator[Job]:
        """Every task of earlier processes, oldest first."""
        names = sorted(path.stem for path in (self._root / "tasks").glob("*.json"))
        jobs = [job for name in names if (job := self.task(name)) is not None]
        yield from sorted(jobs, key=lambda job: job.created)

    def task(self, task_uuid: str) -> Job | None:
        """One task, also one that another process with the same folder accepted, or None."""
        try:
            told = json.loads((self._root / "tasks" / f"{task_uuid}.json").read_text("utf-8"))
        except FileNotFoundError:
            return None
        results = [Result(**each) for each in told.pop("results")]
        return Job(**told, results=results)

    def accept(self, job: Job, image: bytes | None) -> None:
        """Make a new task durable, its image first."""
        if image is not None:
            self._write("images", job.task_uuid, image)
        self.save(job)

    def save(self, job: Job) -> None:
        """Make the present state of a task durable."""
        self._write("tasks", f"{job.task_uuid}.json", json.dumps(asdict(job)).encode())

    def image(self, job: Job) -> bytes:
        """The image a task came with."""
        return (self._root / "images" / job.task_uuid).read_bytes()

    def drop_image(self, job: Job) -> None:
        """Delete the image a task came with."""
        (self._root / "images" / job.task_uuid).unlink(missing_ok=True)

    def store_result(self, file_uuid: str, glb: bytes) -> None:
        """Keep the bytes of a result."""
        self._write("results", f"{file_uuid}.glb", glb)

    def result_file(self, file_uuid: str) -> Path | None:
        """Where the bytes of a result are, or None."""
        path = self._root / "results" / f"{file_uuid}.glb"
        return path if path.is_file() else None

    def drop_result(self, file_uuid: str) -> None:
        """Delete the bytes of a result."""
        (self._root / "results" / f"{file_uuid}.glb").unlink(missing_ok=True)

    def store_media(self, media_uuid: str, data: bytes) -> None:
        """Keep an uploaded image."""
        self._write("media", media_uuid, data)

    def media(self, media_uuid: str) -> bytes | None:
        """An uploaded image, or None."""
        path = self._root / "media" / media_uuid
        return path.read_bytes() if path.is_file() else None

    def drop_media(self, media_uuid: str) -> bool:
        """Delete an uploaded image; whether there was one."""
        path = self._root / "media" / media_uuid
        existed = path.is_file()
        path.unlink(missing_ok=True)
        return existed

    def _write(self, folder: str, name: str, data: bytes) -> None:
        handle, temporary = tempfile.mkstemp(dir=self._root / folder, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            Path(temporary).replace(self._root / folder / name)
        finally:
            Path(temporary).unlink(missing_ok=True)
