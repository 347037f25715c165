"""Double-sided or not: decided by what the mesh leaves open, unless the entry says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.gltf.shapes import box_mesh
from trellis_assets.gltf import Mesh
from trellis_assets.textures import SidesDecision, decide_sides

BOX = box_mesh()


def without(mesh: Mesh, triangles: int) -> Mesh:
    return replace(mesh, triangles=mesh.triangles[triangles:])


def test_a_closed_body_needs_one_side_only() -> None:
    decision = decide_sides([BOX], declared=True)
    assert not decision.double_sided
    assert decision.open_share == 0
    assert abs(decision.volume - 1 * 2 * 0.5) < 1e-6
    assert "closed" in decision.reason


def test_an_open_or_inside_out_surface_keeps_both() -> None:
    assert decide_sides([without(BOX, 2)], declared=True).double_sided
    turned = replace(BOX, triangles=np.ascontiguousarray(BOX.triangles[:, ::-1]))
    assert decide_sides([turned], declared=True).double_sided
    assert decide_sides([BOX, without(BOX, 2)], declared=True).double_sided


def test_one_triangle_the_wrong_way_round_is_an_open_place() -> None:
    triangles = BOX.triangles.copy()
    triangles[0] = triangles[0, ::-1]
    assert decide_sides([replace(BOX, triangles=triangles)], declared=True).open_share > 0.1


def test_what_is_not_opaque_shows_its_back() -> None:
    assert decide_sides([BOX], declared=True, opaque=False).double_sided
    assert not decide_sides([without(BOX, 2)], declared=False).double_sided


def test_the_entry_has_the_last_word_and_the_evidence_survives_a_file() -> None:
    single = decide_sides([without(BOX, 2)], declared=True, policy="single")
    assert not single.double_sided
    assert decide_sides([BOX], declared=False, policy="double").double_sided
    assert SidesDecision.from_dict(single.as_dict()).as_dict() == single.as_dict()
