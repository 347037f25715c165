"""Files that mean harm are judged in bounded time and memory, or refused by name."""

from __future__ import annotations

import json
import struct
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.validation.corpus.parts import bare, box, edited, joined, model, noise, painted, picture
from trellis_assets.gltf import Mesh, Model, Part, model_to_glb
from trellis_assets.validation import Finding, Subject, check_glb, judge

SECONDS = 10.0


def judged(data: bytes) -> list[Finding]:
    start = time.process_time()
    found = judge(Subject(data))
    assert time.process_time() - start < SECONDS
    return found


def rules(data: bytes) -> set[str]:
    return {finding.rule for finding in judged(data)}


@pytest.mark.parametrize("factor", [1e4, 1e9, 1e30])
def test_absurd_uvs(factor: float) -> None:
    mesh = box()
    assert mesh.uvs is not None
    found = rules(model_to_glb(model(replace(mesh, uvs=mesh.uvs * np.float32(factor)))))
    assert "uv.range" in found
    assert "uv.finite" in found or factor < 1e5


def test_every_triangle_over_the_whole_atlas() -> None:
    """Sixty thousand of them would be eight billion texels."""
    count = 60_000
    corners = np.random.default_rng(0).random((3 * count, 3)).astype(np.float32)
    uvs = np.tile(np.array([[0, 0], [1, 0], [0, 1]], np.float32), (count, 1))
    triangles = np.arange(3 * count, dtype=np.uint32).reshape(-1, 3)
    normals = np.tile(np.array([[0, 1, 0]], np.float32), (3 * count, 1))
    assert "uv.overlap" in rules(model_to_glb(model(Mesh(corners, triangles, normals, uvs))))


def test_thousands_of_boxes_in_boxes() -> None:
    nested = joined(*(box((1 - i / 2000,) * 3, at=(0, i / 4000, 0)) for i in range(1500)))
    assert "mesh.inner-hulls" in rules(model_to_glb(bare(nested)))


def test_many_pictures_that_are_small_on_disk_and_huge_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trellis_assets.validation.subject.MOST_TEXELS", 300_000)
    parts = []
    for number in range(6):
        material = painted(name=f"paint_{number}", base_color=picture(noise(low=80 + number)))
        parts.append(Part(box(at=(2.0 * number, 0, 0)), material, f"box_{number}"))
    found = judged(model_to_glb(Model(tuple(parts), name="box")))
    (first, *_) = (finding for finding in found if finding.rule == "texture.decodes")
    assert "300,000" in first.message or "texels" in first.message


def test_a_tree_that_bites_its_own_tail() -> None:
    def change(document: dict[str, Any]) -> None:
        document["nodes"][0]["children"] = [0]

    assert rules(edited(model(), change)) == {"file.readable"}


def test_deep_json_and_long_json() -> None:
    for body in (b"[" * 100_000, b'{"asset":' * 50_000, b"\xff" * 64):
        padded = body + b" " * (-len(body) % 4)
        header = struct.pack("<4sIIII", b"glTF", 2, 20 + len(padded), len(padded), 0x4E4F534A)
        assert rules(header + padded) == {"file.readable"}


def test_a_million_empty_objects() -> None:
    nodes = b'{"asset":{"version":"2.0"},"nodes":[' + b"{}," * 1_000_000 + b"{}] }"
    body = nodes + b" " * (-len(nodes) % 4)
    header = struct.pack("<4sIIII", b"glTF", 2, 20 + len(body), len(body), 0x4E4F534A)
    found = check_glb(header + body)  # the validator would take a minute
    assert [finding.rule for finding in found] == ["file.too-large"]


def test_numbers_that_are_none() -> None:
    mesh = box()
    assert mesh.normals is not None
    assert mesh.uvs is not None
    spoiled = replace(mesh, normals=mesh.normals * np.nan, uvs=mesh.uvs * np.inf)
    assert {"normals.unit", "uv.finite"} <= rules(model_to_glb(model(spoiled)))


def test_a_name_of_a_megabyte_makes_no_finding_of_a_megabyte() -> None:
    material = painted(name="y" * 1_000_000, double_sided=True)
    data = model_to_glb(model(replace(box(), normals=None), material, name="x" * 1_000_000 + "."))
    found = judged(data)
    assert {"normals.missing", "material.double-sided", "name.characters"} <= {
        finding.rule for finding in found
    }
    for finding in found:
        assert len(json.dumps(finding.as_json())) < 5_000


def test_what_cannot_be_read_is_a_finding_with_the_validator_too() -> None:
    found = check_glb(b"glTF\2\0\0\0")
    assert {finding.rule for finding in found} == {"file.readable", "spec.gltf"}
