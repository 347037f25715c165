"""Rules and repairs on a model that moves: what is right for a static one may be wrong for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.moving_models import tube
from trellis_assets.geometry import place
from trellis_assets.gltf import Model, load_model, model_to_glb, read_glb
from trellis_assets.validation import RULES, Subject, apply_fixes, judge

BONES = ("Armature.001", "mixamorig:Hips", "mixamorig:Spine", "hinge")
FIXABLE = {rule.id for rule in RULES if rule.fixable}


@pytest.fixture(scope="module")
def rigged() -> Model:
    """With bones named as a library of clips names them, placed, and a bone without children."""
    model = place(tube(), height_m=1.0, up="+z", forward="+x")
    assert model.rig is not None
    named = zip(model.rig.nodes, BONES, strict=True)
    nodes = tuple(replace(node, name=name) for node, name in named)
    parts = tuple(replace(part, name=f"part_{index}") for index, part in enumerate(model.parts))
    return replace(model, parts=parts, rig=replace(model.rig, nodes=nodes))


def test_bones_are_neither_empty_nor_badly_named_nor_in_the_wrong_place(rigged: Model) -> None:
    found = {finding.rule for finding in judge(Subject(model_to_glb(rigged)))}
    assert found == {"mesh.watertight", "uv.overlap"}, "the tube is open, its lid shares its UVs"


def test_a_repair_leaves_bones_and_shapes_alone(rigged: Model) -> None:
    """A triangle closed at rest is kept, and one that covers another; names of bones too."""
    part = rigged.parts[0]
    faces = part.mesh.triangles
    closed = faces[:1, [0, 1, 1]]
    mesh = replace(part.mesh, triangles=np.concatenate([faces, faces[:1], closed]))
    data = model_to_glb(replace(rigged, parts=(replace(part, mesh=mesh), *rigged.parts[1:])))
    found = load_model(apply_fixes(data, FIXABLE).data)
    assert found.rig is not None
    assert {node.name for node in found.rig.nodes} >= set(BONES)
    assert found.parts[0].mesh.triangle_count == mesh.triangle_count
    assert found.parts[0].mesh.vertex_count == part.mesh.vertex_count


def test_a_mesh_with_the_name_of_a_bone_gets_another(rigged: Model) -> None:
    lid = replace(rigged.parts[1], name="hinge")
    fixed = apply_fixes(model_to_glb(replace(rigged, parts=(rigged.parts[0], lid))), FIXABLE)
    names = [node.get("name") for node in read_glb(fixed.data).json["nodes"]]
    assert names[1] == "hinge_2"
    assert names.count("hinge") == 1, "the bone"
