"""Bad pictures in a GLB: refused in words that name material, slot and fix; others go on."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from trellis_assets.delivery import Variant, build_variant
from trellis_assets.gltf import (
    BrokenTexture,
    Glb,
    Image,
    load_model,
    model_to_glb,
    read_glb,
    write_glb,
)
from trellis_assets.textures import (
    CorruptTexture,
    TextureError,
    TextureTooLarge,
    UnsupportedTexture,
    WrongTextureType,
    make_texture_set,
)

from .models import AUTHORSHIP, ladder, paint, picture, sheet, target, waves


def cmyk() -> Image:
    buffer = io.BytesIO()
    Pillow.fromarray(waves(16)).convert("CMYK").save(buffer, "JPEG")
    return Image(buffer.getvalue(), "image/jpeg")


def deep() -> Image:
    buffer = io.BytesIO()
    Pillow.fromarray(np.arange(256, dtype=np.uint16).reshape(16, 16) * 257).save(buffer, "PNG")
    return Image(buffer.getvalue(), "image/png")


def huge() -> Image:
    """A PNG whose header promises 16384 x 16384."""
    data = bytearray(picture(waves(16)).data)
    data[16:24] = struct.pack(">II", 16384, 16384)
    return Image(bytes(data), "image/png")


def corrupt() -> Image:
    data = picture(waves(64)).data
    return Image(data[: len(data) // 2], "image/png")


def delivered(data: bytes) -> Variant:
    """What a step does with a GLB from outside: read, make the textures, build a variant."""
    model = load_model(data)
    material = model.parts[0].material
    return build_variant(
        asset_id="oak_barrel",
        profile=target(texture_format="jpeg", rungs=1),
        rungs=ladder(material),
        textures=make_texture_set(model, size=64),
        authorship=AUTHORSHIP,
    )


@pytest.mark.parametrize(
    ("bad", "kind", "words"),
    [
        (cmyk, UnsupportedTexture, "CMYK"),
        (deep, UnsupportedTexture, "16 bits"),
        (huge, TextureTooLarge, "16384x16384"),
        (corrupt, CorruptTexture, "does not decode"),
        (lambda: Image(b"no picture at all", "image/png"), CorruptTexture, "no readable"),
        (
            lambda: Image(picture(waves(16)).data, "image/webp"),
            WrongTextureType,
            "declared image/webp, but the bytes are image/png",
        ),
    ],
)
def test_a_bad_picture_is_named_and_stops_its_own_variant_only(
    bad: Callable[[], Image], kind: type[TextureError], words: str
) -> None:
    data = model_to_glb(sheet(100, paint(normal=bad())))
    with pytest.raises(kind, match=words) as refusal:
        delivered(data)
    assert refusal.value.material == "Material_0.001"
    assert refusal.value.slot == "normal"
    assert "material 'Material_0.001', normal texture" in str(refusal.value)
    assert refusal.value.fix
    assert delivered(model_to_glb(sheet(100, paint()))).ok


def _missing(document: dict[str, Any]) -> None:
    document["textures"][0]["extensions"] = {}


def _no_such_image(document: dict[str, Any]) -> None:
    document["textures"][0] = {"source": 99}


def _empty(document: dict[str, Any]) -> None:
    del document["images"][0]["bufferView"]


def _outside(document: dict[str, Any]) -> None:
    document["images"][0] = {"uri": "https://example.org/wood.png"}


def _unknown_type(document: dict[str, Any]) -> None:
    document["images"][0]["mimeType"] = "image/tiff"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (_missing, "names no image"),
        (_no_such_image, "does not exist"),
        (_empty, "holds no picture"),
        (_outside, "external files are never followed"),
        (_unknown_type, "image/tiff"),
    ],
)
def test_a_texture_that_leads_nowhere_is_named(
    edit: Callable[[dict[str, Any]], None], words: str
) -> None:
    glb = read_glb(model_to_glb(sheet(100, paint())))
    edit(glb.json)
    with pytest.raises(BrokenTexture, match=words) as refusal:
        load_model(write_glb(Glb(glb.json, glb.bin)))
    assert (refusal.value.material, refusal.value.slot) == ("Material_0.001", "base_color")
    assert refusal.value.fix


def test_one_texel_is_no_fault_and_becomes_a_factor() -> None:
    one = picture(np.full((1, 1, 3), (255, 0, 0), np.uint8))
    variant = delivered(model_to_glb(sheet(100, paint(base_color=one))))
    assert "base_color" in variant.manifest["files"][0]["plain_slots"]
