from __future__ import annotations

import re

import pytest

from trellis_assets.delivery import ENGINES, EngineNaming

NAMINGS = list(ENGINES.values())


@pytest.mark.parametrize("naming", NAMINGS, ids=lambda naming: naming.engine)
def test_names_are_plain_distinct_per_level_and_sourced(naming: EngineNaming) -> None:
    files = [naming.file_name("oak_barrel", level) for level in range(4)]
    nodes = [naming.node_name("oak_barrel", level) for level in range(4)]
    assert len(set(files)) == len(set(nodes)) == 4
    for name in [*nodes, naming.material_name("oak_barrel"), *(f[:-4] for f in files)]:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name)
    assert naming.source


def test_parts_are_numbered_only_when_there_are_several() -> None:
    generic = ENGINES["generic"]
    assert generic.node_name("crate", 2) == "crate_LOD2"
    assert generic.node_name("crate", 2, 1, parts=3) == "crate_LOD2_1"


def test_collision_hulls_are_named_as_the_importers_read_them() -> None:
    unreal = ENGINES["unreal"]
    hull = unreal.collision_name("crate", 0, 3)
    assert hull == "UCX_SM_crate_LOD0_03"
    assert hull.startswith(f"UCX_{unreal.node_name('crate', 0)}_")
    assert ENGINES["godot"].collision_name("crate", 0, 1).endswith("-convcolonly")
    assert ENGINES["roblox"].collision_name("crate", 0, 0) == ""


def test_conventions_that_break_assets_when_they_are_wrong() -> None:
    assert ENGINES["unreal"].normal_map == "DirectX"
    assert {ENGINES[name].normal_map for name in ("unity", "godot", "roblox", "web")} == {"OpenGL"}
    assert (ENGINES["unreal"].up, ENGINES["unreal"].metres_per_unit) == ("Z", 0.01)
