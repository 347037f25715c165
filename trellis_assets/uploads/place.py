"""The contract of a place for uploads, the same for a folder and for S3."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .errors import CannotReadUploads

QUARANTINE = "quarantine"
IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp")
MODELS = (".glb",)
SIDECARS = (".yaml", ".yml")
# What copying programs, file managers and people leave beside the pictures.
_NOT_MEANT = (".part", ".tmp", ".crdownload", ".filepart", ".txt", ".md")
_NAMES_NOT_MEANT = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Found:
    """One file as a listing shows it."""

    path: str
    """Below the place, with ``/``."""
    size: int
    version: str
    """Another one whenever the bytes may be: an ETag, or times, size and inode of a file."""
    changed_at: float | None = None
    """Seconds since 1970; None where a file appears whole, as on S3."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An image or a model with what its author says of it."""

    image: Found
    sidecar: Found | None = None

    @property
    def path(self) -> str:
        return self.image.path

    @property
    def is_model(self) -> bool:
        """By its name; a GLB made by hand."""
        return self.path.lower().endswith(MODELS)

    @property
    def version(self) -> str:
        """Of image and sidecar together."""
        parts = [found.version for found in (self.image, self.sidecar) if found is not None]
        return "|".join(parts)

    @property
    def changed_at(self) -> float | None:
        """When the later of the two changed."""
        times = [found.changed_at for found in (self.image, self.sidecar) if found is not None]
        known = [time for time in times if time is not None]
        return max(known) if known else None


class UploadPlace(ABC):
    """Where artists drop images and models. Reading changes nothing; ``retire`` loses nothing."""

    @property
    @abstractmethod
    def uri(self) -> str:
        """The setting that opens this place again; free of secrets."""

    @abstractmethod
    def is_there(self) -> bool:
        """Whether there is such a place at all."""

    @abstractmethod
    def list(self, prefix: str = "", after: str = "") -> Iterator[Found]:
        """All files whose path starts with ``prefix`` and comes after ``after``, sorted, without
        the quarantine and without what is still being written under another name.
        """

    @abstractmethod
    def exists(self, path: str) -> bool:
        """Whether there is a file under ``path`` now."""

    @abstractmethod
    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None if it is gone."""

    @abstractmethod
    def write(self, path: str, data: bytes) -> None:
        """Put ``data`` under ``path``, atomically; used for the quarantine alone."""

    @abstractmethod
    def retire(self, found: Found, target: str) -> bool:
        """Move a file to ``target``, unless it is not the one that was found any more.

        Returns:
            False if it has changed or gone: a later look judges what is there then.
        """

    @abstractmethod
    def location(self, path: str) -> str:
        """Where a person finds ``path``."""


def open_uploads(uri: str, *, client: Callable[[], Any] | None = None) -> UploadPlace:
    """Open a folder (``.trellis/uploads``) or an S3 prefix (``s3://bucket/prefix``).

    Args:
        client: makes the S3 client; boto3's own by default.

    Raises:
        CannotReadUploads: the URI names neither.
    """
    from .bucket import BucketUploads
    from .folder import FolderUploads

    if "://" not in uri:
        return FolderUploads(uri)
    parts = urlsplit(uri)
    if parts.scheme == "s3" and parts.netloc and "@" not in parts.netloc:
        return BucketUploads(parts.netloc, parts.path, client=client)
    raise CannotReadUploads(
        f"uploads cannot be opened: {parts.scheme}:// is not supported or names no bucket",
        fix="set TRELLIS_ASSETS_UPLOADS to a folder or s3://bucket/prefix",
    )


def is_meant(path: str) -> bool:
    """Whether a file is meant as an upload, by its name: no part of one, no note beside it."""
    name = path.rpartition("/")[2].lower()
    hidden = path.startswith(".") or "/." in path
    return not hidden and not name.endswith(_NOT_MEANT) and name not in _NAMES_NOT_MEANT


def pair_up(files: Iterable[Found]) -> tuple[list[Upload], int]:
    """Images (and what is neither image nor sidecar, to be refused) with their sidecars, and the
    number of sidecars without an image.

    Args:
        files: sorted by path.
    """
    kept = [found for found in files if is_meant(found.path)]
    sidecars: dict[str, Found] = {}
    for found in kept:
        if found.path.lower().endswith(SIDECARS):
            sidecars.setdefault(found.path.rpartition(".")[0], found)
    used = set()
    uploads = []
    for found in kept:
        if not found.path.lower().endswith(SIDECARS):
            stem = found.path.rpartition(".")[0]
            used.add(stem)
            uploads.append(Upload(found, sidecars.get(stem)))
    return uploads, len(sidecars.keys() - used)
