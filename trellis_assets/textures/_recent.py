"""The latest decoded and encoded textures, found by content: variants ask for the same again."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from trellis_assets.gltf import Image

from ._slots import Pixels

if TYPE_CHECKING:
    from .encode import Encoded

KEPT_BYTES = 96 << 20
"""Two sets of three maps of 2048 texels, and what is made from them."""
_KEPT_FILES = 64 << 20

Key = tuple[object, ...]
T = TypeVar("T")


class _Recent(Generic[T]):
    """The latest values of at most ``limit`` bytes together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[Key, tuple[T, int]] = OrderedDict()
        self._keeping = Lock()

    def get(self, key: Key) -> T | None:
        with self._keeping:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Key, value: T, size: int) -> None:
        with self._keeping:
            self._kept[key] = value, size
            self._kept.move_to_end(key)
            while sum(bytes_of for _, bytes_of in self._kept.values()) > self._limit:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._keeping:
            self._kept.clear()


_pixels: _Recent[Pixels] = _Recent(KEPT_BYTES)
_files: _Recent[Encoded] = _Recent(_KEPT_FILES)


def key_of(image: Image, slot: str) -> Key:
    """What decides the pixels: the bytes, the declared type, and whether alpha counts."""
    return sha256(image.data).digest(), image.mime, slot == "base_color"


def recall(key: Key) -> Pixels | None:
    """The pixels, read-only, if they are still there."""
    return _pixels.get(key)


def remember(key: Key, pixels: Pixels) -> Pixels:
    """Keeps the pixels, and returns them read-only, for all share them."""
    pixels.setflags(write=False)
    _pixels.put(key, pixels, pixels.nbytes)
    return pixels


def key_of_pixels(pixels: Pixels, *settings: object) -> Key:
    """What decides an encoded file."""
    return sha256(np.ascontiguousarray(pixels).data).digest(), pixels.shape, *settings


def recall_encoded(key: Key) -> Encoded | None:
    """The file, if it is still there."""
    return _files.get(key)


def remember_encoded(key: Key, encoded: Encoded) -> Encoded:
    """Keeps the file and returns it."""
    _files.put(key, encoded, len(encoded.image.data))
    return encoded


def forget() -> None:
    """Let go of everything."""
    _pixels.clear()
    _files.clear()
