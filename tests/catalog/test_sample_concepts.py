"""The drawn concept images are clean cut-outs, and they come from the script beside them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).parents[2]
CONCEPTS = ROOT / "catalog" / "concepts"
IDS = ("amphora", "battle_axe", "iron_lantern", "oak_barrel", "stone_guardian", "toadstool")
STUDIES = (
    "cauldron",
    "clockwork_robot",
    "kite_shield",
    "potted_fern",
    "teapot",
    "treasure_chest",
)
QUICKEST = "amphora"


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


def _committed(asset_id: str) -> Image.Image:
    if asset_id in STUDIES:
        return _opened(ROOT / "docs" / "concepts" / f"{asset_id}.webp")
    return _opened(CONCEPTS / f"{asset_id}.png")


def _rgba(asset_id: str) -> NDArray[np.uint8]:
    return np.asarray(_committed(asset_id))


def _draw(asset_id: str, out: Path) -> Path:
    subprocess.run(  # noqa: S603 - the project's own script
        [sys.executable, CONCEPTS / "draw.py", asset_id, "--size", "96", "--out", out],
        check=True,
        capture_output=True,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    (picture,) = out.glob(f"{asset_id}.*")
    return picture


def _over_grey(image: Image.Image) -> NDArray[np.float64]:
    grey = Image.new("RGBA", image.size, (128, 128, 128, 255))
    return np.asarray(Image.alpha_composite(grey, image).convert("RGB"), np.float64)


@pytest.mark.parametrize("asset_id", IDS)
def test_is_a_large_rgba_picture_of_moderate_weight(asset_id: str) -> None:
    image = _committed(asset_id)
    assert image.mode == "RGBA"
    assert image.width == image.height >= 1024
    assert (CONCEPTS / f"{asset_id}.png").stat().st_size < 1_500_000


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_is_a_large_rgba_picture_and_light(name: str) -> None:
    image = _committed(name)
    assert image.mode == "RGBA"
    assert image.width == image.height >= 1024
    assert (ROOT / "docs" / "concepts" / f"{name}.webp").stat().st_size < 120_000


@pytest.mark.parametrize("asset_id", [*IDS, *STUDIES])
def test_is_cut_out_cleanly_and_fills_its_frame(asset_id: str) -> None:
    alpha = _rgba(asset_id)[..., 3]
    side = alpha.shape[0]
    border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    assert not border.any()
    half_transparent = np.mean((alpha > 0) & (alpha < 255))
    assert 0 < half_transparent < 0.02
    rows, columns = np.nonzero(alpha > 127)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert 0.60 <= max(height, width) / side <= 0.95
    assert abs((columns.min() + columns.max() + 1) / 2 - side / 2) < 0.02 * side
    # It stands: the lowest tenth of the object holds more than a point.
    foot = columns[rows > rows.max() - 0.1 * height]
    assert np.ptp(foot) > 0.08 * side


@pytest.mark.parametrize("asset_id", [*IDS, *STUDIES])
def test_is_painted_richly_without_blown_or_drowned_areas(asset_id: str) -> None:
    pixels = _rgba(asset_id)
    solid = pixels[pixels[..., 3] == 255][:, :3]
    luminance = solid @ np.array([0.2126, 0.7152, 0.0722])
    assert np.unique(solid // 16, axis=0).shape[0] > 120
    assert luminance.std() > 20
    assert np.mean(luminance > 250) < 0.005
    assert np.mean(luminance < 8) < 0.05
    # Detail, not only smooth shading: neighbours along a row differ.
    inside = (pixels[:, 1:, 3] == 255) & (pixels[:, :-1, 3] == 255)
    step = np.abs(np.diff(pixels[..., :3].astype(np.int16), axis=1)).mean(2)[inside]
    assert step.mean() > 1.5


@pytest.mark.slow
def test_the_script_draws_the_same_bytes_twice(tmp_path: Path) -> None:
    first, second = _draw(QUICKEST, tmp_path / "a"), _draw(QUICKEST, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    "asset_id",
    [QUICKEST, *(pytest.param(i, marks=pytest.mark.slow) for i in (*IDS[1:], *STUDIES))],
)
def test_the_script_draws_the_committed_picture(asset_id: str, tmp_path: Path) -> None:
    drawn = _over_grey(_opened(_draw(asset_id, tmp_path)))
    small = _committed(asset_id).resize((96, 96), Image.Resampling.BOX)
    error = np.mean((drawn - _over_grey(small)) ** 2)
    assert 10 * np.log10(255**2 / error) > 28, "run catalog/concepts/draw.py and commit the result"


def test_the_script_names_what_it_can_draw() -> None:
    answer = subprocess.run(  # noqa: S603 - the project's own script
        [sys.executable, CONCEPTS / "draw.py", "dragon"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 2
    assert "no such prop: dragon" in answer.stderr
    assert all(name in answer.stderr for name in (*IDS, *STUDIES))
