"""An S3 prefix as a store. A PUT is atomic by itself; ``IfNoneMatch`` makes it create-only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ._errors import NotStored, StoreUnavailable
from ._s3_pages import s3_pages
from ._store import Listed, Store, checked_key

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

# As many as boto3 keeps connections for.
_READERS = 10
_MIME = {
    ".glb": "model/gltf-binary",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".png": "image/png",
    ".webp": "image/webp",
}


class S3Store(Store):
    """Artefacts as objects under ``s3://bucket/prefix``; credentials as boto3 finds them."""

    def __init__(self, bucket: str, prefix: str = "", *, client: Any = None) -> None:
        self.bucket = bucket
        self.prefix = prefix.strip("/")
        self._given = client

    @cached_property
    def _client(self) -> Any:
        """Made on first use: it takes a second to import."""
        if self._given is not None:
            return self._given
        import boto3

        return boto3.client("s3")

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def read(self, key: str) -> bytes:
        return self._read(key)[0]

    def read_many(self, keys: Iterable[str]) -> Iterator[bytes]:
        with ThreadPoolExecutor(_READERS, thread_name_prefix="read-many") as readers:
            yield from readers.map(self.read, keys)

    def write(self, key: str, data: bytes) -> None:
        from botocore.exceptions import ClientError

        try:
            self._put(key, data)
        except ClientError as error:
            raise self._unavailable("write", key, error) from error

    def create(self, key: str, data: bytes) -> bool:
        from botocore.exceptions import ClientError

        try:
            self._put(key, data, IfNoneMatch="*")
        except ClientError as error:
            # 412: somebody was first. 409: somebody is writing it at this very moment.
            if _status(error) in (409, 412):
                return False
            raise self._unavailable("create", key, error) from error
        return True

    def replace(self, key: str, old: bytes, new: bytes) -> bool:
        from botocore.exceptions import ClientError

        try:
            found, etag = self._read(key)
        except NotStored:
            return False
        if found != old:
            return False
        try:
            self._put(key, new, IfMatch=etag)
        except ClientError as error:
            # 412: somebody wrote in between. 404: it was deleted. 409: it is being written.
            if _status(error) in (404, 409, 412):
                return False
            if _status(error) != 501:
                raise self._unavailable("replace", key, error) from error
            # OpenStack Swift: it compares nothing itself, and the comparison above must do.
            self.write(key, new)
        return True

    def size(self, key: str) -> int | None:
        from botocore.exceptions import ClientError

        try:
            reply = self._client.head_object(Bucket=self.bucket, Key=self._name(key))
        except ClientError as error:
            if _status(error) == 404:
                return None
            raise self._unavailable("look at", key, error) from error
        return int(reply["ContentLength"])

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self.bucket, Key=self._name(key))

    def listing(self, prefix: str = "") -> Iterator[Listed]:
        for page in self._pages(prefix):
            for item in page.get("Contents", []):
                yield Listed(item["Key"][len(self._start) :], item["Size"], item["ETag"].strip('"'))

    def children(self, prefix: str) -> tuple[str, ...]:
        found = (
            item["Prefix"][len(self._start + prefix) : -1]
            for page in self._pages(prefix, Delimiter="/")
            for item in page.get("CommonPrefixes", [])
        )
        return tuple(sorted(found))

    def move(self, source: str, target: str) -> None:
        from botocore.exceptions import ClientError

        origin = {"Bucket": self.bucket, "Key": self._name(source)}
        try:
            # Copied in parts where it is too large for one request.
            self._client.copy(origin, self.bucket, self._name(target))
        except ClientError as error:
            if _status(error) == 404:
                raise NotStored(f"{self.location(source)} does not exist") from error
            raise self._unavailable("move", source, error) from error
        self.delete(source)

    def location(self, key: str) -> str:
        return f"s3://{self.bucket}/{self._name(key)}"

    def _read(self, key: str) -> tuple[bytes, str]:
        """The bytes under ``key`` and their ETag."""
        from botocore.exceptions import ClientError

        try:
            reply = self._client.get_object(Bucket=self.bucket, Key=self._name(key))
            return reply["Body"].read(), reply["ETag"]
        except ClientError as error:
            if _status(error) == 404:
                raise NotStored(f"{self.location(key)} does not exist") from error
            raise self._unavailable("read", key, error) from error

    @property
    def _start(self) -> str:
        return f"{self.prefix}/" if self.prefix else ""

    def _pages(self, prefix: str, **options: str) -> Iterable[dict[str, Any]]:
        return s3_pages(self._client, Bucket=self.bucket, Prefix=self._start + prefix, **options)

    def _name(self, key: str) -> str:
        return f"{self.prefix}/{checked_key(key)}" if self.prefix else checked_key(key)

    def _put(self, key: str, data: bytes, **conditions: str) -> None:
        suffix = key[key.rfind(".") :] if "." in key else ""
        self._client.put_object(
            Bucket=self.bucket,
            Key=self._name(key),
            Body=data,
            ContentType=_MIME.get(suffix, "application/octet-stream"),
            **conditions,
        )

    def _unavailable(self, verb: str, key: str, error: ClientError) -> StoreUnavailable:
        reason = error.response.get("Error", {})
        return StoreUnavailable(
            f"cannot {verb} {self.location(key)}: {reason.get('Code')} {reason.get('Message')}",
            fix="check the bucket name, AWS_* settings and permissions",
        )


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
