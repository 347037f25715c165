"""The whole generator: sound, truthful, deterministic, and in TRELLIS.2's form."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from trellis_assets.concepts import NoForeground, cut_out
from trellis_assets.embedded import EmbeddedResult, InvalidSetting, generate
from trellis_assets.embedded.raster import cover, overlapping_texels
from trellis_assets.gltf import Mesh, load_model, read_glb

from .conftest import SMALL, crate_pixels, figure_pixels, is_sound, png, vase_pixels

TINY = {"resolution": 64, "decimationTarget": 3_000, "textureSize": 256}


def mesh_of(result: EmbeddedResult) -> Mesh:
    return load_model(result.glb).parts[0].mesh


def silhouette_overlap(result: EmbeddedResult, data: bytes) -> float:
    mesh = mesh_of(result)
    opaque = cut_out(data).pixels[:, :, 3] > 127
    rows, columns = np.nonzero(opaque)
    flat = mesh.positions[:, :2] * np.array([1, -1], np.float32)
    low, high = flat.min(axis=0), flat.max(axis=0)
    scale = (max(np.ptp(rows), np.ptp(columns)) + 1) / float((high - low).max())
    centre = np.array([columns.min() + columns.max() + 1, rows.min() + rows.max() + 1]) / 2
    corners = ((flat - (low + high) / 2) * scale + centre)[mesh.triangles].astype(np.float32)
    seen = np.zeros_like(opaque)
    for part in cover(corners, texels=len(opaque)):
        seen[part.row, part.column] = True
    return float((seen & opaque).sum() / (seen | opaque).sum())


@pytest.mark.parametrize("name", ["vase", "figure", "crate"])
def test_models_are_sound_and_fit(name: str, request: pytest.FixtureRequest) -> None:
    result = request.getfixturevalue(name)
    mesh = mesh_of(result)
    assert is_sound(mesh.positions, mesh.triangles)
    assert len(mesh.triangles) <= SMALL["decimationTarget"]
    assert result.report["triangles"] == len(mesh.triangles)
    assert np.abs(mesh.positions).max() <= 0.5
    assert np.ptp(mesh.positions, axis=0).max() == pytest.approx(0.997, abs=1e-3)
    assert mesh.normals is not None
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "pixels"),
    [("vase", vase_pixels()), ("figure", figure_pixels()), ("crate", crate_pixels())],
)
def test_the_front_keeps_the_outline(
    name: str, pixels: np.ndarray, request: pytest.FixtureRequest
) -> None:
    assert silhouette_overlap(request.getfixturevalue(name), png(pixels)) > 0.97


@pytest.mark.parametrize("name", ["vase", "figure", "crate"])
def test_no_two_triangles_share_texels(name: str, request: pytest.FixtureRequest) -> None:
    mesh = mesh_of(request.getfixturevalue(name))
    assert mesh.uvs is not None
    side = SMALL["textureSize"]
    assert overlapping_texels(mesh.uvs[mesh.triangles] * side, texels=side) == 0


def test_front_colours_arrive_where_they_were(figure: EmbeddedResult) -> None:
    model = load_model(figure.glb)
    mesh, image = model.parts[0].mesh, model.parts[0].material.base_color
    assert image is not None
    assert mesh.uvs is not None
    texture = np.asarray(Image.open(io.BytesIO(image.data)).convert("RGB")).astype(int)
    # The bright badge sits in the middle of the figure, on the front only.
    near = np.hypot(mesh.positions[:, 0] + 0.1, mesh.positions[:, 1]) < 0.03
    yellowness = []
    for facing in (1, -1):
        chosen = near & (np.sign(mesh.positions[:, 2]) == facing)
        at = np.clip((mesh.uvs[chosen] * len(texture)).astype(int), 0, len(texture) - 1)
        colour = texture[at[:, 1], at[:, 0]]
        yellowness.append(float((colour[:, 0] - colour[:, 2]).mean()))
    assert yellowness[0] > 80  # badge on the front
    assert yellowness[1] < 40  # no ghost of it on the back


def test_a_turned_thing_is_round_and_a_figure_is_not(
    vase: EmbeddedResult, figure: EmbeddedResult
) -> None:
    width, _, depth = vase.report["boundingBox"]
    assert vase.report["reading"]["lathe"] > 0.9
    assert depth == pytest.approx(width, rel=0.06)
    assert figure.report["reading"]["lathe"] < 0.1


def test_a_crate_gets_its_own_depth(crate: EmbeddedResult) -> None:
    assert crate.report["reading"]["box"] > 0.84
    width, height, depth = crate.report["boundingBox"]
    assert depth > 0.6 * min(width, height)


def test_file_is_written_as_trellis_writes_it(figure: EmbeddedResult) -> None:
    document = read_glb(figure.glb).json
    assert document["asset"]["generator"].startswith("trellis-assets embedded greybox generator")
    assert document["extensionsRequired"] == ["EXT_texture_webp"]
    assert len(document["meshes"]) == len(document["materials"]) == 1
    material = load_model(figure.glb).parts[0].material
    assert material.alpha_mode == "OPAQUE"
    assert not material.double_sided
    assert material.orm is not None
    orm = np.asarray(Image.open(io.BytesIO(material.orm.data)).convert("RGB"))
    assert orm.shape[:2] == (512, 512)
    assert orm[:, :, 0].mean() < 8  # no occlusion baked; WebP is not exact


def test_same_seed_same_bytes_other_seed_other_shape() -> None:
    data = png(figure_pixels())
    first = generate(data, settings=TINY, seed=7)
    assert generate(data, settings=TINY, seed=7).glb == first.glb
    other = generate(data, settings=TINY, seed=8)
    assert other.glb != first.glb
    assert other.report["boundingBox"][2] != first.report["boundingBox"][2]


def test_settings_have_their_effect() -> None:
    data = png(figure_pixels())
    plain = generate(data, settings=TINY, seed=1)
    fat = generate(data, settings={**TINY, "sparseStructure": {"guidanceStrength": 10}}, seed=1)
    assert fat.report["boundingBox"][2] > plain.report["boundingBox"][2]
    sewn = generate(data, settings={**TINY, "remesh": False}, seed=1)
    assert is_sound(mesh_of(sewn).positions, mesh_of(sewn).triangles)
    assert load_model(sewn.glb).parts[0].material.double_sided
    rough = generate(data, settings={**TINY, "shapeSlat": {"guidanceStrength": 10}}, seed=1)
    assert rough.glb != plain.glb


def test_every_parameter_is_accounted_for() -> None:
    given_settings = {**TINY, "texSlat": {"steps": 3}, "mystery": 1}
    report = generate(png(figure_pixels()), settings=given_settings, seed=1).report
    treatment = {row["name"]: row["treatment"] for row in report["parameters"]}
    assert treatment["resolution"] == treatment["remesh"] == "honoured"
    assert treatment["shapeSlat.guidanceStrength"] == "approximated"
    assert treatment["texSlat.steps"] == treatment["mystery"] == "ignored"
    assert set(treatment.values()) == {"honoured", "approximated", "ignored"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"resolution": 5000},
        {"textureSize": "big"},
        {"remesh": 1},
        {"decimationTarget": True},
        {"shapeSlat": {"steps": 99}},
        {"texSlat": 3},
    ],
)
def test_wrong_settings_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidSetting, match=next(iter(wrong))) as caught:
        generate(png(figure_pixels()), settings=wrong, seed=1)
    assert caught.value.fix


def test_progress_only_grows() -> None:
    seen: list[tuple[str, float]] = []
    generate(
        png(figure_pixels()),
        settings=TINY,
        seed=1,
        progress=lambda stage, share: seen.append((stage, share)),
    )
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert seen[-1] == ("done", 1.0)
    assert len({stage for stage, _ in seen}) >= 5


def test_nothing_to_see_is_refused() -> None:
    with pytest.raises(NoForeground):
        generate(png(np.zeros((100, 100, 4), np.uint8)), settings=TINY, seed=1)


def blobs(seed: int, sigma: float, level: float) -> np.ndarray:
    """Random silhouettes: holes, slivers, islands, often touching the border."""
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.normal(size=(120, 120)), (0, 0), sigma)
    mask = noise > np.quantile(noise, level)
    out = rng.integers(0, 255, (120, 120, 4)).astype(np.uint8)
    out[:, :, 3] = mask * 255
    return out


@given(
    seed=st.integers(0, 10_000),
    sigma=st.floats(0.6, 12.0),
    level=st.floats(0.1, 0.97),
    remesh=st.booleans(),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_silhouette_becomes_a_sound_model(
    seed: int, sigma: float, level: float, remesh: bool
) -> None:
    result = generate(
        png(blobs(seed, sigma, level)), settings={**TINY, "remesh": remesh}, seed=seed
    )
    mesh = mesh_of(result)
    assert is_sound(mesh.positions, mesh.triangles)
    assert len(mesh.triangles) <= TINY["decimationTarget"]
    assert 1 <= result.report["bodies"] <= 64
    assert mesh.uvs is not None
    side = TINY["textureSize"]
    assert overlapping_texels(mesh.uvs[mesh.triangles] * side, texels=side) == 0


@pytest.mark.parametrize("remesh", [True, False])
@pytest.mark.parametrize("kind", ["slivers", "frame", "single-pixels", "full"])
def test_awkward_silhouettes_become_sound_models(kind: str, remesh: bool) -> None:
    alpha = np.zeros((128, 128), np.uint8)
    if kind == "slivers":
        alpha[::9, 2:-2] = 255
        alpha[:, 60:62] = 255
    elif kind == "frame":
        alpha[:] = 255
        alpha[5:-5, 5:-5] = 0
    elif kind == "single-pixels":
        alpha[::16, ::16] = 255
    else:
        alpha[1:-1] = 255
    pixels = np.dstack([np.full((128, 128, 3), 140, np.uint8), alpha])
    result = generate(png(pixels), settings={**TINY, "remesh": remesh}, seed=2)
    mesh = mesh_of(result)
    assert is_sound(mesh.positions, mesh.triangles)
    assert 1 <= result.report["bodies"] <= 64


def test_a_checkerboard_is_capped_at_64_bodies() -> None:
    pixels = np.zeros((256, 256, 4), np.uint8)
    squares = np.indices((16, 16)).sum(axis=0) % 2 == 0
    pixels[:, :, 3] = np.kron(squares, np.ones((16, 16), bool)) * 255
    result = generate(png(pixels), settings={**TINY, "decimationTarget": 20_000}, seed=1)
    assert result.report["bodies"] == 64
    assert result.report["droppedBodies"] > 0
    mesh = mesh_of(result)
    assert is_sound(mesh.positions, mesh.triangles)
