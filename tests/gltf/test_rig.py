"""What moves goes through: every vertex stands where it stood, at any time of any clip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import DracoPy
import numpy as np
import pytest
from numpy.typing import NDArray

from trellis_assets.gltf import (
    GEOMETRY_EXTENSIONS,
    Geometry,
    Glb,
    Model,
    can_pack,
    in_reading_order,
    load_model,
    model_to_glb,
    read_glb,
    write_glb,
)
from trellis_assets.gltf._transform import transformed
from trellis_assets.validation import validate_glbs

from .posing import posed
from .rigged import Draft, arm, everything, face, tube

STUFFED = Path(__file__).parents[3] / "shared" / "models" / "stuffed.glb"
TIMES = (0.0, 0.3, 0.8, 1.25, 1.6)


def again(glb: Glb) -> Glb:
    """Read as a model and written."""
    return read_glb(model_to_glb(load_model(write_glb(glb))))


def same_poses(first: Glb, second: Glb, *, normals_within: float = 1e-4) -> None:
    for clip in ("", *(each["name"] for each in first.json["animations"])):
        for time in TIMES:
            ours, theirs = posed(second, clip, time), posed(first, clip, time)
            for (points, normals), (expected, directions) in zip(ours, theirs, strict=True):
                size = np.ptp(expected, axis=0).max()
                assert np.abs(points - expected).max() <= 1e-5 * size, (clip, time)
                np.testing.assert_allclose(normals, directions, atol=normals_within)


@pytest.mark.parametrize(("kind", "sets"), [("u1", 1), ("u2", 1), ("u1", 2)])
def test_every_pose_is_kept(kind: str, sets: int) -> None:
    first = everything(kind, sets)
    second = again(first)
    same_poses(first, second)
    third = again(second)
    same_poses(first, third)
    assert len(third.json["nodes"]) == len(second.json["nodes"])
    assert write_glb(again(third)) == write_glb(third)
    given, written = validate_glbs([write_glb(first), write_glb(second)])
    assert given.errors == 0, given.messages
    assert (written.errors, written.warnings) == (0, 0), written.messages


@pytest.mark.parametrize("how", ["quantized", "meshopt"])
@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_packed_files_move_as_plain_ones_do(how: Geometry, kind: str) -> None:
    model = load_model(write_glb(everything(kind)))
    assert can_pack(model, how)
    plain, data = model_to_glb(model), model_to_glb(model, geometry=how)
    document = read_glb(data).json
    assert tuple(document["extensionsRequired"]) == GEOMETRY_EXTENSIONS[how]
    same_poses(read_glb(plain), read_glb(model_to_glb(load_model(data))), normals_within=0.02)
    (report,) = validate_glbs([data])
    assert (report.errors, report.warnings) == (0, 0), report.messages


@pytest.mark.skipif(not STUFFED.exists(), reason="../shared/models is not beside the repository")
def test_a_file_stuffed_with_everything_keeps_what_moves() -> None:
    data = STUFFED.read_bytes()
    model = load_model(data)
    (part,) = model.parts
    assert model.rig is not None
    assert (part.skin, part.shape_names, part.shape_weights) == (0, ("puff", "sparse"), (0.25, 0))
    assert [clip.name for clip in model.rig.clips] == ["spin"]
    written = read_glb(model_to_glb(model))
    same_poses(read_glb(data), written)
    (mesh,) = written.json["meshes"]
    assert mesh["extras"] == {"targetNames": ["puff", "sparse"]}
    assert len(mesh["primitives"][0]["targets"]) == 2
    (report,) = validate_glbs([write_glb(written)])
    assert (report.errors, report.warnings) == (0, 0), report.messages


def test_parts_are_read_in_the_order_that_is_told() -> None:
    model = load_model(write_glb(everything()))
    mixed = replace(model, parts=tuple(model.parts[number] for number in (5, 3, 1, 4, 0, 2)))
    told = in_reading_order(mixed)
    assert [part.name for part in told] != [part.name for part in mixed.parts]
    for part, read in zip(told, load_model(model_to_glb(mixed)).parts, strict=True):
        assert read.name == part.name
        np.testing.assert_allclose(read.mesh.positions, part.mesh.positions, atol=1e-5)


def test_a_transform_of_words_is_written_in_numbers() -> None:
    glb = everything()
    glb.json["nodes"][1]["translation"] = ["0", "1.5", "0"]
    rig = load_model(write_glb(glb)).rig
    assert rig is not None
    assert rig.nodes[1].transform["translation"] == [0.0, 1.5, 0.0]


def test_names_and_keys_are_kept_as_they_are() -> None:
    model = load_model(write_glb(everything()))
    rig = model.rig
    assert rig is not None
    assert [node.name for node in rig.nodes] == [
        "Armature", "bone 0", "bone 1", "bone 2", "Mill", "Hub", "socket"
    ]  # fmt: skip
    (skin,) = rig.skins
    assert (skin.joints, skin.skeleton, skin.name) == ((1, 2, 3), 1, "bones")
    assert [clip.name for clip in rig.clips] == ["wave", "turn"]
    assert [channel.interpolation for channel in rig.clips[1].channels] == [
        "LINEAR", "CUBICSPLINE", "CUBICSPLINE"
    ]  # fmt: skip
    hung = {part.name: (part.node, part.skin, part.shape) for part in model.parts}
    assert hung == {
        "Tube": (-1, 0, -1), "Face": (-1, -1, 0), "Hub": (5, -1, -1), "Sail": (5, -1, -1),
        "Plinth": (-1, -1, -1),
    }  # fmt: skip
    face = next(part for part in model.parts if part.name == "Face")
    assert face.shape_names == ("puff", "nod")
    assert face.shape_weights == (0.25, 0.0)
    assert model.moves
    assert str(rig) == "a skin with 3 joints, 2 animations"


def test_a_skeleton_that_is_no_root_of_its_joints_says_nothing() -> None:
    glb = everything()
    glb.json["skins"][0]["skeleton"] = 2
    rig = load_model(write_glb(glb)).rig
    assert rig is not None
    assert rig.skins[0].skeleton == -1


def test_shapes_alone_need_no_nodes() -> None:
    draft = Draft()
    face(draft)
    model = load_model(write_glb(draft.glb()))
    assert model.rig is None
    assert model.moves
    assert [part.shape for part in model.parts] == [0, 0]
    written = again(draft.glb())
    (mesh,) = written.json["meshes"]
    assert len(mesh["primitives"]) == 2  # one face with one set of sliders, as it was
    for (points, normals), (expected, directions) in zip(
        posed(written), posed(draft.glb()), strict=True
    ):
        np.testing.assert_allclose(points, expected, atol=1e-5)
        np.testing.assert_allclose(normals, directions, atol=1e-4)


def test_keys_without_data_are_zeros() -> None:
    glb = everything()
    clip = glb.json["animations"][0]
    path = {channel["sampler"]: channel["target"]["path"] for channel in clip["channels"]}
    number = next(number for number, name in path.items() if name == "weights")
    keys = glb.json["accessors"][clip["samplers"][number]["output"]]
    del keys["bufferView"]
    rig = load_model(write_glb(glb)).rig
    assert rig is not None
    channel = next(each for each in rig.clips[0].channels if each.path == "weights")
    assert channel.values.size == keys["count"]
    assert not channel.values.any()


def test_at_rest_parts_stand_where_they_are_seen_with_their_outside_outside() -> None:
    glb = everything()
    del glb.json["meshes"][1]["weights"]  # positions are those without any shape
    model = load_model(write_glb(glb))
    seen = posed(glb)
    ours = sorted(
        (part.mesh for part in model.parts),
        key=lambda mesh: np.round(mesh.positions.min(axis=0), 3).tolist(),
    )
    for mesh, (points, _) in zip(ours, seen, strict=True):
        np.testing.assert_allclose(mesh.positions, points, atol=1e-5)
        a, b, c = (mesh.positions[mesh.triangles[:, corner]] for corner in range(3))
        assert mesh.normals is not None
        outside = mesh.normals[mesh.triangles].sum(axis=1)
        assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), outside) > 0).all()


def test_a_model_that_was_moved_keeps_its_poses_in_the_new_place() -> None:
    first = everything()
    turned = np.array([[0, 0, 2, 1], [0, 2, 0, -3], [-2, 0, 0, 0.5], [0, 0, 0, 1]], float)
    once = read_glb(model_to_glb(moved(load_model(write_glb(first)), turned)))
    twice = read_glb(model_to_glb(moved(load_model(write_glb(once)), turned)))
    for time in TIMES:
        for glb, matrix in ((once, turned), (twice, turned @ turned)):
            there = [
                points @ matrix[:3, :3].T + matrix[:3, 3]
                for points, _ in posed(first, "wave", time)
            ]
            expected = sorted(there, key=lambda points: np.round(points.min(axis=0), 3).tolist())
            for (points, _), wanted in zip(posed(glb, "wave", time), expected, strict=True):
                np.testing.assert_allclose(points, wanted, atol=1e-4)
    (report,) = validate_glbs([write_glb(twice)])
    assert (report.errors, report.warnings) == (0, 0), report.messages
    names = [node.get("name") for node in twice.json["nodes"]]
    assert names.count("placement") == 1


def moved(model: Model, matrix: NDArray[np.float64]) -> Model:
    assert model.rig is not None
    parts = tuple(replace(part, mesh=transformed(part.mesh, matrix)) for part in model.parts)
    return replace(model, parts=parts, rig=model.rig.moved(matrix))


@pytest.mark.parametrize(("joints", "component"), [(256, 5121), (300, 5123)])
def test_joints_take_bytes_while_they_reach(joints: int, component: int) -> None:
    draft = Draft()
    arm(draft, kind="u2", joints=joints)
    first = draft.glb()
    second = again(first)
    same_poses(first, second)
    index = second.json["meshes"][0]["primitives"][0]["attributes"]["JOINTS_0"]
    assert second.json["accessors"][index]["componentType"] == component


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_joints_come_out_of_draco_as_well(kind: str) -> None:
    draft = Draft()
    arm(draft)
    plain = load_model(write_glb(draft.glb())).parts[0].mesh
    assert plain.joints is not None
    primitive = draft.json["meshes"][0]["primitives"][0]
    points, _, faces = tube()
    stream = DracoPy.encode(
        points,
        faces.astype(np.uint32),
        quantization_bits=20,
        generic_attributes={7: plain.joints.astype(kind), 8: plain.weights},
    )
    ids = {
        int(each["attribute_type"]): int(each["unique_id"])
        for each in DracoPy.decode(stream).attributes
    }
    packed = {
        "bufferView": draft.view(np.frombuffer(stream, np.uint8)),
        "attributes": {"POSITION": ids[0], "JOINTS_0": 7, "WEIGHTS_0": 8},
    }
    primitive["extensions"] = {"KHR_draco_mesh_compression": packed}
    mesh = load_model(write_glb(draft.glb())).parts[0].mesh
    assert mesh.joints is not None
    assert mesh.weights is not None
    nearest = np.linalg.norm(mesh.positions[:, None] - plain.positions, axis=2).argmin(axis=1)
    np.testing.assert_array_equal(mesh.joints, plain.joints[nearest])
    assert plain.weights is not None
    np.testing.assert_array_equal(mesh.weights, plain.weights[nearest])
