"""Files that are none, or that no part of the pipeline takes."""

from __future__ import annotations

from typing import Any

from trellis_assets.gltf import Glb, model_to_glb, read_glb
from trellis_assets.gltf import write_glb as join

from .case import registered
from .parts import bare, box, edited, model


@registered("file.readable")
def not_a_glb() -> bytes:
    return b"solid box\nfacet normal 0 0 1\n"


@registered("file.readable")
def cut_off() -> bytes:
    return model_to_glb(model())[:-100]


@registered("file.readable")
def index_past_the_end() -> bytes:
    glb = read_glb(model_to_glb(bare(box())))
    body = bytearray(glb.bin)
    view = glb.json["bufferViews"][glb.json["accessors"][-1]["bufferView"]]
    body[view["byteOffset"] : view["byteOffset"] + 2] = b"\xf0\xf0"
    return join(Glb(glb.json, bytes(body)))


@registered("file.unsupported")
def points() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["meshes"][0]["primitives"][0]["mode"] = 0

    return edited(model(), change)


@registered("file.too-large")
def one_mesh_drawn_by_thousands_of_nodes() -> bytes:
    def change(document: dict[str, Any]) -> None:
        document["nodes"] = [{"name": f"box_{i}", "mesh": 0} for i in range(20_000)]
        document["scenes"][0]["nodes"] = list(range(20_000))

    return edited(model(), change)
