"""``uploadEndpoint``: the service sends a result to a bucket of ours as well.

What is known of it, and what follows: the PUT comes after the reply, so the object is awaited;
nobody says which headers it has, so the address signs none but the host; it may be cut short, so
the object counts only when it starts with ``glTF`` and is as long as it states; all results of a
task go to one address, so there is one result. A presigned address lets its holder write: it
exists only in the request, and the place of the object is what records and errors name.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trellis_assets.trellis2.errors import InvalidRequest, ResultTooLarge, UploadUnavailable
from trellis_assets.trellis2.logs import hide_signatures_in_logs

log = logging.getLogger(__name__)
_LIFE_S = 86_400  # a task may wait long for its turn; a signature lives at most seven days
_GLB_HEADER = 12  # glTF 2.0, section 4.4.2: magic, version, length, each a little-endian uint32
_NOT_THERE = (404, 416)  # 416: it is there, and empty


class ResultUpload:
    """Places for results below ``s3://bucket/prefix``; credentials as boto3 finds them.

    Raises ``InvalidRequest`` when ``uri`` names no bucket.
    """

    def __init__(self, uri: str, *, life_s: int = _LIFE_S, client: Any = None) -> None:
        parts = urlsplit(uri)
        if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or parts.query:
            raise InvalidRequest("the place for uploaded results must be s3://bucket/prefix")
        self._bucket = parts.netloc
        self._root = f"s3://{parts.netloc}/{parts.path.strip('/')}".rstrip("/") + "/"
        self._life_s = life_s
        self._client = client or _client()
        hide_signatures_in_logs()

    def place(self, spec_hash: str, number: int, task_uuid: str) -> str:
        """Where the result of an attempt goes: one place for each task, not a secret."""
        name = f"{spec_hash}/attempt-{number:03d}-{task_uuid}.glb"
        return f"{self._root}{name}"

    def holds(self, place: str) -> bool:
        """Whether a place is one of ours, under the present setting."""
        return place.startswith(self._root)

    def address(self, place: str) -> str:
        """A presigned address for one PUT to ``place``: a secret. Nothing is sent for it.

        Raises:
            UploadUnavailable: there are no credentials.
        """
        from botocore.exceptions import BotoCoreError

        try:
            url: str = self._client.generate_presigned_url(
                "put_object",
                Params={"Bucket": self._bucket, "Key": self._key(place)},
                ExpiresIn=self._life_s,
            )
        except BotoCoreError as error:
            raise UploadUnavailable(
                f"an address below s3://{self._bucket} cannot be signed: {type(error).__name__}",
                billed=False,
            ) from None
        return url

    def arrived(self, place: str) -> int | None:
        """The size of the GLB at ``place`` in bytes; None while there is none, or not all of it.

        Raises:
            UploadUnavailable: the bucket cannot be read.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            reply = self._client.get_object(
                Bucket=self._bucket, Key=self._key(place), Range=f"bytes=0-{_GLB_HEADER - 1}"
            )
            header: bytes = reply["Body"].read()
        except (BotoCoreError, ClientError) as error:
            if _status(error) in _NOT_THERE:
                return None
            raise _unreadable(place, error) from None
        size = int(str(reply.get("ContentRange", "/0")).rpartition("/")[2])
        whole = header[:4] == b"glTF" and int.from_bytes(header[8:12], "little") == size
        if not whole:
            log.warning("what was uploaded to %s (%d bytes) is not a whole GLB", place, size)
        return size if whole else None

    def fetch(self, place: str, into: Path, largest: int) -> bool:
        """Write the GLB at ``place`` to ``into``; False while it is not there.

        Raises:
            UploadUnavailable: the bucket cannot be read.
            ResultTooLarge: it has more than ``largest`` bytes.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        size = self.arrived(place)
        if size is None:
            return False
        if size > largest:
            raise ResultTooLarge(f"{place} has {size:,} bytes; the limit is {largest:,}")
        try:
            self._client.download_file(self._bucket, self._key(place), str(into))
        except (BotoCoreError, ClientError) as error:
            raise _unreadable(place, error) from None
        return into.stat().st_size == size

    def _key(self, place: str) -> str:
        return place.removeprefix(f"s3://{self._bucket}/")


def _client() -> Any:
    import boto3
    from botocore.config import Config

    # Version 4 signs only the host; the older one, still boto3's default for an address, signs
    # Content-Type as well, and a checksum would be one of the empty body.
    config = Config(signature_version="s3v4", request_checksum_calculation="when_required")
    return boto3.client("s3", config=config)


def _unreadable(place: str, error: Exception) -> UploadUnavailable:
    status = _status(error)
    what = f"HTTP {status}" if status else type(error).__name__
    return UploadUnavailable(f"{place} cannot be read ({what})", http_status=status or None)


def _status(error: Exception) -> int:
    reply = getattr(error, "response", {})
    return int(reply.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
