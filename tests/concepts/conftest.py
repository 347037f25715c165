"""Pictures drawn here, so that no file is needed: an object of known outline on any background."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]


def _encode(pixels: Picture, file_format: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, file_format, **options)
    return buffer.getvalue()


def _vase(side: int = 400) -> Picture:
    """A striped vase with a handle (a hole) on air, anti-aliased."""
    big = np.zeros((side * 2, side * 2, 4), np.uint8)
    alpha = np.zeros(big.shape[:2], np.uint8)
    centre = (side, int(1.15 * side))
    cv2.ellipse(alpha, centre, (int(0.45 * side), int(0.6 * side)), 0, 0, 360, 255, -1)
    cv2.rectangle(alpha, (int(0.8 * side), int(0.3 * side)), (int(1.2 * side), side), 255, -1)
    cv2.ellipse(alpha, (int(1.4 * side), side), (int(0.2 * side),) * 2, 0, 0, 360, 255, side // 12)
    y = np.arange(side * 2)[:, None]
    big[:, :, 0] = 150 + 60 * ((y // 40) % 2)
    big[:, :, 1] = 60 + (y * 60 // (side * 2))
    big[:, :, 2] = 40
    big[:, :, 3] = alpha
    return np.asarray(cv2.resize(big, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _over(cut: Picture, background: NDArray[np.float64]) -> Picture:
    alpha = cut[:, :, 3:] / 255.0
    return np.clip(cut[:, :, :3] * alpha + background * (1 - alpha), 0, 255).astype(np.uint8)


@pytest.fixture
def encode() -> Callable[..., bytes]:
    return _encode


@pytest.fixture
def vase() -> Picture:
    return _vase()


@pytest.fixture
def over() -> Callable[[Picture, NDArray[np.float64]], Picture]:
    return _over
