"""When a texture of the source may stand in the set byte for byte."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from trellis_assets.gltf import Image, Model
from trellis_assets.textures import TextureSet, decode, encode, make_texture_set
from trellis_assets.textures._recent import KEPT_BYTES, _pixels, forget
from trellis_assets.textures.reuse import is_filled, is_plain_png

from .pictures import card, full_card, noise, opened, painted, saved

MIDDLE = [[0.25, 0.75], [0.75, 0.75], [0.75, 0.25], [0.25, 0.25]]


def chart(
    side: int = 64, *, filled: bool, inset: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A chart in the middle of an atlas, its colour carried outwards or not; and its coverage."""
    pixels = np.full((side, side, 3), (255, 0, 255), np.uint8)
    start, end = side // 4 + inset, side - side // 4 - inset
    color = painted(side)[start:end, start:end] // 4 + 90
    pixels[start:end, start:end] = color
    if filled:
        pad = ((start, side - end), (start, side - end), (0, 0))
        pixels = np.pad(color, pad, mode="edge")
    coverage = np.zeros((side, side), np.uint8)
    coverage[start:end, start:end] = 2
    return pixels, coverage


@pytest.mark.parametrize("inset", range(8))  # in step with blocks of texels, or not
def test_filling_is_seen_and_its_lack_too(inset: int) -> None:
    assert is_filled(*chart(filled=True, inset=inset))
    assert not is_filled(*chart(filled=False, inset=inset))


def test_an_atlas_without_background_or_without_charts() -> None:
    assert is_filled(noise(32, 32), np.full((32, 32), 2, np.uint8))  # there is no background
    assert not is_filled(noise(32, 32), np.zeros((32, 32), np.uint8))
    assert is_filled(noise(4, 4), np.full((4, 4), 2, np.uint8))
    assert not is_filled(noise(4, 4), np.eye(4, dtype=np.uint8))


def with_chunk(image: Image, kind: str) -> bytes:
    info = PngInfo()
    info.add_text(kind, "value")
    stream = io.BytesIO()
    Pillow.open(io.BytesIO(image.data)).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


def test_only_plain_rgb_pngs_are_plain() -> None:
    plain = encode(painted(16), slot="base_color", format="png")
    assert is_plain_png(plain)
    rgba = np.dstack([painted(16), np.full((16, 16), 9, np.uint8)])
    refused = [
        plain.data + b"\0",
        plain.data[:-4],
        plain.data[:40],
        b"",
        with_chunk(plain, "Comment"),
        saved(rgba).data,
        saved(painted(16)[..., 0]).data,
        cv2.imencode(".png", painted(16).astype(np.uint16) * 257)[1].tobytes(),
    ]
    assert [is_plain_png(Image(data, "image/png")) for data in refused] == [False] * len(refused)
    assert not is_plain_png(saved(painted(16), "WEBP"))


def atlas(*, filled: bool) -> Model:
    return card(MIDDLE, base_color=saved(chart(128, filled=filled)[0]))


def test_a_finished_atlas_is_taken_as_it_is() -> None:
    model = atlas(filled=True)
    textures = make_texture_set(model, size=128)
    source = model.parts[0].material.images()["base_color"]
    assert textures.reused == ("base_color",)
    assert textures.images["base_color"].data == source.data
    assert TextureSet.from_files(textures.to_files()).reused == ("base_color",)
    assert make_texture_set(model, size=4096).reused == ("base_color",)


def test_whatever_must_change_is_encoded_anew() -> None:
    assert make_texture_set(atlas(filled=True), size=64).reused == ()
    unfilled = make_texture_set(atlas(filled=False), size=128)
    assert unfilled.reused == ()
    corner = opened(unfilled.images["base_color"])[0, 0].astype(int)
    assert np.abs(corner - (255, 0, 255)).max() > 60
    orm = full_card(orm=saved(noise(16, 16)))  # red is no occlusion and becomes white
    assert make_texture_set(orm, size=16).reused == ()
    odd = full_card(base_color=saved(noise(24, 16)))  # not a power of two
    assert make_texture_set(odd, size=64).reused == ()


def test_pixels_are_shared_read_only_and_let_go() -> None:
    forget()
    image = saved(noise(64, 64))
    first = decode(image, slot="orm")
    assert decode(Image(bytes(image.data), image.mime), slot="normal") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 0
    for shade in range(9):  # 12 MB each
        decode(saved(np.full((2048, 2048, 3), shade, np.uint8)), slot="orm")
    assert sum(size for _, size in _pixels._kept.values()) <= KEPT_BYTES
    assert decode(image, slot="orm") is not first
    forget()


def test_a_set_made_twice_in_one_process_is_the_same_as_made_afresh() -> None:
    model = full_card(orm=saved(noise(32, 32)), base_color=saved(painted(32)))
    forget()
    fresh = make_texture_set(model, size=16).to_files()
    assert make_texture_set(model, size=16).to_files() == fresh
    orm = opened(make_texture_set(model, size=32).images["orm"])
    assert (orm[..., 0] == 255).all()  # and the shared pixels did not become white:
    assert np.array_equal(decode(saved(noise(32, 32)), slot="orm"), noise(32, 32))
