"""The tables of light against the lights themselves."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from trellis_assets.previews import _studio_tables as tables
from trellis_assets.previews._studio import diffuse_light, mirrored_light


def directions(count: int = 20_000) -> NDArray[np.float32]:
    """(3, N) unit vectors all around, the axes among them."""
    axes = np.concatenate([np.eye(3), -np.eye(3)])
    random = np.random.default_rng(11).normal(size=(count, 3))
    vectors = np.concatenate([axes, random])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors.T, np.float32)


def test_diffuse_light_is_the_same() -> None:
    normals = directions()
    for found, true in zip(tables.diffuse(normals), diffuse_light(normals), strict=True):
        assert found.shape == true.shape
        assert np.abs(found - true).max() < 0.02
        assert np.abs(found - true).mean() < 5e-4


@pytest.mark.parametrize("alpha", [0.001, 0.11, 0.12, 0.2, 0.45, 0.83, 1.0])
def test_mirrored_light_is_the_same_at_every_roughness(alpha: float) -> None:
    mirrored = directions()
    widths = np.full(mirrored.shape[1], alpha, np.float32)
    found, true = tables.mirrored(mirrored, widths), mirrored_light(mirrored, widths)
    for table, light in zip(found, true, strict=True):
        assert np.abs(table - light).max() < 0.06
        assert np.abs(table - light).mean() < 0.004
    if alpha < tables.SMOOTHEST:
        assert np.array_equal(found[0], true[0])


def test_mixed_roughness_is_looked_up_one_by_one() -> None:
    mirrored = directions(500)
    random = np.random.default_rng(2).uniform(0.001, 1, (mirrored.shape[1],))
    widths = np.asarray(random, np.float32)
    together, key = tables.mirrored(mirrored, widths)
    for number in (0, 100, 400):
        alone = tables.mirrored(mirrored[:, [number]], widths[[number]])
        assert np.allclose(alone[0][:, 0], together[:, number], atol=1e-5)
        assert np.allclose(alone[1], key[number], atol=1e-5)


def test_no_direction_at_all() -> None:
    light, key = tables.mirrored(np.zeros((3, 0), np.float32), np.zeros(0, np.float32))
    assert light.shape == (3, 0)
    assert key.shape == (0,)
    assert np.isfinite(tables.diffuse(np.zeros((3, 1), np.float32))[0]).all()
