"""The binary chunk of a GLB while it is written, and the views into it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Body:
    """Bytes one after the other, each view aligned to 4 bytes; copied once, when all are there."""

    def __init__(self) -> None:
        self.length = 0
        self.views: list[dict[str, Any]] = []
        self._pieces: list[bytes | memoryview] = []

    def data(self) -> bytes:
        """The binary chunk."""
        return b"".join(self._pieces)

    def view(self, content: bytes | NDArray[np.generic], target: int | None = None) -> int:
        """Append ``content``; returns the index of its buffer view."""
        data = content if isinstance(content, bytes) else _bytes_of(content)
        self._append(b"\0" * (-self.length % 4))
        view = {"buffer": 0, "byteOffset": self.length, "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self._append(data)
        return added(self.views, view)

    def _append(self, piece: bytes | memoryview) -> None:
        self._pieces.append(piece)
        self.length += len(piece)


def _bytes_of(array: NDArray[np.generic]) -> bytes | memoryview:
    """The bytes of an array that nobody changes any more, where they lie."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def added(items: list[dict[str, Any]], item: dict[str, Any]) -> int:
    """Append ``item``; returns its index."""
    items.append(item)
    return len(items) - 1
