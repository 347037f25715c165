"""Drawn concept images, generated once per session, and the closedness check every test needs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from PIL import Image

from trellis_assets.embedded import EmbeddedResult, generate

SMALL: Mapping[str, Any] = {"resolution": 160, "decimationTarget": 20_000, "textureSize": 512}


def png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def vase_pixels(side: int = 320) -> NDArray[np.uint8]:
    """A turned vase: smooth, symmetric, taller than wide."""
    y = np.linspace(0.0, 1.0, side)[:, None]
    half = 0.13 + 0.13 * np.sin(np.pi * np.clip((y - 0.1) / 0.8, 0, 1)) ** 2
    x = np.abs(np.linspace(-0.5, 0.5, side))[None, :]
    inside = (x < half) & (y > 0.04) & (y < 0.96)
    out = np.zeros((side, side, 4), np.uint8)
    out[:, :, 0] = 60 + (np.arange(side)[:, None] // 20 % 2) * 80
    out[:, :, 1] = 120
    out[:, :, 2] = np.arange(side)[None, :] * 200 // side
    out[:, :, 3] = cv2.GaussianBlur(inside.astype(np.uint8) * 255, (0, 0), 0.7)
    return out


def figure_pixels(side: int = 320) -> NDArray[np.uint8]:
    """A standing figure with a raised arm: no symmetry, a hole, a bright face in the middle."""
    mask = np.zeros((side, side), np.uint8)
    unit = side / 320
    for centre, axes in [((160, 70), (38, 44)), ((160, 170), (60, 75))]:
        at = tuple(int(v * unit) for v in centre)
        cv2.ellipse(mask, at, tuple(int(v * unit) for v in axes), 0, 0, 360, 255, -1)
    for x in (125, 180):
        corner = (int(x * unit), int(220 * unit))
        cv2.rectangle(mask, corner, (corner[0] + int(28 * unit), int(300 * unit)), 255, -1)
    cv2.ellipse(
        mask,
        (int(230 * unit), int(140 * unit)),
        (int(40 * unit), int(60 * unit)),
        0,
        0,
        360,
        255,
        int(16 * unit),
    )
    out = np.zeros((side, side, 4), np.uint8)
    out[:, :, :3] = (70, 90, 150)
    cv2.circle(out, (int(160 * unit), int(160 * unit)), int(26 * unit), (250, 240, 60, 0), -1)
    out[:, :, 3] = mask
    return out


def crate_pixels(side: int = 360) -> NDArray[np.uint8]:
    """A crate in three-quarter view from above: three faces, boards along its axes."""
    down, left, right = (np.array(v) for v in ((0.0, 0.4), (-0.36, -0.16), (0.3, -0.2)))
    corner = np.array([0.54, 0.5])  # the one nearest to the viewer, on top
    out = np.zeros((side, side, 4), np.uint8)
    faces = [
        (left, right, (205, 170, 110)),
        (left, down, (150, 110, 60)),
        (right, down, (110, 78, 40)),
    ]
    for a, b, colour in faces:
        quad = np.array([corner, corner + a, corner + a + b, corner + b]) * side
        cv2.fillPoly(out, [np.rint(quad).astype(np.int32)], (*colour, 255))
        for t in np.linspace(0.0, 1.0, 6):
            for p, q in (
                (corner + t * a, corner + t * a + b),
                (corner + t * b, corner + t * b + a),
            ):
                ends = [tuple(int(v) for v in np.rint(e * side)) for e in (p, q)]
                cv2.line(out, ends[0], ends[1], (60, 40, 20, 255), 2)
    return out


def is_sound(positions: NDArray[np.float32], triangles: NDArray[np.uint32]) -> bool:
    """Watertight after welding by position, consistently wound, positive volume."""
    mesh = trimesh.Trimesh(positions, triangles, process=False)
    mesh.merge_vertices(merge_tex=True, merge_norm=True)
    return bool(mesh.is_watertight and mesh.is_winding_consistent and mesh.volume > 0)


@pytest.fixture(scope="session")
def vase() -> EmbeddedResult:
    return generate(png(vase_pixels()), settings=SMALL, seed=1)


@pytest.fixture(scope="session")
def figure() -> EmbeddedResult:
    return generate(png(figure_pixels()), settings=SMALL, seed=1)


@pytest.fixture(scope="session")
def crate() -> EmbeddedResult:
    return generate(png(crate_pixels()), settings=SMALL, seed=1)
