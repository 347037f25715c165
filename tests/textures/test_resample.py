from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow

from trellis_assets.srgb import LINEAR_OF_CODE, linear_to_srgb, srgb_to_linear
from trellis_assets.textures import resize, target_shape

from .pictures import bumps, noise, painted

Float = NDArray[np.float64]


def to_linear(codes: NDArray[np.uint8]) -> Float:
    value = codes / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def to_srgb(light: Float) -> Float:
    curve = 1.055 * np.maximum(light, 1e-12) ** (1 / 2.4) - 0.055
    return np.where(light <= 0.0031308, light * 12.92, curve) * 255


def box(values: Float, height: int, width: int) -> Float:
    """Exact area average in double precision, by the integral of each row and column."""

    def weights(source: int, target: int) -> Float:
        edges = np.arange(target + 1) * source / target
        lower, upper = edges[:-1, None], edges[1:, None]
        texel = np.arange(source)[None]
        overlap = np.minimum(upper, texel + 1) - np.maximum(lower, texel)
        return np.asarray(np.maximum(overlap, 0) * target / source)

    rows, columns = weights(values.shape[0], height), weights(values.shape[1], width)
    return np.asarray(np.einsum("yi,xj,ijc->yxc", rows, columns, values, optimize=True))


def test_srgb_is_exact_for_every_code_and_nearest_in_between() -> None:
    codes = np.arange(256, dtype=np.uint8)
    assert np.array_equal(linear_to_srgb(LINEAR_OF_CODE), codes)
    assert np.allclose(LINEAR_OF_CODE, to_linear(codes), atol=1e-7)
    light = np.linspace(0, 1, 100_001)
    error = np.abs(linear_to_srgb(light.astype(np.float32)) - to_srgb(light))
    assert error.max() < 0.5001
    assert srgb_to_linear(noise(3, 5)).shape == (3, 5, 3)


@pytest.mark.parametrize(("shape", "size"), [((64, 64), 16), ((64, 32), 16), ((100, 60), 64)])
def test_colour_is_averaged_in_linear_light(shape: tuple[int, int], size: int) -> None:
    pixels = noise(*shape)
    small = resize(pixels, size=size, slot="base_color", mip=True)
    expected = to_srgb(box(to_linear(pixels), *target_shape(*shape, size)))
    assert np.abs(small - expected).max() < 0.51


def test_a_black_and_white_checker_becomes_the_grey_of_half_the_light() -> None:
    checker = np.indices((8, 8)).sum(axis=0) % 2 * 255
    pixels = np.repeat(checker[..., None], 3, axis=2).astype(np.uint8)
    assert (resize(pixels, size=4, slot="base_color") == 188).all()  # not 127 or 128
    assert (resize(pixels, size=4, slot="emissive") == 188).all()
    assert (resize(pixels, size=4, slot="orm") == 128).all()


def test_orm_is_a_plain_average() -> None:
    pixels = noise(64, 64)
    expected = box(pixels.astype(np.float64), 16, 16)
    assert np.abs(resize(pixels, size=16, slot="orm", mip=True) - expected).max() < 0.51


def test_normals_stay_unit_length_and_keep_their_direction() -> None:
    vectors = np.random.default_rng(4).normal((0, 0, 2), 1, (64, 64, 3))  # very rough
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    pixels = np.round((vectors + 1) * 127.5).astype(np.uint8)
    small = resize(pixels, size=16, slot="normal", mip=True).astype(np.float64) / 127.5 - 1
    length = np.linalg.norm(small, axis=2)
    assert np.abs(length - 1).max() < 0.01
    mean = box(pixels / 127.5 - 1, 16, 16)
    assert np.linalg.norm(mean, axis=2).min() < 0.9  # a plain average is too short
    mean /= np.linalg.norm(mean, axis=2, keepdims=True)
    cosine = np.clip((mean * small).sum(axis=2) / length, -1, 1)
    assert np.degrees(np.arccos(cosine)).max() < 0.6
    sharpened = resize(pixels, size=16, slot="normal").astype(np.float64) / 127.5 - 1
    assert np.abs(np.linalg.norm(sharpened, axis=2) - 1).max() < 0.01


def seen(small: NDArray[np.uint8], side: int) -> Float:
    """Magnified as a GPU does, bilinearly between texel centres."""
    place = (np.arange(side) + 0.5) * small.shape[0] / side - 0.5
    low = np.floor(place).astype(int)
    part = (place - low)[:, None, None]
    at, after = (np.clip(low + step, 0, small.shape[0] - 1) for step in (0, 1))
    rows = small[at] * (1 - part) + small[after] * part
    part = part.reshape(1, -1, 1)
    return np.asarray(rows[:, at] * (1 - part) + rows[:, after] * part, np.float64)


@pytest.mark.parametrize("slot", ["base_color", "orm", "normal"])
def test_magnified_it_is_nearer_to_the_source_than_the_area_mean_and_than_lanczos(
    slot: str,
) -> None:
    y, x = np.mgrid[:256, :256]
    waves = np.stack([np.sin(x / 1.1), np.cos(y / 1.3), np.sin((x + y) / 2)], axis=2)
    pixels = bumps(256) if slot == "normal" else (150 + 60 * waves).astype(np.uint8)
    lanczos = Pillow.fromarray(pixels).resize((128, 128), Pillow.Resampling.LANCZOS)

    def missed(small: NDArray[np.uint8]) -> float:
        return float(np.square(seen(small, 256) - pixels).mean())

    ours = missed(resize(pixels, size=128, slot=slot))
    assert ours < 0.95 * missed(resize(pixels, size=128, slot=slot, mip=True))
    assert ours < missed(np.asarray(lanczos))


@pytest.mark.parametrize("slot", ["base_color", "orm"])
def test_an_edge_does_not_leave_the_range_of_the_source(slot: str) -> None:
    pixels = np.full((64, 64, 3), 40, np.uint8)
    pixels[:, 31:] = 190
    small = resize(pixels, size=32, slot=slot)
    assert (small.min(), small.max()) == (40, 190)


def test_opposite_normals_fall_back_to_flat() -> None:
    pixels = np.empty((2, 2, 3), np.uint8)
    pixels[:, 0], pixels[:, 1] = (255, 128, 128), (0, 127, 127)
    assert np.array_equal(resize(pixels, size=1, slot="normal")[0, 0], [128, 128, 255])


def test_alpha_is_premultiplied_so_that_edges_keep_their_colour() -> None:
    pixels = np.zeros((8, 8, 4), np.uint8)  # black under alpha 0
    pixels[:, :3] = (200, 40, 40, 255)
    small = resize(pixels, size=4, slot="base_color", alpha_mode="MASK")
    assert (small[:, :2, :3] == (200, 40, 40)).all()  # column 1 is half covered, not half black
    assert np.array_equal(small[0, :, 3], [255, 128, 0, 0])
    assert (small[:, 2:, :3] == (200, 40, 40)).all()  # colour under alpha 0 from its neighbours


def test_under_opaque_the_colour_beneath_alpha_zero_counts_as_it_is_shown() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[..., :3] = (10, 200, 90)
    small = resize(pixels, size=2, slot="base_color", alpha_mode="OPAQUE")
    assert (small[..., :3] == (10, 200, 90)).all()
    assert (small[..., 3] == 0).all()


def test_small_textures_are_returned_as_they_came() -> None:
    pixels = noise(32, 64)
    assert resize(pixels, size=64, slot="base_color") is pixels
    assert resize(pixels, size=4096, slot="normal") is pixels


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        resize(noise(4, 4), size=0, slot="orm")


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 9000), st.integers(1, 9000), st.integers(1, 8192))
def test_shapes_are_powers_of_two_never_larger_and_keep_the_aspect(
    height: int, width: int, size: int
) -> None:
    shape = target_shape(height, width, size)
    assert all(side & (side - 1) == 0 and side >= 1 for side in shape)
    assert shape[0] <= height
    assert shape[1] <= width
    assert max(shape) <= size
    if min(shape) > 1:
        assert 0.5 <= (shape[0] / shape[1]) / (height / width) <= 2.01


def test_only_covered_texels_count_and_the_background_takes_their_colour() -> None:
    pixels = np.full((16, 16, 3), 255, np.uint8)  # a white background
    coverage = np.zeros((16, 16), np.uint8)
    pixels[5:11, 5:11] = (90, 30, 10)
    coverage[5:11, 5:11] = 2
    small = resize(pixels, size=4, slot="base_color", coverage=coverage)
    assert (small == (90, 30, 10)).all()


def test_the_rim_of_a_chart_takes_its_nearest_colour_not_the_charts_mean() -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:, :7] = np.linspace(20, 200, 16).astype(np.uint8)[:, None, None]  # changes along v
    coverage = np.zeros((16, 16), np.uint8)
    coverage[:, :7] = 2
    filled = resize(pixels, size=16, slot="orm", coverage=coverage)
    assert np.abs(filled[1:-1, 7].astype(int) - pixels[1:-1, 6]).max() <= 1
    assert (filled[:, 8:] > 0).all()


def test_a_sliver_that_holds_no_texel_centre_keeps_its_colour() -> None:
    pixels = np.full((16, 16, 3), 255, np.uint8)
    coverage = np.zeros((16, 16), np.uint8)
    pixels[:, 2], coverage[:, 2] = (200, 0, 0), 1  # only touched
    pixels[:, 12], coverage[:, 12] = (0, 0, 200), 2
    small = resize(pixels, size=4, slot="base_color", coverage=coverage)
    assert (small[:, 0] == (200, 0, 0)).all()
    assert (small[:, 3] == (0, 0, 200)).all()


@pytest.mark.parametrize("slot", ["base_color", "orm", "normal"])
def test_at_full_size_covered_texels_are_untouched(slot: str) -> None:
    pixels = bumps(32) if slot == "normal" else painted(32)
    coverage = np.zeros((32, 32), np.uint8)
    coverage[4:20, 4:20] = 2
    filled = resize(pixels, size=32, slot=slot, coverage=coverage)
    assert np.array_equal(filled[4:20, 4:20], pixels[4:20, 4:20])
    assert not np.array_equal(filled, pixels)


@pytest.mark.parametrize("slot", ["base_color", "orm"])
def test_a_texture_that_repeats_has_no_seam(slot: str) -> None:
    y, x = np.mgrid[:128, :128] * 2 * np.pi / 128
    waves = np.stack([np.sin(8 * x + 1), np.cos(16 * y), np.sin(8 * (x + y))], axis=2)
    pixels = (128 + 70 * waves).astype(np.uint8)
    moved = resize(np.roll(pixels, (32, 32), (0, 1)), size=64, slot=slot)
    expected = np.roll(resize(pixels, size=64, slot=slot), (16, 16), (0, 1))
    assert np.abs(moved.astype(int) - expected).max() <= 1


def test_opposite_sides_of_an_atlas_do_not_mix() -> None:
    pixels = np.full((64, 64, 3), 40, np.uint8)
    pixels[:, 32:] = 190
    pixels[:4], pixels[-4:] = 0, 255  # so that nothing is hidden by the range of the source
    small = resize(pixels, size=16, slot="orm")
    assert (small[4:-4, :6] == 40).all()
    assert (small[4:-4, -6:] == 190).all()


def test_charts_do_not_mix_however_near() -> None:
    pixels = np.zeros((32, 32, 3), np.uint8)
    coverage = np.full((32, 32), 2, np.uint8)
    pixels[:, :16], pixels[:, 18:] = (200, 20, 20), (20, 20, 200)
    coverage[:, 16:18] = 0
    small = resize(pixels, size=16, slot="base_color", coverage=coverage)
    assert (small[:, :7] == (200, 20, 20)).all()
    assert (small[:, 10:] == (20, 20, 200)).all()


def test_nothing_covered_is_a_plain_resize() -> None:
    pixels = painted(32)
    coverage = np.zeros((32, 32), np.uint8)
    expected = resize(pixels, size=8, slot="base_color")
    assert np.array_equal(resize(pixels, size=8, slot="base_color", coverage=coverage), expected)


def mip(pixels: NDArray[np.uint8], level: int) -> NDArray[np.uint8]:
    """As an engine makes it: a box filter over everything, background too."""
    side = pixels.shape[0] >> level
    return linear_to_srgb(box(to_linear(pixels), side, side).astype(np.float32))


def test_mips_of_a_sliver_atlas_bleed_at_most_a_third_of_a_plain_resize() -> None:
    side = 512
    rng = np.random.default_rng(3)
    pixels = np.full((side, side, 3), (255, 0, 255), np.uint8)  # the classic unbaked background
    coverage = np.zeros((side, side), np.uint8)
    for left in range(4, side - 16, 24):  # charts of 12 texels with gutters of 12
        shade = rng.integers(20, 120, 3)
        pixels[8 : side - 8, left : left + 12] = shade
        coverage[8 : side - 8, left : left + 12] = 2
    plain = resize(pixels, size=256, slot="base_color")
    ours = resize(pixels, size=256, slot="base_color", coverage=coverage)
    y, x = np.nonzero(coverage)
    truth = pixels[y, x].astype(int)

    def bleed(texture: NDArray[np.uint8]) -> float:
        small = mip(texture, 3)
        scale = small.shape[0] / side
        return float(np.abs(small[(y * scale).astype(int), (x * scale).astype(int)] - truth).mean())

    assert bleed(ours) <= bleed(plain) / 3
