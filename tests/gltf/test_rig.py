"""What moves goes through: every vertex stands where it stood, at any time of any clip."""

from __future__ import annotations

import numpy as np
import pytest

from trellis_assets.gltf import Glb, load_model, model_to_glb, read_glb, write_glb
from trellis_assets.validation import validate_glbs

from .posing import posed
from .rigged import everything

TIMES = (0.0, 0.3, 0.8, 1.25, 1.6)


def again(glb: Glb) -> Glb:
    """Read as a model and written."""
    return read_glb(model_to_glb(load_model(write_glb(glb))))


def same_poses(first: Glb, second: Glb) -> None:
    for clip in ("", *(each["name"] for each in first.json["animations"])):
        for time in TIMES:
            ours, theirs = posed(second, clip, time), posed(first, clip, time)
            for (points, normals), (expected, directions) in zip(ours, theirs, strict=True):
                size = np.ptp(expected, axis=0).max()
                assert np.abs(points - expected).max() <= 1e-5 * size, (clip, time)
                np.testing.assert_allclose(normals, directions, atol=1e-4)


@pytest.mark.parametrize(("kind", "sets"), [("u1", 1), ("u2", 1), ("u1", 2)])
def test_every_pose_is_kept(kind: str, sets: int) -> None:
    first = everything(kind, sets)
    second = again(first)
    same_poses(first, second)
    third = again(second)
    same_poses(first, third)
    assert len(third.json["nodes"]) == len(second.json["nodes"])
    assert write_glb(again(third)) == write_glb(third)
    given, written = validate_glbs([write_glb(first), write_glb(second)])
    assert given.errors == 0, given.messages
    assert (written.errors, written.warnings) == (0, 0), written.messages
