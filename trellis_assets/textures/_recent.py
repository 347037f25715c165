"""The latest decoded textures, found by content: sets and variants open the same few again."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from threading import Lock

from trellis_assets.gltf import Image

from ._slots import Pixels

KEPT_BYTES = 96 << 20
"""Two sets of three maps of 2048 texels, and what is made from them."""

Key = tuple[bytes, str, bool]

_kept: OrderedDict[Key, Pixels] = OrderedDict()
_keeping = Lock()


def key_of(image: Image, slot: str) -> Key:
    """What decides the pixels: the bytes, the declared type, and whether alpha counts."""
    return sha256(image.data).digest(), image.mime, slot == "base_color"


def recall(key: Key) -> Pixels | None:
    """The pixels, read-only, if they are still there."""
    with _keeping:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
        return found


def remember(key: Key, pixels: Pixels) -> Pixels:
    """Keeps the pixels, and returns them read-only, for all share them."""
    pixels.setflags(write=False)
    with _keeping:
        _kept[key] = pixels
        _kept.move_to_end(key)
        while sum(one.nbytes for one in _kept.values()) > KEPT_BYTES:
            _kept.popitem(last=False)
    return pixels


def forget() -> None:
    """Let go of everything."""
    with _keeping:
        _kept.clear()
