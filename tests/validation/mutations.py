"""GLBs broken on purpose: seeded, structure-aware mutations of sound ones.

A mutation knows glTF: it aims at the numbers that readers trust (counts, offsets, lengths,
indices), at the shape of the JSON, at the chunks around it and at the pictures inside.
"""

from __future__ import annotations

import copy
import json
import random
import struct
from collections.abc import Callable
from typing import Any

from trellis_assets.gltf import read_glb

Json = Any
NUMBERS: tuple[Json, ...] = (
    *(0, 1, 2, 3, 4, 7, 255, 256, 65535, 65536, 5120, 5121, 5123, 5125, 5126),
    *(-1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63, 10**30, -(2**40)),
    *(0.5, -0.0, 1e-30, 1e30, 1e308, 1.5, 12.0),
)
OTHERS: tuple[Json, ...] = (
    *(None, True, False, "", "0", "NaN", "x" * 300, "\u0000", "../../etc/passwd", "é\ud7ff"),
    *([], [0], [[]], [0] * 200, [None], {}, {"": {}}, {"index": 0}, {"extensions": {"x": 1}}),
)
WORDS = (
    *("SCALAR", "VEC2", "VEC3", "VEC4", "MAT2", "MAT3", "MAT4", "OPAQUE", "MASK", "BLEND"),
    *("image/png", "image/jpeg", "image/webp", "image/ktx2", "data:,", "http://127.0.0.1/x.bin"),
    *("KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_texture_transform"),
    *("KHR_texture_basisu", "KHR_mesh_quantization", "EXT_texture_webp", "KHR_materials_unlit"),
)
FLOATS = (b"\x00\x00\xc0\x7f", b"\x00\x00\x80\x7f", b"\x00\x00\x80\xff", b"\xff\xff\x7f\x7f")
"""NaN, both infinities and the largest number."""


def mutated(source: bytes, seed: int) -> bytes:
    """The GLB with one to four mutations; the same seed gives the same bytes."""
    rng = random.Random(seed)  # noqa: S311 - it has to be repeatable, not secret
    glb = read_glb(source)
    document, binary = copy.deepcopy(glb.json), bytearray(glb.bin)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        rng.choice(INSIDE)(document, binary, rng)
    data = joined(document, bytes(binary))
    return rng.choice(OUTSIDE)(data, rng) if rng.random() < 0.15 else data


def joined(document: Json, binary: bytes) -> bytes:
    """A GLB whose lengths are right, whatever its JSON says."""
    return framed(json.dumps(document).encode("utf-8", "surrogatepass"), binary)


def framed(text: bytes, binary: bytes) -> bytes:
    """JSON text and binary as the chunks of a GLB."""
    chunks = b""
    for kind, body, pad in ((0x4E4F534A, text, b" "), (0x004E4942, binary, b"\0")):
        padded = body + pad * (-len(body) % 4)
        chunks += struct.pack("<II", len(padded), kind) + padded
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def _places(value: Json, found: list[tuple[Json, Any]]) -> list[tuple[Json, Any]]:
    """All (container, key) of a document."""
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        found.append((value, key))
        if isinstance(value[key], dict | list) and len(found) < 20_000:
            _places(value[key], found)
    return found


def _place(document: Json, rng: random.Random) -> tuple[Json, Any]:
    return rng.choice(_places(document, []) or [({}, "")])


def change_number(document: Json, binary: bytearray, rng: random.Random) -> None:
    """A count, offset, length, index or factor becomes another number."""
    places = [
        (holder, key)
        for holder, key in _places(document, [])
        if isinstance(holder[key], int | float)
    ]
    if places:
        holder, key = rng.choice(places)
        near = holder[key] + rng.choice((-4, -2, -1, 1, 2, 3, 4))
        holder[key] = rng.choice((near, rng.choice(NUMBERS), rng.choice(NUMBERS)))


def change_type(document: Json, binary: bytearray, rng: random.Random) -> None:
    holder, key = _place(document, rng)
    if key in holder or isinstance(holder, list):
        holder[key] = copy.deepcopy(rng.choice((*OTHERS, *NUMBERS, *WORDS)))


def change_word(document: Json, binary: bytearray, rng: random.Random) -> None:
    places = [(h, k) for h, k in _places(document, []) if isinstance(h[k], str)]
    if places:
        holder, key = rng.choice(places)
        holder[key] = rng.choice(WORDS)


def drop(document: Json, binary: bytearray, rng: random.Random) -> None:
    holder, key = _place(document, rng)
    if isinstance(holder, list) or key in holder:
        del holder[key]


def repeat(document: Json, binary: bytearray, rng: random.Random) -> None:
    """A list gets its elements again, now and then a thousand times."""
    lists = [h[k] for h, k in _places(document, []) if isinstance(h[k], list) and h[k]]
    if lists:
        one = rng.choice(lists)
        one.extend(copy.deepcopy(rng.choice(one)) for _ in range(rng.choice((1, 2, 50, 1000))))


def swap(document: Json, binary: bytearray, rng: random.Random) -> None:
    (a, i), (b, j) = _place(document, rng), _place(document, rng)
    if (isinstance(a, list) or i in a) and (isinstance(b, list) or j in b):
        a[i], b[j] = copy.deepcopy(b[j]), copy.deepcopy(a[i])


def tangle(document: Json, binary: bytearray, rng: random.Random) -> None:
    """Loops, shared children and deep chains of nodes."""
    nodes = document.get("nodes")
    if isinstance(nodes, list) and nodes:
        for _ in range(rng.choice((1, 3, 300))):
            nodes.append({"children": [rng.randrange(len(nodes) + 1)]})
        owner = rng.choice(nodes)
        if isinstance(owner, dict):
            owner["children"] = [rng.randrange(len(nodes)) for _ in range(rng.choice((1, 2, 40)))]


def make_sparse(document: Json, binary: bytearray, rng: random.Random) -> None:
    listed = document.get("accessors")
    accessors = [a for a in listed if isinstance(a, dict)] if isinstance(listed, list) else []
    if accessors:
        chosen = rng.choice(accessors)
        chosen["sparse"] = {
            "count": rng.choice((0, 1, 2, 2**31, 10**9)),
            "indices": {"bufferView": rng.choice((0, 1, 99)), "componentType": 5123},
            "values": {"bufferView": rng.choice((0, 1, 99))},
        }
        if rng.random() < 0.5:
            chosen.pop("bufferView", None)
            chosen["count"] = rng.choice((3, 10**6, 10**9, 2**40))


def extend(document: Json, binary: bytearray, rng: random.Random) -> None:
    """An extension where one may stand, with a body that may be anything."""
    name = rng.choice([word for word in WORDS if word.startswith(("KHR_", "EXT_"))])
    holder, key = _place(document, rng)
    owner = holder[key] if (isinstance(holder, list) or key in holder) else None
    target = owner if isinstance(owner, dict) else document
    body: Json = rng.choice(
        ({}, {"bufferView": 0, "attributes": {"POSITION": 0}}, {"source": 0}, 1, [])
    )
    target.setdefault("extensions", {})
    if isinstance(target["extensions"], dict):
        target["extensions"][name] = copy.deepcopy(body)
    if rng.random() < 0.4:
        document["extensionsRequired"] = [name]


def poison(document: Json, binary: bytearray, rng: random.Random) -> None:
    """NaN, infinities and the largest number among the floats."""
    for _ in range(rng.choice((1, 1, 20, 400))):
        if len(binary) >= 4:
            at = rng.randrange(len(binary) // 4) * 4
            binary[at : at + 4] = rng.choice(FLOATS)


def scramble(document: Json, binary: bytearray, rng: random.Random) -> None:
    """Random bytes: indices out of range, broken pictures, absurd sizes in their headers."""
    for _ in range(rng.choice((1, 4, 64))):
        if binary:
            binary[rng.randrange(len(binary))] = rng.choice((0, 1, 127, 128, 254, 255))


def deface(document: Json, binary: bytearray, rng: random.Random) -> None:
    """The header of a PNG promises another picture."""
    at = bytes(binary).find(b"IHDR")
    if at > 0:
        sizes = (0, 1, 3, 65535, 65536, 2**31 - 1, 2**32 - 1)
        binary[at + 4 : at + 12] = struct.pack(">II", rng.choice(sizes), rng.choice(sizes))
        if rng.random() < 0.3:
            binary[at + 12 : at + 17] = bytes(rng.choice((0, 1, 2, 3, 6, 8, 16)) for _ in range(5))


def cut(document: Json, binary: bytearray, rng: random.Random) -> None:
    del binary[rng.randrange(len(binary) + 1) :]


def truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def lie_about_lengths(data: bytes, rng: random.Random) -> bytes:
    body = bytearray(data)
    at = rng.choice((4, 8, 12, 16))
    body[at : at + 4] = struct.pack("<I", rng.choice((0, 1, 3, len(data) - 1, 2**31, 2**32 - 1)))
    return bytes(body)


def flip_bytes(data: bytes, rng: random.Random) -> bytes:
    body = bytearray(data)
    for _ in range(rng.choice((1, 8, 100))):
        body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    return bytes(body)


def nest(data: bytes, rng: random.Random) -> bytes:
    """JSON nested deeper than Python's own parser and writer bear, so it is written as text."""
    glb = read_glb(data)
    depth = rng.choice((10, 400, 900, 5_000, 200_000))
    opened, closed = rng.choice((("[", "]"), ('{"extras":', "}"), ('{"children":[', "]}")))
    deep = opened * depth + "0" + closed * depth
    text = json.dumps(glb.json)
    text = text[:-1] + f', "{rng.choice(("extras", "extensions", "nodes"))}": {deep}' + "}"
    return framed(text.encode(), bytes(glb.bin))


def append(data: bytes, rng: random.Random) -> bytes:
    kind = rng.choice((0x4E4F534A, 0x004E4942, 1))
    chunk = struct.pack("<II", 8, kind) + b"\xff" * 8
    return data[:8] + struct.pack("<I", len(data) + 16) + data[12:] + chunk


Inside = Callable[[Json, bytearray, random.Random], None]
INSIDE: tuple[Inside, ...] = (
    *(change_number,) * 5,
    *(change_type,) * 3,
    *(change_word, drop, repeat, swap, tangle, make_sparse, extend),
    *(poison, scramble, deface, cut),
)
OUTSIDE: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    truncate,
    lie_about_lengths,
    flip_bytes,
    nest,
    append,
)
