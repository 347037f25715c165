"""KTX2: the right block format per slot, our own mips, honest figures, no silent fallback."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from trellis_assets.gltf import Image
from trellis_assets.node_tools import NodeToolMissing
from trellis_assets.textures import (
    KTX2_FLOOR_DB,
    CorruptTexture,
    Encoded,
    TextureTooLarge,
    decode,
    decode_ktx2,
    encode,
    encode_measured,
    gpu_bytes,
    has_alpha_channel,
    image_gpu_bytes,
    image_size,
    mip_levels,
    psnr,
)
from trellis_assets.textures._recent import forget

from .pictures import bumps, metal_mask, noise, painted


def facts(data: bytes) -> tuple[int, int, int, int, int, int]:
    """Width, height, levels, supercompression; primaries and transfer function (KTX 2.0, 3)."""
    width, height = struct.unpack_from("<2I", data, 20)
    levels, scheme = struct.unpack_from("<2I", data, 40)
    (descriptor,) = struct.unpack_from("<I", data, 48)
    return width, height, levels, scheme, data[descriptor + 13], data[descriptor + 14]


def back(encoded: Encoded, slot: str) -> NDArray[np.uint8]:
    return decode_ktx2(encoded.image, slot=slot, material="paint", limit=4096)


@pytest.fixture(scope="module")
def smooth() -> Encoded:
    return encode_measured(painted(256), slot="base_color", format="ktx2", floor_db=28)


def test_smooth_colour_becomes_etc1s_with_all_its_mips(smooth: Encoded) -> None:
    assert smooth.chroma == "ETC1S"
    assert facts(smooth.image.data) == (256, 256, 9, 1, 1, 2)  # BasisLZ, BT.709, sRGB
    assert image_size(smooth.image) == (256, 256)
    assert image_gpu_bytes(smooth.image) == gpu_bytes(256, 256, bytes_per_texel=0.5)
    reached = psnr(back(smooth, "base_color"), painted(256))
    assert reached >= 28
    assert reached == pytest.approx(smooth.psnr_db, abs=1e-6)


def test_noise_becomes_uastc_because_etc1s_does_not_hold_the_floor() -> None:
    encoded = encode_measured(noise(64, 64), slot="base_color", format="ktx2")
    assert encoded.chroma == "UASTC"
    assert image_gpu_bytes(encoded.image) == gpu_bytes(64, 64, bytes_per_texel=1.0)


@pytest.mark.parametrize("slot", ["orm", "normal"])
def test_data_is_never_etc1s_and_is_linear(slot: str) -> None:
    pixels = metal_mask(256) if slot == "orm" else bumps(256)
    encoded = encode_measured(pixels, slot=slot, format="ktx2")
    assert encoded.chroma == "UASTC"
    assert facts(encoded.image.data)[2:] == (9, 2, 0, 1)  # Zstandard, unspecified, linear
    reached = psnr(back(encoded, slot), pixels, worst_channel=True)
    assert reached >= KTX2_FLOOR_DB[slot]


def test_alpha_travels_and_costs_memory() -> None:
    rgba = np.dstack([painted(64), np.full((64, 64), 255, np.uint8)])
    rgba[:, :32, 3] = 0
    encoded = encode_measured(rgba, slot="base_color", format="ktx2", alpha_mode="MASK")
    assert has_alpha_channel(encoded.image)
    assert image_gpu_bytes(encoded.image) == gpu_bytes(64, 64, bytes_per_texel=1.0)
    found = decode(encoded.image, slot="base_color")
    assert found.shape == (64, 64, 4)
    assert np.abs(found[..., 3].astype(int) - rgba[..., 3]).mean() < 2


def test_mips_are_made_in_linear_light_and_normals_stay_unit_length() -> None:
    checker = np.indices((8, 8)).sum(axis=0)[..., None].repeat(3, axis=2) % 2 * 255
    levels = mip_levels(checker.astype(np.uint8), slot="base_color")
    assert [level.shape[0] for level in levels] == [8, 4, 2, 1]
    assert (levels[1] == 188).all()  # half the light, not half the code
    for level in mip_levels(bumps(64), slot="normal"):
        length = np.linalg.norm(level / 127.5 - 1, axis=2)
        assert np.abs(length - 1).max() < 0.02
    wide = mip_levels(painted(16)[:4], slot="base_color")
    assert [level.shape[:2] for level in wide] == [(4, 16), (2, 8), (1, 4), (1, 2), (1, 1)]


def test_the_same_pixels_give_the_same_bytes() -> None:
    first = encode(noise(32, 32), slot="orm", format="ktx2")
    forget()
    assert encode(noise(32, 32), slot="orm", format="ktx2").data == first.data


def test_what_is_smaller_than_a_block_becomes_png() -> None:
    assert encode(noise(2, 64), slot="orm", format="ktx2").mime == "image/png"


def test_a_texture_too_large_for_the_encoder_is_refused() -> None:
    with pytest.raises(TextureTooLarge, match=r"orm texture: 4096x4096.*2048"):
        encode(np.zeros((4096, 4096, 3), np.uint8), slot="orm", format="ktx2")


def test_without_the_encoder_there_is_an_error_and_no_other_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(NodeToolMissing, match="trellis-assets setup"):
        encode(noise(16, 16, seed=9), slot="orm", format="ktx2")


def test_damaged_files_are_refused_by_name(smooth: Encoded) -> None:
    data = smooth.image.data
    for bad in (data[: len(data) // 2], data[:12] + b"\xff" * 68 + data[80:]):
        with pytest.raises(CorruptTexture, match="material 'paint', base_color"):
            decode(Image(bad, "image/ktx2"), slot="base_color", material="paint")


def test_memory_is_counted_in_blocks() -> None:
    assert gpu_bytes(256, 256, bytes_per_texel=0.5) * 8 == pytest.approx(
        gpu_bytes(256, 256), rel=0.01
    )
