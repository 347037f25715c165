"""What the upload sensor costs: a look with nothing new, on a folder and on S3.

    python benchmarks/automation.py [--known 10000]

Prints wall and CPU seconds of each case. S3 is moto in this process: the number of requests is
what counts there, a bucket answers each in 20 to 50 ms.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import boto3
from moto import mock_aws

from trellis_assets.catalog import UploadAutomation
from trellis_assets.pipeline.uploads import Desk, Look, take_uploads
from trellis_assets.store import FolderStore, Store, content_hash, open_store
from trellis_assets.uploads import UploadPlace, load_memory, open_uploads, save_memory
from trellis_assets.uploads.memory import KnownAsset, KnownFile

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Run all cases."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--known", type=int, default=10_000)
    known = parser.parse_args().known
    with TemporaryDirectory() as name:
        folder = Path(name)
        on_a_folder(folder, known)
    with mock_aws(), patch.dict(os.environ, _credentials()):
        on_s3(known)


def on_a_folder(folder: Path, known: int) -> None:
    """The same listing as last time; one new file among the known; the cursor lost."""
    uploads = folder / "uploads"
    for number in range(known):
        file = uploads / f"prop/{number % 100:02}" / f"asset_{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(str(number).encode())
    place = open_uploads(str(uploads))
    catalog, store = FolderStore(ROOT / "catalog"), FolderStore(folder / "store")
    remember(place, store)
    first = timed(f"folder, {known} known, cursor lost", lambda: look(place, catalog, store, None))
    timed(f"folder, {known} known, nothing new", lambda: look(place, catalog, store, first.cursor))


def on_s3(known: int) -> None:
    """One listing pass, a request for a thousand objects."""
    client = boto3.client("s3")
    client.create_bucket(Bucket="art")
    for number in range(known):
        client.put_object(Bucket="art", Key=f"uploads/prop/asset_{number}.png", Body=b"x")
    requests: Counter[str] = Counter()
    client.meta.events.register("before-call.s3", lambda model, **_: requests.update([model.name]))
    place = open_uploads("s3://art/uploads", client=lambda: client)
    catalog, store = FolderStore(ROOT / "catalog"), open_store("s3://art/store")
    remember(place, store)
    first = look(place, catalog, store, None)
    requests.clear()
    timed(f"S3, {known} known, nothing new", lambda: look(place, catalog, store, first.cursor))
    print(f"  requests: {dict(requests)}")


def remember(place: UploadPlace, store: Store) -> None:
    """As if every upload had been taken in."""
    memory = load_memory(store)
    for found in place.list():
        asset_id = Path(found.path).stem
        digest = content_hash(found.path.encode())
        memory.files[found.path] = KnownFile(found.version, digest, asset_id)
        told = {"class": "prop", "height_m": 1.0, "profiles": ["mobile.prop", "pc.prop"]}
        memory.assets[asset_id] = KnownAsset(digest, found.path, told)
    save_memory(store, memory)


def look(place: UploadPlace, catalog: Store, store: Store, cursor: str | None) -> Look:
    """One look, as the sensor takes it."""
    desk = Desk(
        place=place,
        catalog=catalog,
        store=store,
        generator="embedded",
        automation=UploadAutomation(),
        now=time.time() + 3600,
        run_exists=lambda _: True,
        in_progress=tuple,
    )
    return take_uploads(desk, cursor)


def timed(name: str, work: Callable[[], Look]) -> Look:
    """Do ``work`` and print what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name}: {wall:.3f} s, {cpu:.3f} s CPU  ({found.words})")
    return found


def _credentials() -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


if __name__ == "__main__":
    main()
