"""What comes out of preparation: the cut-out, and what is said about it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trellis_assets.concepts import NoForeground, cut_out, prepare
from trellis_assets.concepts.matte import background_matte


def codes(data: bytes) -> set[str]:
    return {finding.code for finding in cut_out(data).findings}


def test_the_cut_out_is_square_centred_with_air(
    vase: np.ndarray, encode: Callable[..., bytes]
) -> None:
    prepared = prepare(encode(vase))
    alpha = np.asarray(Image.open(io.BytesIO(prepared.png)))[:, :, 3]
    assert prepared.width == prepared.height == alpha.shape[0] == alpha.shape[1]
    rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    assert rows[0] > 0
    assert abs(rows[0] - (alpha.shape[0] - 1 - rows[-1])) <= 3
    assert abs(columns[0] - (alpha.shape[1] - 1 - columns[-1])) <= 3
    assert prepared.source_size == (400, 400)


def test_preparing_the_prepared_changes_nothing_to_speak_of(
    vase: np.ndarray, encode: Callable[..., bytes]
) -> None:
    once = prepare(encode(vase))
    twice = prepare(once.png)
    assert twice.matte == "alpha"
    first = np.asarray(Image.open(io.BytesIO(once.png)))[:, :, 3] > 127
    second = np.asarray(Image.open(io.BytesIO(twice.png)))[:, :, 3] > 127
    assert first.sum() == pytest.approx(second.sum(), rel=0.01)


def test_same_bytes_twice(vase: np.ndarray, encode: Callable[..., bytes]) -> None:
    assert prepare(encode(vase)).png == prepare(encode(vase)).png


def test_rim_colours_hold_no_background(vase: np.ndarray, encode: Callable[..., bytes]) -> None:
    dirty = vase.copy()
    dirty[vase[:, :, 3] < 255, :3] = (0, 255, 0)
    rim = cut_out(encode(dirty)).pixels[:, :, :3].astype(int)
    assert (rim[:, :, 1] - rim[:, :, 0]).max() < 0  # the vase is red all over, never green


@pytest.mark.parametrize("kind", ["white", "grey", "gradient", "noise"])
def test_opaque_backgrounds_are_found(
    vase: np.ndarray, encode: Callable[..., bytes], over: Callable[..., np.ndarray], kind: str
) -> None:
    y, x = np.mgrid[0:400, 0:400] / 400.0
    backgrounds = {
        "white": np.full((400, 400, 3), 255.0),
        "grey": np.full((400, 400, 3), 128.0),
        "gradient": np.stack([90 + 90 * y, 120 + 60 * x, 200 - 60 * y], axis=2),
        "noise": 150 + np.random.default_rng(1).normal(0, 6, (400, 400, 3)),
    }
    cut = cut_out(encode(over(vase, backgrounds[kind])))
    assert cut.matte == "border"
    truth = cut_out(encode(vase)).pixels[:, :, 3] > 127
    found = cut.pixels[:, :, 3] > 127
    side = min(len(truth), len(found))
    truth, found = (
        mask[(len(mask) - side) // 2 :, (len(mask) - side) // 2 :][:side, :side]
        for mask in (truth, found)
    )
    assert (truth & found).sum() / (truth | found).sum() > 0.97


@pytest.mark.parametrize("name", ["oak_barrel", "toadstool"])
@pytest.mark.parametrize("kind", ["gradient", "noise"])
def test_painted_things_are_found_on_opaque_backgrounds(
    name: str, kind: str, over: Callable[..., np.ndarray]
) -> None:
    picture = Image.open(Path(__file__).parents[2] / "catalog" / "concepts" / f"{name}.png")
    painted = np.asarray(picture.resize((512, 512), Image.Resampling.BOX))
    y, x = np.mgrid[0:512, 0:512] / 512.0
    background = np.stack([90 + 110 * y, 120 + 60 * x, 200 - 80 * y], axis=2)
    if kind == "noise":
        background = 190 + np.random.default_rng(1).normal(0, 6, (512, 512, 3))
    found = background_matte(over(painted, background)).alpha > 0.5
    truth = painted[:, :, 3] > 127
    assert (truth & found).sum() / (truth | found).sum() > 0.97


def test_busy_background_carries_a_warning(
    vase: np.ndarray, encode: Callable[..., bytes], over: Callable[..., np.ndarray]
) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (16, 16, 3)).astype(np.uint8)
    busy = np.asarray(Image.fromarray(noise).resize((400, 400)), dtype=float)
    assert codes(encode(over(vase, busy))) & {"background_guessed", "whole_frame_used"}


def test_pure_noise_becomes_a_panel_with_a_warning(encode: Callable[..., bytes]) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (300, 300, 3)).astype(np.uint8)
    assert codes(encode(noise)) & {"background_guessed", "whole_frame_used"}


@pytest.mark.parametrize("alpha", [True, False])
def test_nothing_to_see_is_refused(encode: Callable[..., bytes], alpha: bool) -> None:
    pixels = np.full((300, 300, 4 if alpha else 3), 120, np.uint8)
    if alpha:
        pixels[:, :, 3] = 0
    with pytest.raises(NoForeground) as caught:
        prepare(encode(pixels))
    assert "transparent background" in caught.value.fix


def test_drop_shadow_is_suspected(vase: np.ndarray, encode: Callable[..., bytes]) -> None:
    shadow = vase.copy()
    y, x = np.mgrid[0:400, 0:400]
    soft = 110 * np.clip(1.5 - np.hypot((x - 200) / 130.0, (y - 350) / 30.0), 0, 1)
    inside = vase[:, :, 3] > 0
    shadow[:, :, 3] = np.where(inside, vase[:, :, 3], soft.astype(np.uint8))
    assert "shadow_suspected" in codes(encode(shadow))
    assert "shadow_suspected" not in codes(encode(vase))


def test_pieces_frame_and_size_are_reported(encode: Callable[..., bytes]) -> None:
    dots = np.zeros((400, 400, 4), np.uint8)
    for row in range(10):
        for column in range(10):
            dots[20 + 36 * row : 36 + 36 * row, 20 + 36 * column : 36 + 36 * column] = 200
    assert "many_pieces" in codes(encode(dots))
    cropped = np.zeros((400, 400, 4), np.uint8)
    cropped[100:, 100:300] = 180
    assert "touches_frame" in codes(encode(cropped))
    tiny = np.zeros((400, 400, 4), np.uint8)
    tiny[200:240, 200:230] = 180
    assert "object_too_small" in codes(encode(tiny))
    sprite = np.zeros((16, 16, 4), np.uint8)
    sprite[3:13, 4:12] = 180
    assert "low_resolution" in codes(encode(sprite))


def test_ghostly_alpha_becomes_solid(vase: np.ndarray, encode: Callable[..., bytes]) -> None:
    ghost = vase.copy()
    ghost[:, :, 3] = (vase[:, :, 3] * 0.4).astype(np.uint8)
    cut = cut_out(encode(ghost))
    assert cut.pixels[:, :, 3].max() > 240
    assert "translucent_object" in {finding.code for finding in cut.findings}
