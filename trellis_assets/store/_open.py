"""One setting, one store."""

from __future__ import annotations

from urllib.parse import urlsplit

from ._errors import StoreError
from ._folder import FolderStore
from ._s3 import S3Store
from ._store import Store


def open_store(uri: str) -> Store:
    """Open a folder (``.trellis/store``) or an S3 prefix (``s3://bucket/prefix``).

    Raises:
        StoreError: the URI names neither.
    """
    if "://" not in uri:
        return FolderStore(uri)
    parts = urlsplit(uri)
    if parts.scheme == "s3" and parts.netloc and "@" not in parts.netloc:
        return S3Store(parts.netloc, parts.path)
    raise StoreError(
        f"the store cannot be opened: {parts.scheme}:// is not supported or names no bucket",
        fix="use a folder or s3://bucket/prefix",
    )
