"""Models to GLB and back, and everything a Model cannot hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.gltf import (
    Glb,
    GltfError,
    Image,
    MalformedGlb,
    Material,
    Mesh,
    Model,
    Part,
    UnsupportedGlb,
    left_out,
    load_model,
    model_from_glb,
    model_to_glb,
    read_glb,
)
from trellis_assets.validation import validate_glbs

from .shapes import box_mesh, box_model, png


def changed(edit: Any) -> Glb:
    """The GLB of the box after ``edit(json)``."""
    glb = read_glb(model_to_glb(box_model()))
    edit(glb.json)
    return glb


def test_a_model_survives_the_round_trip() -> None:
    model = box_model()
    again = load_model(model_to_glb(model))
    mesh, back = model.parts[0].mesh, again.parts[0].mesh
    np.testing.assert_array_equal(back.positions, mesh.positions)
    np.testing.assert_array_equal(back.triangles, mesh.triangles)
    np.testing.assert_array_equal(back.normals, mesh.normals)
    np.testing.assert_array_equal(back.uvs, mesh.uvs)
    assert again.parts[0].material.images().keys() == {"base_color", "orm"}
    for slot, image in again.parts[0].material.images().items():
        assert image.data == model.parts[0].material.images()[slot].data
    assert again.extras == {"seed": 7}
    assert again.generator == model.generator


def test_the_same_model_gives_the_same_bytes() -> None:
    assert model_to_glb(box_model()) == model_to_glb(box_model())


def test_the_validator_has_nothing_to_say() -> None:
    bare = Model((Part(Mesh(box_mesh().positions, box_mesh().triangles), Material()),))
    colors = np.full((24, 4), 0.5, np.float32)
    tangents = np.tile(np.array([[1, 0, 0, 1]], np.float32), (24, 1))
    tinted = replace(box_mesh(), colors=colors, tangents=tangents)
    full = Material(
        "all", base_color=png((1, 2, 3, 4)), orm=png((9, 9, 9)), occlusion=True,
        normal=png((128, 128, 255)), emissive=png((5, 5, 5)), emissive_factor=(1.0, 1.0, 1.0),
        alpha_mode="MASK", double_sided=True,
        extensions={"KHR_materials_ior": {"ior": 1.4}},
    )  # fmt: skip
    everything = Model(
        (Part(tinted, full), Part(replace(box_mesh(), uvs=None), Material("b"), "second"))
    )
    for report in validate_glbs([model_to_glb(model) for model in (bare, box_model(), everything)]):
        assert (report.errors, report.warnings, report.infos, report.hints) == (0, 0, 0, 0), report
    again = load_model(model_to_glb(everything)).parts[0].material
    assert again.occlusion
    assert again.alpha_mode == "MASK"
    assert again.extensions == {"KHR_materials_ior": {"ior": 1.4}}


def test_equal_pictures_are_stored_once() -> None:
    picture = png((1, 1, 1))
    material = Material(base_color=picture, emissive=Image(picture.data, picture.mime))
    glb = read_glb(model_to_glb(Model((Part(box_mesh(), material),))))
    assert len(glb.json["images"]) == 1


@pytest.mark.parametrize(("vertices", "kind"), [(65534, 5123), (65535, 5125)])
def test_indices_take_16_bits_while_they_reach(vertices: int, kind: int) -> None:
    positions = np.zeros((vertices, 3), np.float32)
    positions[:, 0] = np.arange(vertices)
    triangles = np.array([[0, 1, vertices - 1]], np.uint32)
    glb = read_glb(model_to_glb(Model((Part(Mesh(positions, triangles), Material()),))))
    index = glb.json["meshes"][0]["primitives"][0]["indices"]
    assert glb.json["accessors"][index]["componentType"] == kind


def test_node_transforms_are_applied() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["nodes"][0] |= {"translation": [1, 0, 0], "scale": [2, 2, 2]}
        document["nodes"].append({"children": [0], "rotation": [0, 0, 0.70710678, 0.70710678]})
        document["scenes"][0]["nodes"] = [1]

    model = model_from_glb(changed(edit))
    # The box is 1 x 2 x 0.5; scaled by 2, moved along x, then turned about z: x becomes y.
    np.testing.assert_allclose(model.bounds(), [[-2, 0, -0.5], [2, 2, 0.5]], atol=1e-6)
    mesh = model.parts[0].mesh
    assert mesh.normals is not None
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-6)


def test_a_mirrored_node_keeps_its_outside_outside() -> None:
    model = model_from_glb(changed(lambda d: d["nodes"][0].update(scale=[-1, 1, 1])))
    mesh = model.parts[0].mesh
    a, b, c = (mesh.positions[mesh.triangles[:, corner]] for corner in range(3))
    faces = np.cross(b - a, c - a)
    assert mesh.normals is not None
    assert (np.einsum("ij,ij->i", faces, mesh.normals[mesh.triangles[:, 0]]) > 0).all()
    assert (np.einsum("ij,ij->i", faces, (a + b + c) / 3) > 0).all()


def test_strips_and_fans_become_triangles() -> None:
    def strip(document: dict[str, Any]) -> None:
        document["meshes"][0]["primitives"][0]["mode"] = 5

    triangles = model_from_glb(changed(strip)).parts[0].mesh.triangles
    assert len(triangles) == 34  # 36 indices


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            lambda d: d["nodes"][0].update(extensions={"EXT_mesh_gpu_instancing": {}}),
            "1 node of instances",
        ),
        (lambda d: d.update(extensionsRequired=["EXT_mesh_gpu_instancing"]), "gpu_instancing"),
        (lambda d: d["meshes"][0]["primitives"][0].update(mode=1), "points or lines"),
        (lambda d: d["images"][0].update(uri="../../etc/passwd"), "never followed"),
        (lambda d: d["buffers"][0].update(uri="http://example.invalid/x.bin"), "never followed"),
        (
            lambda d: d["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"].update(
                texCoord=1
            ),
            "UV set 1",
        ),
        (lambda d: d["scenes"][0].update(nodes=[]), "no mesh"),
    ],
)
def test_what_a_model_cannot_hold_is_refused_by_name(edit: Any, message: str) -> None:
    with pytest.raises(UnsupportedGlb, match=message) as refusal:
        model_from_glb(changed(edit))
    assert refusal.value.fix


def test_what_stands_beside_the_meshes_is_told() -> None:
    def furnish(document: dict[str, Any]) -> None:
        document["nodes"] += [{"name": "socket_hand"}, {"camera": 0, "extras": {"a": 1}}]
        document["cameras"] = [{}]
        document["scenes"].append({"nodes": []})
        document["extensionsUsed"] = ["KHR_lights_punctual", "EXT_texture_webp"]
        attributes = document["meshes"][0]["primitives"][0]["attributes"]
        attributes["TEXCOORD_1"] = attributes["TEXCOORD_0"]

    glb = changed(furnish)
    model_from_glb(glb)
    found = left_out(glb)
    assert tuple(each.what for each in found) == (
        "1 further scene", "1 camera", "1 node without a mesh (socket_hand)",
        "vertex attributes TEXCOORD_1", "extensions KHR_lights_punctual", "extras of 1 object",
    )  # fmt: skip
    assert [each.what for each in found if each.is_note] == ["extras of 1 object"]
    assert left_out(read_glb(model_to_glb(box_model()))) == ()


def test_a_texture_transform_that_does_nothing_is_none() -> None:
    def idle(document: dict[str, Any], **transform: Any) -> None:
        info = document["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"]
        info["extensions"] = {"KHR_texture_transform": transform}

    same = model_from_glb(changed(lambda d: idle(d, offset=[0, 0], scale=[1.0, 1], rotation=0)))
    assert same.parts[0].material.base_color is not None
    with pytest.raises(UnsupportedGlb, match="is transformed"):
        model_from_glb(changed(lambda d: idle(d, offset=[0, 0.5])))


def test_a_material_extension_of_one_vendor_is_left_out_and_told() -> None:
    def extend(document: dict[str, Any], name: str) -> None:
        document["materials"][0]["extensions"] = {name: {"tex": {"index": 1}}}

    glb = changed(lambda d: extend(d, "ACME_glow"))
    assert model_from_glb(glb).parts[0].material.extensions == {}
    assert [each.what for each in left_out(glb)] == ["extensions ACME_glow"]
    with pytest.raises(UnsupportedGlb, match="uses KHR_materials_iridescence"):
        model_from_glb(changed(lambda d: extend(d, "KHR_materials_iridescence")))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d["accessors"][0].update(count=10**9), "elements|needs"),
        (lambda d: d["accessors"][0].update(count=-1), "whole number"),
        (lambda d: d["accessors"][0].update(byteOffset=10**12), "needs"),
        (lambda d: d["bufferViews"][0].update(byteLength=10**12), "binary chunk"),
        (lambda d: d["bufferViews"][0].update(buffer=3), "does not exist"),
        (lambda d: d["meshes"][0]["primitives"][0].update(indices=99), "does not exist"),
        (lambda d: d["meshes"][0]["primitives"][0].update(attributes={}), "POSITION"),
        (lambda d: d["nodes"][0].update(children=[0]), "loop"),
        (
            lambda d: [
                d["nodes"].extend([{"children": [0]}, {}]),
                d["scenes"][0].update(nodes=[0, 1]),
            ],
            "two parents",
        ),
        (lambda d: d["nodes"][0].update(scale=[1, 1, 1e300]), "absurdly large"),
        (lambda d: d["nodes"][0].update(scale=[1, "x", 1]), "numbers"),
        (lambda d: d["materials"][0].update(alphaMode="GLOW"), "alphaMode"),
    ],
)
def test_broken_structure_is_refused_by_name(edit: Any, message: str) -> None:
    with pytest.raises(GltfError, match=message):
        model_from_glb(changed(edit))


def test_an_index_beyond_the_vertices_is_refused() -> None:
    model = box_model()
    mesh = replace(model.parts[0].mesh, triangles=np.array([[0, 1, 24]], np.uint32))
    data = model_to_glb(replace(model, parts=(replace(model.parts[0], mesh=mesh),)))
    with pytest.raises(MalformedGlb, match="vertex 24 of 24"):
        load_model(data)


def test_nan_positions_are_refused() -> None:
    mesh = box_mesh()
    mesh.positions[3, 1] = np.nan
    glb = read_glb(model_to_glb(Model((Part(box_mesh(), Material()),))))
    body = bytearray(glb.bin)
    body[: mesh.positions.nbytes] = mesh.positions.tobytes()
    with pytest.raises(MalformedGlb, match="finite"):
        model_from_glb(Glb(glb.json, bytes(body)))


def test_quantized_and_sparse_accessors_are_read() -> None:
    document = {
        "asset": {"version": "2.0"},
        "extensionsUsed": ["KHR_mesh_quantization"],
        "extensionsRequired": ["KHR_mesh_quantization"],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "buffers": [{"byteLength": 36}],
        "bufferViews": [
            {"buffer": 0, "byteLength": 24, "byteStride": 8},
            {"buffer": 0, "byteOffset": 24, "byteLength": 2},
            {"buffer": 0, "byteOffset": 28, "byteLength": 6},
        ],
        "accessors": [
            {
                "bufferView": 0, "componentType": 5122, "normalized": True, "count": 3,
                "type": "VEC3",
                "sparse": {
                    "count": 1,
                    "indices": {"bufferView": 1, "componentType": 5123},
                    "values": {"bufferView": 2},
                },
            }
        ],
    }  # fmt: skip
    rows = np.array([[0, 0, 0, 9], [32767, 0, 0, 9], [0, 32767, 0, 9]], "<i2")
    place, value = np.array([2, 0], "<u2"), np.array([0, 0, -32767, 0], "<i2")
    body = rows.tobytes() + place.tobytes() + value.tobytes()
    positions = model_from_glb(Glb(document, body)).parts[0].mesh.positions
    np.testing.assert_allclose(positions, [[0, 0, 0], [1, 0, 0], [0, 0, -1]])


@settings(max_examples=300)
@given(data=st.data())
def test_structural_mutations_never_crash_the_reader(data: st.DataObject) -> None:
    glb = read_glb(model_to_glb(box_model()))
    text = json.dumps(glb.json)
    path = data.draw(st.sampled_from(paths(glb.json)))
    value: Any = data.draw(
        st.sampled_from([None, -1, 0, 3, 2**31, 2**63, 1e308, "x", [], {}, [0], True, [[1]]])
    )
    document = json.loads(text)
    owner = document
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value
    refusal = None
    try:
        model_from_glb(Glb(document, glb.bin))
    except GltfError as error:
        refusal = error
    assert refusal is None or (refusal.message and refusal.fix)


def paths(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    found = [prefix] if prefix else []
    for step, inner in steps:
        found += paths(inner, (*prefix, step))
    return found
