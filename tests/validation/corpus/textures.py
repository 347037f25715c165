"""Defects of pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from trellis_assets.geometry.shading import with_tangents
from trellis_assets.gltf import Image, Model

from .case import registered
from .parts import SIDE, box, edited, model, noise, painted, picture


@registered("texture.decodes")
def picture_cut_off() -> Model:
    whole = picture(np.random.default_rng(0).integers(90, 170, (SIDE, SIDE, 3)))
    return model(material=painted(base_color=replace(whole, data=whole.data[:3000])))


@registered("texture.decodes")
def picture_of_nothing() -> Model:
    stub = Image(b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png", "map")
    return model(material=painted(base_color=stub))


@registered("texture.power-of-two")
def odd_size() -> Model:
    return model(material=painted(base_color=picture(noise(272)[:250, :250])))


@registered("texture.flat")
def one_color() -> Model:
    flat = np.full((SIDE, SIDE, 3), 120)
    return model(material=painted(base_color=picture(flat)))


@registered("texture.normal-map")
def photograph_as_normal_map() -> Model:
    material = painted(normal=picture(noise(low=10, high=120)))
    return model(with_tangents(box()), material)


@registered("texture.duplicate")
def picture_stored_twice() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["images"].append(dict(document["images"][0]))
        document["textures"].append({"sampler": 0, "source": len(document["images"]) - 1})
        material = document["materials"][0]
        material["emissiveTexture"] = {"index": len(document["textures"]) - 1}

    return edited(model(), change)


@registered("texture.unseen")
def picture_for_the_gpu() -> bytes:
    """KTX2 that a reader may, but need not, understand."""

    def change(document: dict[str, Any]) -> None:
        del document["extensionsRequired"]

    stub = b"\xabKTX 20\xbb\r\n\x1a\n" + np.array([0, 1, 256, 256], "<u4").tobytes() + bytes(64)
    return edited(model(material=painted(base_color=Image(stub, "image/ktx2", "map"))), change)
