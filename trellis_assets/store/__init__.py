"""Where artefacts live: a folder or an S3 prefix, chosen by one URI."""

from __future__ import annotations

from ._errors import InvalidKey, NotStored, StoreError, StoreUnavailable
from ._folder import FolderStore
from ._open import open_store
from ._s3 import S3Store
from ._s3_pages import s3_pages
from ._store import Listed, Sight, Stamp, Store, content_hash

__all__ = [
    "FolderStore",
    "InvalidKey",
    "Listed",
    "NotStored",
    "S3Store",
    "Sight",
    "Stamp",
    "Store",
    "StoreError",
    "StoreUnavailable",
    "content_hash",
    "open_store",
    "s3_pages",
]
