"""Files made to harm who opens them, by name; each a few kilobytes that promise gigabytes."""

from __future__ import annotations

import copy
import struct
import zlib
from collections.abc import Callable
from typing import Any

from tests.geometry.shapes import box
from tests.geometry.shapes import plain as plain_model
from tests.gltf.shapes import box_model
from trellis_assets.gltf import model_to_glb, read_glb

from .mutations import framed, joined

BILLIONS = 4_000_000_000


def _textured() -> tuple[dict[str, Any], bytes]:
    glb = read_glb(model_to_glb(box_model()))
    return copy.deepcopy(glb.json), bytes(glb.bin)


def _plain() -> tuple[dict[str, Any], bytes]:
    glb = read_glb(model_to_glb(plain_model(*box(2))))
    return copy.deepcopy(glb.json), bytes(glb.bin)


def _chunk(kind: bytes, body: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + crc


def _png(width: int, height: int, packed: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _with_picture(picture: bytes) -> bytes:
    """All images of the box become that picture."""
    document, binary = _textured()
    start = len(binary) + -len(binary) % 4
    binary = binary.ljust(start, b"\0") + picture
    document["bufferViews"].append({"buffer": 0, "byteOffset": start, "byteLength": len(picture)})
    for image in document["images"]:
        image["bufferView"] = len(document["bufferViews"]) - 1
        image["mimeType"] = "image/png"
    document["buffers"][0]["byteLength"] = len(binary)
    return joined(document, binary)


def _packed_zeros(count: int) -> bytes:
    """A zlib stream of that many zeros, in no time: one compressed million, again and again."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    million = packer.compress(b"\0" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(b"\0" * (count % 1_000_000)) + packer.flush()
    checksum = struct.pack(">HH", count % 65_521, 1)  # Adler-32 of zeros
    return b"\x78\xda" + million * (count // 1_000_000) + rest + checksum


def bomb_png() -> bytes:
    """20,000 x 20,000 black texels in a megabyte of deflate: 1.2 GB unpacked."""
    side = 20_000
    return _with_picture(_png(side, side, _packed_zeros(side * (1 + 3 * side))))


def huge_header() -> bytes:
    """A header of 65,535 x 65,535 over nothing."""
    return _with_picture(_png(65_535, 65_535, zlib.compress(b"\0" * 100)))


def endless_text_chunk() -> bytes:
    """A compressed comment of 300 MB inside a sound picture."""
    text = b"Comment\0\0" + _packed_zeros(300_000_000)
    sound = _png(4, 4, zlib.compress((b"\0" + b"\0" * 12) * 4))
    return _with_picture(sound[:33] + _chunk(b"zTXt", text) + sound[33:-30])


def billions_of_vertices() -> bytes:
    document, binary = _plain()
    for accessor in document["accessors"]:
        accessor["count"] = BILLIONS
    return joined(document, binary)


def billions_without_data() -> bytes:
    """Zeros that no file has to hold: an accessor with a sparse part alone."""
    document, binary = _plain()
    for accessor in document["accessors"]:
        accessor.pop("bufferView", None)
        accessor["count"] = 49_000_000
        accessor["sparse"] = {
            "count": 1,
            "indices": {"bufferView": 0, "componentType": 5125},
            "values": {"bufferView": 0},
        }
    return joined(document, binary)


def billions_of_replacements() -> bytes:
    document, binary = _plain()
    document["accessors"][0]["sparse"] = {
        "count": BILLIONS,
        "indices": {"bufferView": 0, "componentType": 5125},
        "values": {"bufferView": 0},
    }
    return joined(document, binary)


def stride_of_nothing() -> bytes:
    document, binary = _plain()
    for view in document["bufferViews"]:
        view["byteStride"] = 0
    document["accessors"][0]["count"] = BILLIONS
    return joined(document, binary)


def one_mesh_drawn_a_hundred_thousand_times() -> bytes:
    document, binary = _plain()
    document["nodes"] = [{"mesh": 0}] * 99_000
    document["scenes"] = [{"nodes": list(range(99_000))}]
    return joined(document, binary)


def doubling_nodes() -> bytes:
    """Forty levels of two children that are one node: a million millions of drawings."""
    document, binary = _plain()
    nodes: list[dict[str, Any]] = [{"children": [i + 1, i + 1]} for i in range(40)]
    document["nodes"] = [*nodes, {"mesh": 0}]
    document["scenes"] = [{"nodes": [0]}]
    return joined(document, binary)


def its_own_grandfather() -> bytes:
    document, binary = _plain()
    document["nodes"] = [{"mesh": 0, "children": [1]}, {"children": [0]}]
    return joined(document, binary)


def deep_json() -> bytes:
    return framed(b'{"asset":' + b"[" * 2_000_000 + b"]" * 2_000_000 + b"}", b"")


def long_number() -> bytes:
    return framed(b'{"asset":{"version":"2.0"},"scene":' + b"9" * 5_000_000 + b"}", b"")


def many_names() -> bytes:
    """A million materials nobody uses."""
    document, binary = _plain()
    document["materials"] = [{}] * 1_000_000
    del document["meshes"][0]["primitives"][0]["attributes"]["POSITION"]
    return joined(document, binary)


def meshopt_bomb() -> bytes:
    document, binary = _plain()
    document["extensionsUsed"] = document["extensionsRequired"] = ["EXT_meshopt_compression"]
    for view in document["bufferViews"]:
        view["extensions"] = {
            "EXT_meshopt_compression": {
                "buffer": 0,
                "byteOffset": 0,
                "byteLength": 16,
                "byteStride": 12,
                "count": BILLIONS,
                "mode": "ATTRIBUTES",
            }
        }
    return joined(document, binary)


def draco_bomb() -> bytes:
    document, binary = _plain()
    document["extensionsUsed"] = document["extensionsRequired"] = ["KHR_draco_mesh_compression"]
    document["meshes"][0]["primitives"][0]["extensions"] = {
        "KHR_draco_mesh_compression": {"bufferView": 0, "attributes": {"POSITION": 0}}
    }
    return joined(document, binary)


def outside_buffer() -> bytes:
    document, binary = _plain()
    document["buffers"][0]["uri"] = "file:///dev/zero"
    return joined(document, binary)


def lying_chunk() -> bytes:
    data = bytearray(model_to_glb(box_model()))
    data[12:16] = struct.pack("<I", 2**32 - 4)
    return bytes(data)


HOSTILE: dict[str, Callable[[], bytes]] = {
    make.__name__: make
    for make in (
        *(bomb_png, huge_header, endless_text_chunk),
        *(billions_of_vertices, billions_without_data, billions_of_replacements),
        *(stride_of_nothing, one_mesh_drawn_a_hundred_thousand_times, doubling_nodes),
        *(its_own_grandfather, deep_json, long_number, many_names),
        *(meshopt_bomb, draco_bomb, outside_buffer, lying_chunk),
    )
}
