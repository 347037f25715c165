"""The lossless layer: everything comes back, and broken bytes are named."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trellis_assets.gltf import Glb, GltfError, MalformedGlb, read_glb, write_glb

EVERYTHING = Glb(
    json={
        "asset": {"version": "2.0", "minVersion": "2.0", "copyright": "©", "extras": {"a": [1]}},
        "extensionsUsed": ["VENDOR_thing"],
        "extensions": {"VENDOR_thing": {"bufferView": 0, "deep": {"x": None}}},
        "buffers": [{"byteLength": 5, "name": "kept", "extras": 1.5}],
        "bufferViews": [{"buffer": 0, "byteLength": 5}],
        "scenes": [{"nodes": []}, {"name": "second"}],
    },
    bin=b"abcde",
    other_chunks=[(0x12345678, b"wxyz")],
)


def test_nothing_is_lost_in_a_round_trip() -> None:
    again = read_glb(write_glb(EVERYTHING))
    assert again.json == EVERYTHING.json
    assert bytes(again.bin)[:5] == b"abcde"
    assert again.other_chunks == EVERYTHING.other_chunks


def test_writing_what_was_read_changes_no_byte() -> None:
    first = write_glb(EVERYTHING)
    assert write_glb(read_glb(first)) == first


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@given(
    extras=json_values,
    body=st.binary(max_size=64),
    chunks=st.lists(
        st.tuples(
            st.integers(0x10000000, 0x20000000),
            st.binary(max_size=16).filter(lambda b: len(b) % 4 == 0),
        ),
        max_size=2,
    ),
)
def test_any_document_comes_back(extras: Any, body: bytes, chunks: list[tuple[int, bytes]]) -> None:
    document = {"asset": {"version": "2.0"}, "extras": extras}
    again = read_glb(write_glb(Glb(document, body, chunks)))
    assert again.json["extras"] == extras
    assert bytes(again.bin)[: len(body)] == body
    assert again.other_chunks == chunks


@given(cut=st.integers(0, 400), flip=st.integers(0, 400), value=st.integers(0, 255))
def test_damaged_files_are_refused_or_read_but_never_crash(cut: int, flip: int, value: int) -> None:
    data = bytearray(write_glb(EVERYTHING))
    data[flip % len(data)] = value
    refusal = None
    try:
        read_glb(bytes(data[: max(len(data) - cut, 0)]))
    except GltfError as error:
        refusal = error
    assert refusal is None or refusal.fix, "every refusal says what to do"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a GLB"),
        (b"PK\3\4" + bytes(30), "not a GLB"),
        (b"glTF" + struct.pack("<II", 1, 20) + bytes(8), "version 1"),
        (b"glTF" + struct.pack("<II", 2, 999) + bytes(20), "truncated"),
        (b"glTF" + struct.pack("<IIII", 2, 20, 4_000_000_000, 0x4E4F534A), "truncated"),
        (b"glTF" + struct.pack("<IIII", 2, 24, 4, 0x4E4F534A) + b"{nop", "cannot be parsed"),
        (b"glTF" + struct.pack("<IIII", 2, 24, 4, 0x4E4F534A) + b"[1] ", "not an object"),
    ],
)
def test_each_kind_of_damage_is_named(data: bytes, message: str) -> None:
    with pytest.raises(MalformedGlb, match=message):
        read_glb(data)


def test_json_bombs_are_refused() -> None:
    text = b"[" * 200_000
    chunk = struct.pack("<II", len(text), 0x4E4F534A) + text
    with pytest.raises(MalformedGlb):
        read_glb(b"glTF" + struct.pack("<II", 2, 12 + len(chunk)) + chunk)


def test_floats_that_json_cannot_hold_are_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_glb(Glb({"asset": {"version": "2.0"}, "extras": float("nan")}))
    assert json.loads(json.dumps(EVERYTHING.json)) == EVERYTHING.json


def test_json_nested_absurdly_is_refused() -> None:
    deep: list[object] = []
    for _ in range(150):
        deep = [deep]
    absurd = Glb(json={**EVERYTHING.json, "extras": deep}, bin=b"abcde")
    with pytest.raises(MalformedGlb, match="levels deep"):
        read_glb(write_glb(absurd))


@pytest.mark.parametrize("buffers", [3, [7], {"byteLength": 4}])
def test_buffers_that_are_no_list_of_objects_are_refused_in_words(buffers: object) -> None:
    with pytest.raises(MalformedGlb, match="`buffers` is not a list of objects"):
        write_glb(Glb({"asset": {"version": "2.0"}, "buffers": buffers}, b"four"))
