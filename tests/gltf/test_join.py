from __future__ import annotations

from dataclasses import replace

import numpy as np

from trellis_assets.gltf import Model, join_glbs, load_model, model_to_glb, read_glb, write_glb
from trellis_assets.validation import validate_glbs

from .shapes import box_mesh, box_model, png


def named(name: str, half: tuple[float, float, float]) -> Model:
    model = box_model()
    part = replace(model.parts[0], mesh=box_mesh(half), name=name)
    return replace(model, parts=(part,), name=name)


def test_meshes_stand_side_by_side_and_pictures_are_shared() -> None:
    first, second = named("a", (0.5, 1, 0.25)), named("b", (2, 1, 1))
    joined = join_glbs([read_glb(model_to_glb(one)) for one in (first, second)], scene="both")
    data = write_glb(joined.glb)
    loaded = load_model(data)
    assert joined.roots == ((0,), (1,))
    assert [part.name for part in loaded.parts] == ["a", "b"]
    for part, model in zip(loaded.parts, (first, second), strict=True):
        assert np.array_equal(part.mesh.positions, model.parts[0].mesh.positions)
        assert np.array_equal(part.mesh.triangles, model.parts[0].mesh.triangles)
    document = joined.glb.json
    assert [len(document[kind]) for kind in ("images", "textures", "materials")] == [2, 2, 1]
    assert document["asset"]["extras"] == {"seed": 7}
    assert document["scenes"][0]["name"] == "both"


def test_different_pictures_stay_apart() -> None:
    first, second = box_model(), box_model()
    other = replace(second.parts[0].material, base_color=png((10, 200, 30)))
    second = replace(second, parts=(replace(second.parts[0], material=other),))
    joined = join_glbs([read_glb(model_to_glb(one)) for one in (first, second)], scene="both")
    loaded = load_model(write_glb(joined.glb))
    images = [part.material.base_color for part in loaded.parts]
    assert images[0] is not None
    assert images[1] is not None
    assert images[0].data != images[1].data
    assert len(joined.glb.json["images"]) == 3  # the ORM map is the same


def test_positions_equal_to_normals_keep_views_of_their_own() -> None:
    mesh = box_mesh((1, 1, 1))
    unit = (mesh.positions / np.sqrt(3)).astype(np.float32)
    twin = replace(mesh, positions=unit, normals=unit)
    model = replace(box_model(), parts=(replace(box_model().parts[0], mesh=twin),))
    glb = read_glb(model_to_glb(model))
    (report,) = validate_glbs([write_glb(join_glbs([glb, glb], scene="both").glb)])
    assert (report.errors, report.warnings) == (0, 0)


def test_groups_keep_their_children() -> None:
    glb = read_glb(model_to_glb(box_model()))
    glb.json["nodes"] += [{"name": "group", "children": [0], "translation": [0, 2, 0]}]
    glb.json["scenes"][0]["nodes"] = [1]
    joined = join_glbs([read_glb(model_to_glb(box_model())), glb], scene="both")
    assert joined.roots == ((0,), (2,))
    assert joined.glb.json["nodes"][2]["children"] == [1]
    loaded = load_model(write_glb(joined.glb))
    assert loaded.bounds()[1][1] == np.float32(3.0)


def test_a_joined_file_is_valid_and_the_same_every_time() -> None:
    glbs = [read_glb(model_to_glb(named(name, (1, 1, 1)))) for name in ("a", "b", "c")]
    first = write_glb(join_glbs(glbs, scene="all").glb)
    assert first == write_glb(join_glbs(glbs, scene="all").glb)
    (report,) = validate_glbs([first])
    assert (report.errors, report.warnings) == (0, 0)
