"""The lossless layer: a GLB split into its JSON, its binary chunk and whatever else it carried.

Nothing is interpreted and nothing is dropped: unknown extensions, extras and chunks come back
byte for byte (binary glTF layout: glTF 2.0, section 4). Typed readers such as pygltflib and
trimesh lose ``asset.extras``, unknown chunks or whole scenes, so they are not used here.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

from ._errors import MalformedGlb

MAGIC = b"glTF"
_JSON_CHUNK = 0x4E4F534A
_BIN_CHUNK = 0x004E4942
_MAX_JSON_BYTES = 256 * 1024 * 1024
_MAX_NESTING = 100  # glTF itself needs fewer than ten
_EXPORT_AGAIN = "export the file again from a tool that passes the Khronos glTF validator"


@dataclass(eq=False)
class Glb:
    """A GLB taken apart.

    Attributes:
        json: the glTF object, as parsed.
        bin: the binary chunk without padding beyond ``buffers[0].byteLength``; may be empty.
        other_chunks: (type, bytes) of chunks the specification does not define, in file order.
    """

    json: dict[str, Any]
    bin: bytes | memoryview = b""
    other_chunks: list[tuple[int, bytes]] = field(default_factory=list)


def read_glb(data: bytes | memoryview) -> Glb:
    """Split a GLB into its chunks without copying the binary one.

    Every length is checked against the bytes that are there before anything is sliced.

    Raises:
        MalformedGlb: not a GLB, truncated, or its JSON cannot be parsed.
    """
    view = memoryview(data)
    if len(view) < 20 or bytes(view[:4]) != MAGIC:
        raise MalformedGlb(
            f"not a GLB: it starts with {bytes(view[:4])!r} instead of b'glTF' ({len(view)} bytes)",
            fix="export the model as binary glTF 2.0 (.glb)",
        )
    version, total = struct.unpack_from("<II", view, 4)
    if version != 2:
        raise MalformedGlb(f"GLB version {version} is not supported, only 2", fix="export glTF 2.0")
    if total > len(view):
        raise MalformedGlb(
            f"truncated GLB: the header promises {total} bytes, the file has {len(view)}",
            fix="copy or download the file again",
        )
    chunks = _split_chunks(view[:total])
    if not chunks or chunks[0][0] != _JSON_CHUNK:
        raise MalformedGlb("the first chunk of the GLB is not JSON", fix=_EXPORT_AGAIN)
    document = _parse_json(chunks[0][1])
    rest = chunks[1:]
    binary: bytes | memoryview = b""
    if rest and rest[0][0] == _BIN_CHUNK:
        binary = _without_padding(rest.pop(0)[1], document)
    return Glb(document, binary, [(kind, bytes(body)) for kind, body in rest])


def write_glb(glb: Glb) -> bytes:
    """Join the chunks again, padded as the specification asks (section 4.4.3).

    ``buffers[0].byteLength`` is set to the length of the binary chunk; all else is left alone.

    Raises:
        MalformedGlb: there is a binary chunk, but ``buffers`` is no list of objects.
    """
    document = dict(glb.json)
    if len(glb.bin):
        document["buffers"] = _with_length(document.get("buffers", []), len(glb.bin))
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    pieces = [_chunk(_JSON_CHUNK, text.encode(), b" ")]
    if len(glb.bin):
        pieces.append(_chunk(_BIN_CHUNK, glb.bin, b"\0"))
    pieces.extend(_chunk(kind, body, b"\0") for kind, body in glb.other_chunks)
    total = 12 + sum(len(part) for piece in pieces for part in piece)
    header = MAGIC + struct.pack("<II", 2, total)
    return b"".join([header, *(part for piece in pieces for part in piece)])


def _with_length(buffers: object, length: int) -> list[dict[str, Any]]:
    if not isinstance(buffers, list) or not all(isinstance(one, dict) for one in buffers):
        raise MalformedGlb("`buffers` is not a list of objects", fix=_EXPORT_AGAIN)
    first = buffers[0] if buffers else {}
    return [{**first, "byteLength": length}, *buffers[1:]]


def _split_chunks(view: memoryview) -> list[tuple[int, memoryview]]:
    chunks: list[tuple[int, memoryview]] = []
    offset = 12
    while offset < len(view):
        if offset + 8 > len(view):
            raise MalformedGlb(
                f"truncated GLB: chunk header cut off at byte {offset}",
                fix="copy or download the file again",
            )
        length, kind = struct.unpack_from("<II", view, offset)
        end = offset + 8 + length
        if end > len(view):
            raise MalformedGlb(
                f"truncated GLB: a chunk at byte {offset} promises {length} bytes, "
                f"{len(view) - offset - 8} are there",
                fix="copy or download the file again",
            )
        chunks.append((kind, view[offset + 8 : end]))
        offset = end
    return chunks


def _without_padding(body: memoryview, document: dict[str, Any]) -> memoryview:
    buffers = document.get("buffers")
    first = buffers[0] if isinstance(buffers, list) and buffers else None
    length = first.get("byteLength") if isinstance(first, dict) else None
    padded = isinstance(length, int) and 0 <= len(body) - length <= 3
    return body[:length] if padded else body


def _parse_json(body: memoryview) -> dict[str, Any]:
    if len(body) > _MAX_JSON_BYTES:
        raise MalformedGlb(
            f"the JSON chunk has {len(body)} bytes, the limit is {_MAX_JSON_BYTES}",
            fix="move bulk data out of extras",
        )
    try:
        document = json.loads(bytes(body).decode("utf-8"))
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, absurd numbers, too deep
        raise MalformedGlb(
            f"the JSON chunk cannot be parsed: {error}", fix=_EXPORT_AGAIN
        ) from error
    if not isinstance(document, dict):
        raise MalformedGlb("the JSON chunk is not an object", fix=_EXPORT_AGAIN)
    _refuse_deep(document)
    return document


def _refuse_deep(document: dict[str, Any]) -> None:
    """What is nested absurdly cannot be copied or written again; level by level, no recursion."""
    level: list[Any] = [document]
    for _ in range(_MAX_NESTING):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
        if not level:
            return
    raise MalformedGlb(
        f"the JSON chunk is nested more than {_MAX_NESTING} levels deep", fix=_EXPORT_AGAIN
    )


def _chunk(
    kind: int, body: bytes | memoryview, padding: bytes
) -> tuple[bytes, bytes | memoryview, bytes]:
    missing = -len(body) % 4
    return struct.pack("<II", len(body) + missing, kind), body, padding * missing
