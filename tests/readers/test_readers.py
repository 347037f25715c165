"""Every variant opens in readers of other people and looks like the master it was made from.

What goes in is as hard as what TRELLIS.2 writes (WebP, RGBA under OPAQUE, sliver atlas, inner
hulls), and models of other makers. A rung is drawn at the size at which it takes over, on a screen
of 1080 lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trellis_assets.catalog import Profile
from trellis_assets.delivery import Variant
from trellis_assets.delivery.engines import PACKERS
from trellis_assets.embedded import generate
from trellis_assets.gltf import Model, model_to_glb
from trellis_assets.node_tools import run_tool, tools_folder
from trellis_assets.previews import ssim
from trellis_assets.validation import validate_glbs

from .browser import Reader, open_reader
from .tools import install_readers
from .variants import ASKED, CATALOG, MODELS, PROFILES, ladder_of, variants_of

pytestmark = pytest.mark.slow

ALL_RUNGS = ("pc.prop", "web.commerce")
"""The others hold the rungs of pc.prop under other names: the first and the last are drawn."""
SCREEN = 1080
SSIM_FLOOR = 0.95


@dataclass(frozen=True)
class Delivery:
    """Variants of one asset in ``folder``, beside ``master.glb``."""

    folder: Path
    lod0: Model
    variants: Mapping[str, Variant]


@pytest.fixture(scope="module", params=["as_trellis", "DamagedHelmet", "hunyuan_40k_2048"])
def delivery(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    install_readers()
    folder = tmp_path_factory.mktemp(request.param)
    master, rungs = ladder_of(_input(request.param))
    (folder / "master.glb").write_bytes(model_to_glb(master))
    variants = variants_of(master, rungs)
    for name, variant in variants.items():
        for file, data in variant.files.items():
            (folder / name / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / file).write_bytes(data)
    return Delivery(folder, rungs[0].model, variants)


def _input(name: str) -> bytes:
    if name == "as_trellis":
        settings = {"resolution": 512, "decimationTarget": 30_000, "textureSize": 1024}
        concept = CATALOG.read("concepts/oak_barrel.png")
        return generate(concept, settings=settings, seed=11, as_trellis=True).glb
    file = MODELS / f"{name}.glb"
    if not file.is_file():
        pytest.skip(f"{file} is not here")
    return file.read_bytes()


@pytest.fixture(scope="module")
def reader(delivery: Delivery) -> Iterator[Reader]:
    with open_reader(delivery.folder) as opened:
        yield opened


def test_all_packers_are_asked() -> None:
    profiles: list[Profile] = [PROFILES.profiles[name] for name in ASKED]
    assert {profile.engine for profile in profiles} == set(PACKERS)


def test_the_validator_finds_no_error(delivery: Delivery) -> None:
    files = {
        f"{name}/{file}": data
        for name, variant in delivery.variants.items()
        for file, data in variant.files.items()
        if file.endswith(".glb")
    }
    reports = validate_glbs(list(files.values()))
    assert {
        name: report.errors for name, report in zip(files, reports, strict=True)
    } == dict.fromkeys(files, 0)


def test_gltf_transform_reads_every_file(delivery: Delivery) -> None:
    expected = {
        delivery.folder / name / file["path"]: file
        for name, variant in delivery.variants.items()
        for file in variant.manifest["files"]
    }
    for path, read in _transform(list(expected)).items():
        file = expected[path]
        hulls = [node for node in read["nodes"] if node.startswith("UCX_")]
        drawn = [node for node in read["nodes"] if not node.startswith("UCX_")]
        assert read["finite"]
        assert len(drawn) == 1
        assert read["triangles"] >= file["triangles"]
        assert (read["triangles"] == file["triangles"]) == (not hulls)
        assert len(read["images"]) == len(file["textures"])
        assert read["authorship"]["seed"] == 3


def test_three_shows_every_rung_like_the_master(delivery: Delivery, reader: Reader) -> None:
    lower, upper = delivery.lod0.bounds().astype(float)
    sphere = (((lower + upper) / 2).tolist(), float(np.linalg.norm(upper - lower)))
    found: dict[str, float] = {}
    masters: dict[int, Any] = {}
    for name, variant in delivery.variants.items():
        rungs = list(zip(variant.manifest["files"], variant.manifest["levels"], strict=True))
        if name not in ALL_RUNGS:
            rungs = rungs[:: max(len(rungs) - 1, 1)]
        for file, level in rungs:
            if level["decided_by"] == "smallest":  # never drawn with more than 16 pixels
                continue
            pixels = round(level["shown_below"] * SCREEN)
            if pixels not in masters:
                masters[pixels] = reader.shots("master.glb", sphere=sphere, pixels=pixels)
            path = f"{name}/{file['path']}"
            shots = reader.shots(path, sphere=sphere, pixels=pixels)
            assert shots.triangles == file["triangles"]
            pairs = zip(masters[pixels].pictures, shots.pictures, strict=True)
            found[f"{path} at {pixels}"] = min(ssim(one, other, whole=True) for one, other in pairs)
    assert {name: value for name, value in found.items() if value < SSIM_FLOOR} == {}


def test_the_web_module_switches_where_the_manifest_says(
    delivery: Delivery, reader: Reader
) -> None:
    levels = delivery.variants["web.commerce"].manifest["levels"]
    sizes = [(level["shown_below"] + level["hidden_below"]) / 2 for level in levels]
    shown = reader.levels("web.commerce/thing.mjs", [*sizes, 0.001])
    assert shown == list(range(len(levels) + 1))


def test_the_file_with_all_rungs_shows_the_finest_where_lods_are_not_read(
    delivery: Delivery, reader: Reader
) -> None:
    manifest = delivery.variants["web.commerce"].manifest
    path = delivery.folder / "web.commerce" / "thing.glb"
    read = _transform([path])[path]
    assert read["meshes"] == len(manifest["files"])
    assert read["triangles"] == manifest["files"][0]["triangles"]
    shots = reader.shots("web.commerce/thing.glb", sphere=((0, 0.5, 0), 2.0), pixels=200)
    assert shots.triangles == manifest["files"][0]["triangles"]


def _transform(files: list[Path]) -> dict[Path, Any]:
    script = Path(__file__).with_name("transform.mjs")
    modules = str(tools_folder() / "node_modules")
    said = run_tool(script, [modules, *map(str, files)], title="glTF-Transform", timeout=300)
    return dict(zip(files, map(json.loads, said.splitlines()), strict=True))
