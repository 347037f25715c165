"""The contract of a store, the same for a folder and for S3."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from ._errors import InvalidKey

# Characters that mean the same on every file system and in every S3 client.
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\Z")


def content_hash(data: bytes) -> str:
    """SHA-256 of ``data`` as 64 lower-case hexadecimal digits."""
    return sha256(data).hexdigest()


@dataclass(frozen=True)
class Listed:
    """What a listing says of an object without reading it."""

    key: str
    size: int
    version: str
    """Another one whenever the bytes are: an ETag, or time, size and inode of a file."""


class Stamp(NamedTuple):
    """What tells without reading whether an object is still the one that was read."""

    size: int
    version: str
    """Another one after every change; empty while it is too young to tell one write from another
    in the same instant."""

    def is_still(self, size: int, version: str) -> bool:
        """Whether what was read under that stamp is certainly what is there now."""
        return bool(version) and (self.size, self.version) == (size, version)


class Sight(ABC):
    """A look at very many objects without reading them."""

    @abstractmethod
    def stamp(self, key: str) -> Stamp | None:
        """None if there is no such object."""

    @abstractmethod
    def size(self, key: str) -> int | None:
        """Bytes under ``key``, cheaper than a stamp; None if there is no such object."""


class ListedSight(Sight):
    """What a listing said."""

    def __init__(self, listed: Iterable[Listed]) -> None:
        self._found = {each.key: Stamp(each.size, each.version) for each in listed}

    def stamp(self, key: str) -> Stamp | None:
        """See :class:`Sight`."""
        return self._found.get(key)

    def size(self, key: str) -> int | None:
        """See :class:`Sight`."""
        found = self._found.get(key)
        return None if found is None else found.size


class Store(ABC):
    """Named bytes with atomic writes.

    Keys are relative paths with ``/`` (``assets/oak_barrel/lod0.glb``). Whoever reads a key sees
    all bytes of one write or none, whatever crashes; there are no partial objects.
    """

    @property
    @abstractmethod
    def uri(self) -> str:
        """The setting that opens this store again; free of secrets."""

    @abstractmethod
    def read(self, key: str) -> bytes:
        """The bytes under ``key``.

        Raises:
            NotStored: there are none.
        """

    @abstractmethod
    def write(self, key: str, data: bytes) -> None:
        """Put ``data`` under ``key``, replacing what was there, atomically."""

    @abstractmethod
    def create(self, key: str, data: bytes) -> bool:
        """Put ``data`` under ``key`` only if nothing is there yet.

        Returns:
            True for the one writer that won; False, with nothing changed, for all others.
        """

    @abstractmethod
    def replace(self, key: str, old: bytes, new: bytes) -> bool:
        """Put ``new`` under ``key`` only if ``old`` is what is there.

        So two writers never overwrite each other: whoever is told False reads again and decides
        anew. An S3-compatible server without ``If-Match`` (AWS and most have it, OpenStack Swift
        has not) leaves the moment between reading and writing open.

        Returns:
            False, with nothing changed, if there is something else or nothing.
        """

    @abstractmethod
    def size(self, key: str) -> int | None:
        """Bytes under ``key``; None if there is no such object."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove ``key``; fine if it is not there."""

    @abstractmethod
    def listing(self, prefix: str = "") -> Iterator[Listed]:
        """All objects whose key starts with ``prefix``, sorted by key; no object is read."""

    @abstractmethod
    def location(self, key: str) -> str:
        """Where a person finds ``key``: an absolute path or an ``s3://`` address."""

    def list(self, prefix: str = "") -> Iterator[str]:
        """All keys that start with ``prefix``, sorted."""
        return (listed.key for listed in self.listing(prefix))

    def read_many(self, keys: Iterable[str]) -> Iterator[bytes]:
        """The bytes under each of ``keys``, in their order.

        Raises:
            NotStored: one of them is not there.
        """
        return map(self.read, keys)

    def look(self, prefix: str = "") -> Sight:
        """A look at the keys that start with ``prefix``, made for asking about very many of them.

        Here they are listed once, now; a folder is asked at each call.
        """
        return ListedSight(self.listing(prefix))

    def children(self, prefix: str) -> tuple[str, ...]:
        """What stands between ``prefix`` (which ends with ``/``) and the next ``/`` of the keys
        below it, sorted: the names of its folders.
        """
        below = (key[len(prefix) :].partition("/") for key in self.list(prefix))
        return tuple(sorted({name for name, slash, _ in below if slash}))

    def move(self, source: str, target: str) -> None:
        """Put what is under ``source`` under ``target``, replacing what was there.

        Killed half-way it leaves both, or the target alone; never half an object.

        Raises:
            NotStored: there is nothing under ``source``.
        """
        self.write(target, self.read(source))
        self.delete(source)

    def exists(self, key: str) -> bool:
        """Whether something is stored under ``key``."""
        return self.size(key) is not None


def checked_key(key: str) -> str:
    """``key`` itself if it cannot escape the store.

    Raises:
        InvalidKey: empty, absolute, with ``..``, or with characters some store cannot keep.
    """
    segments = key.split("/")
    if not all(_SEGMENT.match(segment) for segment in segments) or len(key) > 900:
        raise InvalidKey(
            f"{key!r} cannot be a key in the store",
            fix="use letters, digits, '.', '_' and '-' between single slashes",
        )
    return key
