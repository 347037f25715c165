"""An S3 prefix of uploads. Objects appear whole; the ETag tells one content from another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trellis_assets.store import s3_pages

from .errors import CannotReadUploads
from .place import QUARANTINE, Found, UploadPlace

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


class BucketUploads(UploadPlace):
    """Uploads as objects under ``s3://bucket/prefix``.

    The listing is our own: one by time of change would pass over the second of two objects that
    came within the same second, and over a renamed one that kept its time.
    """

    def __init__(
        self, bucket: str, prefix: str = "", *, client: Callable[[], Any] | None = None
    ) -> None:
        self.bucket = bucket
        self.prefix = prefix.strip("/")
        self._start = f"{self.prefix}/" if self.prefix else ""
        self._make_client = client

    @cached_property
    def _client(self) -> Any:
        if self._make_client is not None:
            return self._make_client()
        import boto3

        return boto3.client("s3")

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def is_there(self) -> bool:
        return True  # a prefix is there as soon as something is

    def list(self, prefix: str = "", after: str = "") -> Iterator[Found]:
        from botocore.exceptions import ClientError

        where = {"Bucket": self.bucket, "Prefix": self._start + prefix}
        if after:
            where["StartAfter"] = self._start + after
        try:
            for page in s3_pages(self._client, **where):
                for item in page.get("Contents", []):
                    path = item["Key"][len(self._start) :]
                    if not path.endswith("/") and not path.startswith(f"{QUARANTINE}/"):
                        yield Found(path, item["Size"], item["ETag"].strip('"'))
        except ClientError as error:
            raise self._refused("list", prefix, error) from error

    def exists(self, path: str) -> bool:
        return self._etag(path) is not None

    def read(self, path: str) -> bytes | None:
        from botocore.exceptions import ClientError

        try:
            reply = self._client.get_object(Bucket=self.bucket, Key=self._start + path)
            data: bytes = reply["Body"].read()
        except ClientError as error:
            if _status(error) == 404:
                return None
            raise self._refused("read", path, error) from error
        return data

    def write(self, path: str, data: bytes) -> None:
        from botocore.exceptions import ClientError

        try:
            self._client.put_object(
                Bucket=self.bucket, Key=self._start + path, Body=data,
                ContentType="text/plain; charset=utf-8",
            )  # fmt: skip
        except ClientError as error:
            raise self._refused("write", path, error) from error

    def retire(self, found: Found, target: str) -> bool:
        from botocore.exceptions import ClientError

        key, etag = self._start + found.path, f'"{found.version}"'
        try:
            self._client.copy_object(
                Bucket=self.bucket,
                Key=self._start + target,
                CopySource={"Bucket": self.bucket, "Key": key},
                CopySourceIfMatch=etag,
            )
            if self._etag(found.path) != found.version:
                return False  # replaced meanwhile: the new one is judged by the next look
            try:
                self._client.delete_object(Bucket=self.bucket, Key=key, IfMatch=etag)
            except ClientError as error:
                if _status(error) != 501:
                    raise
                # OpenStack Swift: it compares nothing itself, and the comparison above must do.
                self._client.delete_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if _status(error) in (404, 409, 412):
                return False
            raise self._refused("move", found.path, error) from error
        return True

    def location(self, path: str) -> str:
        return f"s3://{self.bucket}/{self._start}{path}"

    def _etag(self, path: str) -> str | None:
        from botocore.exceptions import ClientError

        try:
            reply = self._client.head_object(Bucket=self.bucket, Key=self._start + path)
        except ClientError as error:
            if _status(error) == 404:
                return None
            raise self._refused("look at", path, error) from error
        return str(reply["ETag"]).strip('"')

    def _refused(self, verb: str, path: str, error: ClientError) -> CannotReadUploads:
        reason = error.response.get("Error", {})
        return CannotReadUploads(
            f"cannot {verb} {self.location(path)}: {reason.get('Code')} {reason.get('Message')}",
            fix="check TRELLIS_ASSETS_UPLOADS, AWS_* settings and permissions",
        )


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
