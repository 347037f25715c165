"""Variants of a model that moves, played by three.js as the file that they were made from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tests.moving_models import HEIGHT, tube
from trellis_assets.gltf import model_to_glb

from .browser import Reader, open_reader
from .tools import install_readers
from .variants import ladder_of, variants_of

pytestmark = pytest.mark.slow

MOMENTS = [("wave", 0.3), ("wave", 0.5), ("wave", 0.9), ("slide", 0.25)]
STEP = 1 / 8192
"""Of the size: what packing may move a vertex."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    install_readers()
    folder = tmp_path_factory.mktemp("moving")
    given = model_to_glb(tube(48, 96))
    (folder / "given.glb").write_bytes(given)
    for name, variant in variants_of(*ladder_of(given)).items():
        for file, data in variant.files.items():
            (folder / name / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / file).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def reader(folder: Path) -> Iterator[Reader]:
    with open_reader(folder) as opened:
        yield opened


@pytest.mark.parametrize("profile", ["pc.prop", "unreal.prop", "web.commerce"])
@pytest.mark.parametrize(("clip", "time"), MOMENTS)
def test_each_rung_stands_as_the_original_at_any_moment(
    folder: Path, reader: Reader, profile: str, clip: str, time: float
) -> None:
    """The original is 2.1 m high, the variants are 1 m; both have their foot at the origin."""
    scale = 1.0 / (HEIGHT + 0.1)
    wanted = reader.posed("given.glb", clip, time) * scale
    files = sorted((folder / profile).glob("*[lL][oO][dD][0-3].glb"))
    assert len(files) == 4
    for file in files:
        found = reader.posed(f"{profile}/{file.name}", clip, time)
        assert len(found) <= len(wanted)
        far = cKDTree(wanted).query(found)[0]
        assert far.max() < STEP, file.name
        assert np.ptp(found, axis=0) == pytest.approx(np.ptp(wanted, axis=0), abs=0.03)
