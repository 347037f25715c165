"""What the upload sensor costs: looks at many known uploads, on a folder and on S3.

    python benchmarks/automation.py [--known 10000] [--only folder|s3]

Prints wall and CPU seconds of each case, the most memory that the process took, and the size of
what is remembered. S3 is moto in this process: its time is mostly moto's; the number of requests
is what counts there, a bucket answers each in 20 to 50 ms. Listings are answered here, because
moto sorts the whole bucket for each page of one.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from trellis_assets.catalog import UploadAutomation
from trellis_assets.pipeline.uploads import Desk, Look, take_uploads
from trellis_assets.store import FolderStore, Store, content_hash, open_store
from trellis_assets.uploads import UploadPlace, load_memory, open_uploads, save_memory
from trellis_assets.uploads.memory import MEMORY_KEY, KnownAsset, KnownFile

CATALOG = Path(__file__).parents[1] / "catalog"
PICTURE = (CATALOG / "concepts" / "toadstool.png").read_bytes()


def main() -> None:
    """Run all cases."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--known", type=int, default=10_000, help="uploads that are known")
    parser.add_argument("--only", choices=("folder", "s3"), help="one of the two places")
    chosen = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.only != "s3":
            on_a_folder(folder, chosen.known)
        if chosen.only != "folder":
            with mock_aws(), patch.dict(os.environ, _credentials()):
                on_s3(folder, chosen.known)


def on_a_folder(folder: Path, known: int) -> None:
    """The cursor lost, nothing new, one new image among those that are known."""
    uploads = folder / "uploads"
    for number in range(known):
        file = uploads / f"prop/{number % 100:02}" / f"asset_{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(str(number).encode())
    look_three_times(
        "folder",
        open_uploads(str(uploads)),
        new_catalog(folder / "catalog"),
        FolderStore(folder / "store"),
        lambda: (uploads / "one_more.png").write_bytes(PICTURE),
    )


def on_s3(folder: Path, known: int) -> None:
    """The same; one listing pass is a request for a thousand objects."""
    requests: Counter[str] = Counter()
    keys = sorted(f"uploads/prop/asset_{number}.png" for number in range(known))
    boto3.setup_default_session()
    events = boto3.DEFAULT_SESSION.events
    events.register("before-call.s3", lambda model, **_: requests.update([model.name]))
    client = boto3.client("s3")
    client.meta.events.unregister("before-send", botocore_stubber)
    client.meta.events.register("before-send", partial(answer, keys))
    client.create_bucket(Bucket="art")

    def drop_one() -> None:
        client.put_object(Bucket="art", Key="uploads/one_more.png", Body=PICTURE)
        keys.insert(0, "uploads/one_more.png")

    look_three_times(
        "S3",
        open_uploads("s3://art/uploads", client=lambda: client),
        new_catalog(folder / "catalog_s3"),
        open_store("s3://art/store"),
        drop_one,
        requests,
    )


def answer(keys: list[str], event_name: str, request: AWSPreparedRequest, **_: object) -> Any:
    """A page of ``keys`` as S3 answers it, and moto's answer to all other requests."""
    if not event_name.endswith("ListObjectsV2"):
        return botocore_stubber(event_name, request)
    asked = parse_qs(urlsplit(request.url).query)
    start = int(asked.get("continuation-token", ["0"])[0])
    rows = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
        f"<ETag>&quot;{md5(key.encode()).hexdigest()}&quot;</ETag><Size>1</Size></Contents>"  # noqa: S324
        for key in keys[start : start + 1000]
    )
    more = start + 1000 < len(keys)
    token = f"<NextContinuationToken>{start + 1000}</NextContinuationToken>" if more else ""
    text = (
        f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}"
        "</ListBucketResult>"
    )
    headers = {"Content-Type": "application/xml"}
    return AWSResponse(request.url, 200, headers, MockRawResponse(text.encode()))


def look_three_times(
    name: str,
    place: UploadPlace,
    catalog: Store,
    store: Store,
    drop_one: Callable[[], object],
    requests: Counter[str] | None = None,
) -> None:
    """Each kind of look once, and what they took."""
    before = _most_memory()
    remember(place, store)
    cursor: str | None = None
    for case in ("cursor lost", "nothing new", "one new image"):
        if case == "one new image":
            drop_one()
        if requests is not None:
            requests.clear()
        work = partial(look, place, catalog, store, cursor)
        cursor = timed(f"{name}, {case}", work).cursor
        if requests is not None:
            print(f"  requests: {dict(requests)}")
    print(f"{name}: memory {before:.0f} MB before, {_most_memory():.0f} MB at most")
    print(f"{name}: remembered in {(store.size(MEMORY_KEY) or 0) / 1e6:.1f} MB")


def new_catalog(folder: Path) -> Store:
    """A catalog of profiles alone."""
    folder.mkdir()
    shutil.copy(CATALOG / "profiles.yaml", folder)
    return FolderStore(folder)


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


def _most_memory() -> float:
    """Megabytes that this process ever took; Linux counts in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _credentials() -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


if __name__ == "__main__":
    main()
