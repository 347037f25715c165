"""Skins, shapes and animations that break the rules are refused by name, and never crash."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trellis_assets.gltf import (
    Glb,
    GltfError,
    MalformedGlb,
    UnsupportedGlb,
    can_pack,
    left_out,
    load_model,
    model_from_glb,
    model_to_glb,
    write_glb,
)

from .rigged import Draft, everything
from .shapes import box_model
from .test_model import paths

Document = dict[str, Any]


@cache
def _everything() -> Glb:
    return everything()


def changed(edit: Callable[[Document], Any]) -> Glb:
    glb = _everything()
    document = copy.deepcopy(glb.json)
    edit(document)
    return Glb(document, glb.bin)


def rewritten(index_of: Callable[[Document], int], value: float, at: int = 0) -> Glb:
    """One float of an accessor made another."""
    glb = _everything()
    body = bytearray(glb.bin)
    accessor = glb.json["accessors"][index_of(glb.json)]
    view = glb.json["bufferViews"][accessor["bufferView"]]
    floats = np.frombuffer(body, "<f4", view["byteLength"] // 4, view["byteOffset"])
    floats[at] = value
    return Glb(glb.json, bytes(body))


def attributes(document: Document) -> Document:
    found: Document = document["meshes"][0]["primitives"][0]["attributes"]
    return found


def sampler(document: Document, number: int = 0) -> Document:
    found: Document = document["animations"][0]["samplers"][number]
    return found


def binds(document: Document) -> int:
    return int(document["skins"][0]["inverseBindMatrices"])


def retarget(document: Document, **target: Any) -> None:
    document["animations"][0]["channels"][0]["target"] |= target


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda d: d["skins"][0].update(joints=[1, 2]), "joint 2 of a skin with 2"),
        (lambda d: d["skins"][0].update(joints=[1, 2, 2]), "one twice"),
        (lambda d: d["skins"][0].update(joints=[]), "no joints"),
        (lambda d: d["skins"][0].update(joints=[1, 2, 99]), r"nodes\[99\] as a joint"),
        (lambda d: d["scenes"][0]["nodes"].remove(0), r"nodes\[1\] as a joint"),
        (lambda d: d["nodes"][4].update(skin=7), r"skins\[7\] does not exist"),
        (lambda d: d["nodes"][3].update(children=[0]), "loop"),
        (lambda d: d["accessors"][binds(d)].update(count=2), "2 inverse bind matrices for 3"),
        (lambda d: d["accessors"][binds(d)].update(type="VEC4", count=12), "16 components"),
        (lambda d: attributes(d).pop("WEIGHTS_0"), "without WEIGHTS_0"),
        (lambda d: attributes(d).pop("JOINTS_0"), "no JOINTS_0"),
        (lambda d: d["accessors"][attributes(d)["JOINTS_0"]].update(count=3), "3 elements for 72"),
        (
            lambda d: attributes(d).update(JOINTS_0=attributes(d)["WEIGHTS_0"]),
            "not of 8 or 16 bits",
        ),
        (
            lambda d: attributes(d).update(WEIGHTS_0=attributes(d)["JOINTS_0"]),
            "WEIGHTS_0 is not normalized",
        ),
        (lambda d: d["meshes"][1]["primitives"][0]["targets"].pop(), "1 and 2 morph targets"),
        (lambda d: d["meshes"][1].update(weights=[1]), "not 2 finite numbers"),
        (lambda d: d["nodes"][5].update(weights=["x", {}]), "no numbers"),
        (
            lambda d: d["meshes"][1]["primitives"][0]["targets"][0].update(POSITION=0),
            "72 elements for 18",
        ),
        (lambda d: sampler(d).update(interpolation="BOUNCE"), "'wave' has an interpolation"),
        (lambda d: sampler(d).update(interpolation="CUBICSPLINE"), "3 values of rotation for 9"),
        (lambda d: d["accessors"][sampler(d)["output"]].update(count=2), "2 values of rotation"),
        (lambda d: sampler(d).update(output=sampler(d, 1)["output"]), "4 components"),
        (lambda d: d["animations"][0]["channels"][0].update(sampler=9), "does not exist"),
        (lambda d: retarget(d, node=99), r"nodes\[99\] does not exist"),
        (
            lambda d: d["animations"][0]["channels"].append(d["animations"][0]["channels"][0]),
            r"moves the rotation of nodes\[2\] twice",
        ),
        (lambda d: d["nodes"][0].update(matrix=[*np.eye(4).ravel()]), "animated and has a matrix"),
    ],
)
def test_a_broken_rig_is_refused_by_name(edit: Any, message: str) -> None:
    with pytest.raises(MalformedGlb, match=message) as refusal:
        model_from_glb(changed(edit))
    assert refusal.value.fix


@pytest.mark.parametrize(
    ("place", "value", "at", "message"),
    [
        (lambda d: attributes(d)["WEIGHTS_0"], np.nan, 5, "WEIGHTS"),
        (lambda d: attributes(d)["WEIGHTS_0"], -0.5, 5, "WEIGHTS"),
        (binds, np.inf, 3, "inverse bind matrix"),
        (binds, 0.5, 3, "inverse bind matrix"),
        (lambda d: sampler(d)["input"], 0.75, 0, "do not grow"),
        (lambda d: sampler(d)["input"], -1.0, 0, "do not grow"),
        (lambda d: sampler(d)["input"], np.nan, 2, "not a finite number"),
        (lambda d: sampler(d)["output"], np.inf, 4, "not a finite number"),
        (lambda d: sampler(d)["output"], 0.0, 3, "rotation of length 0"),
        (
            lambda d: d["meshes"][1]["primitives"][1]["targets"][0]["POSITION"],
            np.nan, 0, "morph target's POSITION",
        ),
    ],
)  # fmt: skip
def test_numbers_that_are_none_are_refused(place: Any, value: float, at: int, message: str) -> None:
    with pytest.raises(MalformedGlb, match=message) as refusal:
        model_from_glb(rewritten(place, value, at))
    assert refusal.value.fix


def test_what_has_no_size_at_rest_is_refused() -> None:
    with pytest.raises(UnsupportedGlb, match="no size at rest"):
        model_from_glb(changed(lambda d: d["nodes"][7].update(scale=[0, 0, 0])))
    with pytest.raises(UnsupportedGlb, match=r"skins\[0\] have no size at rest"):
        model_from_glb(changed(lambda d: d["nodes"][0].update(scale=[0, 1, 1])))


@pytest.mark.parametrize(("scale", "is_kept"), [(1e-4, True), (1e-7, False)])
def test_what_is_so_small_at_rest_that_its_shape_is_lost_is_refused(
    scale: float, *, is_kept: bool
) -> None:
    """Next to nothing at rest, and blown up by a clip: vertices are kept as they are at rest."""
    small = changed(lambda d: d["nodes"][7].update(scale=[scale] * 3, translation=[9, 0, 0]))
    if is_kept:
        assert model_from_glb(small).moves
        return
    with pytest.raises(UnsupportedGlb, match="next to no size at rest") as refusal:
        model_from_glb(small)
    assert refusal.value.fix


def test_shapes_beyond_memory_are_refused_before_they_are_read() -> None:
    draft = Draft()
    accessor = draft.sparse(6_000_000, [0], [[0, 0, 0]])
    primitive = {"attributes": {"POSITION": accessor}, "targets": [{"POSITION": accessor}] * 9}
    draft.node("huge", mesh=draft.mesh(primitive))
    with pytest.raises(UnsupportedGlb, match="morph targets of more than 50,000,000"):
        model_from_glb(draft.glb())


def test_weights_become_what_readers_make_of_them() -> None:
    glb = _everything()
    body = bytearray(glb.bin)
    accessor = glb.json["accessors"][attributes(glb.json)["WEIGHTS_0"]]
    view = glb.json["bufferViews"][accessor["bufferView"]]
    rows = np.frombuffer(body, "<f4", 12, view["byteOffset"])
    rows[:] = [0.5, 0, 0, 1.5, 0, 0, 0, 0, 0.25, 0, 0, 0.75]
    mesh = model_from_glb(Glb(glb.json, bytes(body))).parts[0].mesh
    assert mesh.weights is not None
    expected = [[0.25, 0, 0, 0.75], [1, 0, 0, 0], [0.25, 0, 0, 0.75]]
    np.testing.assert_array_equal(mesh.weights[:3], expected)


def test_what_moves_nothing_that_is_kept_is_told() -> None:
    def edit(document: Document) -> None:
        channels = document["animations"][0]["channels"]
        channels[0]["target"] = {"path": "pointer", "extensions": {"KHR_animation_pointer": {}}}
        channels[1]["target"] = {"node": 4, "path": "weights"}
        document["nodes"].append({"name": "elsewhere"})
        channels[2]["target"]["node"] = len(document["nodes"]) - 1
        document["meshes"][1]["extras"]["more"] = 1
        document["meshes"][3]["primitives"][0]["attributes"] |= attributes(document)
        document["meshes"][1]["primitives"][0]["targets"][0]["COLOR_0"] = 0
        document["skins"].append({"joints": [1]})

    glb = changed(edit)
    rig = model_from_glb(glb).rig
    assert rig is not None
    assert [channel.path for channel in rig.clips[0].channels] == ["weights"]
    assert [each.what for each in left_out(glb)] == [
        "1 skin that no mesh has", "1 node without a mesh (elsewhere)",
        "3 animation channels (pointer, translation, weights)",
        "vertex attributes JOINTS_0, WEIGHTS_0", "COLOR_0 of morph targets",
        "extras of 1 object",
    ]  # fmt: skip
    assert left_out(_everything()) == ()


def test_a_model_that_moves_is_not_packed_with_draco() -> None:
    model = load_model(write_glb(_everything()))
    assert can_pack(box_model(), "draco")
    assert not can_pack(model, "draco")
    with pytest.raises(GltfError, match="a model that moves cannot be written"):
        model_to_glb(model, geometry="draco")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_structural_mutations_of_a_rig_never_crash_the_reader(data: st.DataObject) -> None:
    glb = _everything()
    document = json.loads(json.dumps(glb.json))
    path = data.draw(st.sampled_from(paths(document)))
    values: list[Any] = [None, -1, 0, 3, 2**31, 2**63, 1e308, "x", [], {}, [0], True, [[1]], 1e-30]
    owner = document
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = data.draw(st.sampled_from(values))
    refusal = None
    try:
        left_out(Glb(document, glb.bin))
        model_to_glb(model_from_glb(Glb(document, glb.bin)))
    except GltfError as error:
        refusal = error
    assert refusal is None or (refusal.message and refusal.fix)
