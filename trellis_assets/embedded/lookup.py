"""Colours of a picture at scattered places."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

# OpenCV takes pictures, not vectors, and no side over 32767.
ROW = 1024


def remap(image: Bytes, x: Float, y: Float) -> Float:
    """``image`` (H, W, C) at the pixel places ``x``, ``y`` (N,), bilinear: (N, C)."""
    rows = -(-x.size // ROW)
    maps = np.zeros((2, rows * ROW), dtype=np.float32)
    maps[0, : x.size], maps[1, : x.size] = x, y
    found = cv2.remap(
        image,
        maps[0].reshape(rows, ROW),
        maps[1].reshape(rows, ROW),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found.reshape(-1, image.shape[2])[: x.size], dtype=np.float32)
