"""A studio whose uploads, catalog and store are in folders or on S3, looked at by hand."""

from __future__ import annotations

import io
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import yaml
from PIL import Image, ImageDraw

from trellis_assets.catalog import UploadAutomation
from trellis_assets.pipeline.uploads import Desk, Look, take_uploads
from trellis_assets.store import FolderStore, Store
from trellis_assets.uploads import BucketUploads, UploadPlace, UploadQueue

SAMPLE = FolderStore(Path(__file__).parents[2] / "catalog")
BUCKET = "art"
NOT_AN_IMAGE = b"\x89PNG\r\n\x1a\n torn off here"


def picture(number: int = 0, format_: str = "PNG") -> bytes:
    """A small cut-out; each number another one."""
    image = Image.new("RGBA", (96, 96))
    colour = (40 + number * 53 % 200, 40 + number * 97 % 200, 40 + number * 31 % 200, 255)
    ImageDraw.Draw(image).ellipse((16, 16, 80, 80 - number % 24), fill=colour)
    buffer = io.BytesIO()
    image.convert("RGBA" if format_ != "JPEG" else "RGB").save(buffer, format_)
    return buffer.getvalue()


@dataclass
class House:
    """Looks at its uploads when it is told to, and remembers which runs were launched."""

    place: UploadPlace
    catalog: Store
    store: Store
    queue: UploadQueue | None = None
    cursor: str | None = None
    launched: list[str] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    options: dict[str, Any] = field(default_factory=dict)

    def desk(self, *, later: float = 0.0) -> Desk:
        return Desk(
            place=self.place,
            catalog=self.catalog,
            store=self.store,
            generator="embedded",
            automation=UploadAutomation.model_validate(self.options),
            now=time.time() + later,
            run_exists=lambda key: key in self.launched,
            in_progress=lambda: self.busy,
            queue=self.queue,
        )

    def look(self, *, later: float = 0.0, launch: bool = True) -> Look:
        """One look; as the daemon does, it launches each run key once and keeps the cursor."""
        found = take_uploads(self.desk(later=later), self.cursor)
        if launch:
            self.cursor = found.cursor
            new = [run.run_key for run in found.runs if run.run_key not in self.launched]
            self.launched += new
        return found

    def looks(self, count: int = 3) -> list[Look]:
        return [self.look() for _ in range(count)]

    def runs(self) -> list[str]:
        """The game assets of all launched runs, in order."""
        return [key.partition(":")[0] for key in self.launched]

    def put(self, path: str, data: bytes | str, *, age: float = 100.0) -> None:
        """Upload a file that is ``age`` seconds old (on S3 it is always new)."""
        content = data.encode() if isinstance(data, str) else data
        if isinstance(self.place, BucketUploads):
            where = self.place.location(path).removeprefix(f"s3://{self.place.bucket}/")
            boto3.client("s3").put_object(Bucket=self.place.bucket, Key=where, Body=content)
            return
        file = Path(self.place.location(path))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        then = time.time() - age
        os.utime(file, (then, then))

    def remove(self, path: str) -> None:
        if isinstance(self.place, BucketUploads):
            where = self.place.location(path).removeprefix(f"s3://{self.place.bucket}/")
            boto3.client("s3").delete_object(Bucket=self.place.bucket, Key=where)
        else:
            Path(self.place.location(path)).unlink()

    def rename(self, path: str, new: str) -> None:
        if isinstance(self.place, BucketUploads):
            data = self.place.read(path)
            assert data is not None
            self.put(new, data)
            self.remove(path)
            return
        target = Path(self.place.location(new))
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(self.place.location(path)).rename(target)

    def files(self) -> list[str]:
        """All there is in the place, the quarantine too."""
        if isinstance(self.place, BucketUploads):
            start = f"{self.place.prefix}/"
            reply = boto3.client("s3").list_objects_v2(Bucket=self.place.bucket, Prefix=start)
            return sorted(item["Key"][len(start) :] for item in reply.get("Contents", []))
        root = Path(self.place.uri)
        return sorted(
            path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()
        )

    def entry(self, asset_id: str) -> dict[str, Any]:
        content: dict[str, Any] = yaml.safe_load(self.catalog.read(f"assets/{asset_id}.yaml"))
        return content

    def concept(self, name: str) -> bytes:
        return self.catalog.read(f"concepts/{name}")

    def reason(self, path: str) -> str:
        data = self.place.read(f"quarantine/{path}.reason.txt")
        assert data is not None, self.files()
        return data.decode()
