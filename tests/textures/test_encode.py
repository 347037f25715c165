from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from trellis_assets.textures import FLOOR_DB, TextureFormat, decode, encode, encode_measured, psnr
from trellis_assets.textures._header import read_header

from .pictures import bumps, metal_mask, noise, opened, painted, saved

FORMATS = ("png", "jpeg", "webp")


@pytest.mark.parametrize("wish", FORMATS)
def test_metalness_never_goes_through_shared_chroma(wish: TextureFormat) -> None:
    pixels = metal_mask(256)
    image = encode(pixels, slot="orm", format=wish)
    decoded = opened(image)
    off = np.abs(decoded[..., 2].astype(int) - pixels[..., 2]) > 32
    assert off.mean() < 0.0005
    assert psnr(decoded, pixels, worst_channel=True) >= FLOOR_DB["orm"]
    if image.mime == "image/jpeg":
        with Pillow.open(io.BytesIO(image.data)) as picture:
            components = vars(picture)["layer"]
        assert {(h, v) for _, h, v, _ in components} == {(1, 1)}


@pytest.mark.parametrize("wish", FORMATS)
def test_normals_keep_their_direction(wish: TextureFormat) -> None:
    pixels = bumps(256)
    decoded = opened(encode(pixels, slot="normal", format=wish)) / 127.5 - 1
    wanted = pixels / 127.5 - 1
    cosine = (decoded * wanted).sum(axis=2) / np.linalg.norm(decoded, axis=2)
    angle = np.degrees(np.arccos(np.clip(cosine / np.linalg.norm(wanted, axis=2), -1, 1)))
    assert angle.mean() < 1.0


@pytest.mark.parametrize("wish", [*FORMATS, "ktx2"])
@pytest.mark.parametrize("slot", ["orm", "normal"])
@pytest.mark.parametrize("floor_db", [None, 10.0])
def test_data_is_never_written_with_shared_chroma(
    wish: TextureFormat, slot: str, floor_db: float | None
) -> None:
    """Red and blue change from texel to texel where luma does not: 4:2:0 would average them."""
    pixels = np.full((128, 128, 3), 128, np.uint8)
    odd = np.indices((128, 128)).sum(axis=0) % 2 == 1
    pixels[odd] = (188, 80, 230)
    pixels[64:] = 128
    encoded = encode_measured(pixels, slot=slot, format=wish, floor_db=floor_db)
    decoded = decode(encoded.image, slot=slot)[:64].astype(int)
    for channel, step in ((0, 60), (2, 102)):
        values = decoded[..., channel]
        assert values[odd[:64]].mean() - values[~odd[:64]].mean() > 0.8 * step
    if encoded.image.mime == "image/webp":
        assert encoded.image.data[12:16] == b"VP8L"  # the lossless kind


@pytest.mark.parametrize("size", [256, 512])
def test_normals_take_fewer_bytes_than_with_the_tables_for_photographs(size: int) -> None:
    pixels = bumps(size) + noise(size, size) // 64
    encoded = encode_measured(pixels, slot="normal", format="jpeg")
    assert encoded.format == "jpeg"  # or the test says nothing
    for quality in range(98, 50, -1):
        usual = saved(pixels, "JPEG", quality=quality, subsampling=0, optimize=True)
        if psnr(opened(usual), pixels, worst_channel=True) < FLOOR_DB["normal"]:
            break
        smallest = len(usual.data)
    assert len(encoded.image.data) < 0.9 * smallest


@pytest.mark.parametrize("wish", FORMATS)
@pytest.mark.parametrize("slot", ["base_color", "emissive"])
def test_colour_holds_the_floor_and_the_claimed_quality_is_true(
    wish: TextureFormat, slot: str
) -> None:
    pixels = painted(640)
    encoded = encode_measured(pixels, slot=slot, format=wish)
    reached = psnr(opened(encoded.image), pixels)
    assert reached >= FLOOR_DB[slot]
    assert reached == encoded.psnr_db or abs(reached - encoded.psnr_db) < 1e-6


def test_lossy_is_much_smaller_than_lossless_and_quality_is_no_higher_than_needed() -> None:
    pixels = painted(256)
    exact = encode_measured(pixels, slot="base_color", format="png")
    lossy = encode_measured(pixels, slot="base_color", format="jpeg")
    better = encode_measured(pixels, slot="base_color", format="jpeg", floor_db=44)
    assert len(lossy.image.data) < len(exact.image.data) / 2
    assert lossy.psnr_db < 40
    assert len(lossy.image.data) < len(better.image.data)
    assert better.psnr_db >= 44


@pytest.mark.parametrize("wish", FORMATS)
def test_what_no_lossy_codec_can_hold_is_stored_losslessly(wish: TextureFormat) -> None:
    pixels = noise(128, 128)
    encoded = encode_measured(pixels, slot="orm", format=wish, floor_db=90)
    assert encoded.quality is None
    assert np.array_equal(decode(encoded.image, slot="orm"), pixels)


@pytest.mark.parametrize("slot", ["orm", "normal", "base_color"])
def test_noise_fits_into_a_jpeg_of_the_best_quality(slot: str) -> None:
    """It takes three bytes a pixel, more than Pillow makes room for by itself."""
    rng = np.random.default_rng(0)
    pixels = (rng.integers(0, 2, (256, 512, 3)) * 255).astype(np.uint8)
    made = opened(encode(pixels, slot=slot, format="jpeg"))
    assert psnr(made[..., :3], pixels, worst_channel=slot != "base_color") >= FLOOR_DB[slot]


def test_a_small_share_of_covered_texels_raises_the_demand() -> None:
    pixels = np.full((512, 512, 3), 128, np.uint8)
    pixels[:128, :128] = painted(128)
    encoded = encode_measured(pixels, slot="base_color", format="jpeg", covered=1 / 16)
    assert psnr(opened(encoded.image)[:128, :128], pixels[:128, :128]) >= FLOOR_DB["base_color"]
    careless = encode_measured(pixels, slot="base_color", format="jpeg")
    assert psnr(opened(careless.image)[:128, :128], pixels[:128, :128]) < FLOOR_DB["base_color"]


@pytest.mark.parametrize("wish", ["jpeg", pytest.param("webp", marks=pytest.mark.slow)])
def test_detail_that_the_sample_does_not_see_still_holds_the_floor(wish: TextureFormat) -> None:
    pixels = painted(1024)
    pixels[140:290] = noise(150, 1024)  # between the sampled tiles
    encoded = encode_measured(pixels, slot="base_color", format=wish, floor_db=32)
    assert encoded.quality is not None  # or the test says nothing
    assert psnr(opened(encoded.image), pixels) >= 32


def test_lossy_webp_does_not_wipe_the_colour_under_alpha_zero() -> None:
    y, x = np.mgrid[:256, :256] / 40
    waves = (128 + 90 * np.stack([np.sin(x), np.cos(y), np.sin(x + y)], axis=2)).astype(np.uint8)
    pixels = np.dstack([waves, np.full((256, 256), 255, np.uint8)])
    pixels[32:224, 32:224, 3] = 0
    encoded = encode_measured(pixels, slot="base_color", format="webp")
    assert encoded.chroma == "4:2:0"  # or the test says nothing
    decoded = opened(encoded.image)
    assert np.abs(decoded[40:200, 40:200, :3].astype(int) - waves[40:200, 40:200]).mean() < 4


@pytest.mark.parametrize("wish", FORMATS)
def test_alpha_is_exact_and_so_is_colour_under_it(wish: TextureFormat) -> None:
    pixels = np.dstack([painted(128), noise(128, 128, 1)])
    pixels[:64, :64, 3] = 0
    image = encode(pixels, slot="base_color", format=wish)
    assert image.mime != "image/jpeg"
    decoded = opened(image)
    assert np.array_equal(decoded[..., 3], pixels[..., 3])
    assert psnr(decoded[:64, :64], pixels[:64, :64]) >= 34  # not wiped to black


@pytest.mark.parametrize("wish", FORMATS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 64), (3, 5), (1024, 256)])
def test_odd_shapes_survive(wish: TextureFormat, shape: tuple[int, int]) -> None:
    pixels = np.zeros((*shape, 3), np.uint8)
    pixels[..., 0] = 200
    image = encode(pixels, slot="base_color", format=wish, name="thing")
    header = read_header(image.data)
    assert header is not None
    assert (header.height, header.width, header.mime) == (*shape, image.mime)
    assert np.abs(opened(image)[..., :3].astype(int) - pixels).max() <= 8
    assert image.name == "thing"


@pytest.mark.parametrize("wish", FORMATS)
def test_the_same_pixels_give_the_same_bytes(wish: TextureFormat) -> None:
    for slot, pixels in (("base_color", painted(96)), ("orm", metal_mask(64))):
        first = encode(pixels, slot=slot, format=wish)
        second = encode(pixels.copy(), slot=slot, format=wish)
        assert first.data == second.data
