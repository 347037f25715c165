"""The binary chunk of a GLB while it is written, and the views into it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Body:
    """Bytes one after the other, each view aligned to 4 bytes."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []

    def view(self, content: bytes | NDArray[np.generic], target: int | None = None) -> int:
        """Append ``content``; returns the index of its buffer view."""
        data = content if isinstance(content, bytes) else content.tobytes()
        self.data.extend(b"\0" * (-len(self.data) % 4))
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self.data.extend(data)
        return added(self.views, view)


def added(items: list[dict[str, Any]], item: dict[str, Any]) -> int:
    """Append ``item``; returns its index."""
    items.append(item)
    return len(items) - 1
