"""Packed geometry: what a reader gets back, how far off it is, and what a damaged file does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tests.geometry import shapes
from trellis_assets.geometry import meshopt
from trellis_assets.gltf import (
    GEOMETRY_EXTENSIONS,
    Geometry,
    GltfError,
    MalformedGlb,
    Material,
    Mesh,
    Model,
    Part,
    load_model,
    model_to_glb,
    read_glb,
    write_glb,
)
from trellis_assets.validation import validate_glbs

PACKED: tuple[Geometry, ...] = ("quantized", "meshopt", "draco")
KEEP_ORDER: tuple[Geometry, ...] = ("quantized", "meshopt")


def model_of(mesh: Mesh) -> Model:
    return Model((Part(mesh, Material()),))


def taken(values: Vectors) -> NDArray[np.float32]:
    assert values is not None
    return values


def apart(first: Vectors, second: Vectors) -> float:
    return float(np.abs(taken(first) - taken(second)).max())


def ball(**values: Any) -> Mesh:
    """A bumpy ball of 0.7 m, away from the origin, with all attributes."""
    points, faces = shapes.bumpy(3, seed=3)
    normals = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    along = np.stack([-normals[:, 1], normals[:, 0], 0 * normals[:, 0]], axis=1) + 1e-6
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    sign = np.where(np.arange(len(points)) % 2, 1, -1)[:, None]
    fields: dict[str, Any] = {
        "positions": (points * 0.35 + [3, 1, -2]).astype(np.float32),
        "triangles": faces.astype(np.uint32),
        "normals": normals,
        "uvs": ((normals[:, :2] + 1) / 2).astype(np.float32),
        "tangents": np.concatenate([along, sign], axis=1).astype(np.float32),
        "colors": np.concatenate([(normals + 1) / 2, sign * 0 + 1], axis=1).astype(np.float32),
    }
    return meshopt.optimize_for_compression(Mesh(**{**fields, **values}))


Vectors = NDArray[np.float32] | None


def degrees(first: Vectors, second: Vectors) -> NDArray[np.float32]:
    cosine = (taken(first)[:, :3] * taken(second)[:, :3]).sum(axis=1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


@pytest.mark.parametrize("how", PACKED)
def test_a_packed_file_names_its_extensions_and_is_much_smaller(how: Geometry) -> None:
    model = model_of(ball())
    data = model_to_glb(model, geometry=how)
    content = read_glb(data).json
    assert content["extensionsUsed"] == content["extensionsRequired"]
    assert tuple(content["extensionsUsed"]) == GEOMETRY_EXTENSIONS[how]
    share = {"quantized": 0.6, "meshopt": 0.4, "draco": 0.75}[how]
    assert len(data) < share * len(model_to_glb(model))
    assert data == model_to_glb(model, geometry=how)
    (report,) = validate_glbs([data])
    assert report.errors == report.warnings == 0, report.messages


@pytest.mark.parametrize("how", KEEP_ORDER)
def test_what_comes_back_is_the_mesh(how: Geometry) -> None:
    mesh = ball()
    found = load_model(model_to_glb(model_of(mesh), geometry=how)).parts[0].mesh
    step = np.ptp(mesh.positions, axis=0).max() / 16383
    assert np.abs(found.positions - mesh.positions).max() <= step / 2 + 1e-6
    assert degrees(found.normals, mesh.normals).max() < 1.0
    assert degrees(found.tangents, mesh.tangents).max() < 1.2
    np.testing.assert_array_equal(np.sign(taken(found.tangents)[:, 3]), taken(mesh.tangents)[:, 3])
    assert apart(found.colors, mesh.colors) <= 0.5 / 255 + 1e-6
    np.testing.assert_array_equal(np.sort(found.triangles, 1), np.sort(mesh.triangles, 1))


def test_draco_gives_the_same_surface_in_another_order() -> None:
    mesh = ball()
    found = load_model(model_to_glb(model_of(mesh), geometry="draco")).parts[0].mesh
    assert found.triangle_count == mesh.triangle_count
    gaps = np.linalg.norm(found.positions[:, None] - mesh.positions[None], axis=2)
    nearest = gaps.argmin(axis=1)
    assert gaps.min(axis=1).max() < 0.7 / 16383 * 2
    assert gaps.min(axis=0).max() < 0.7 / 16383 * 2
    assert degrees(found.normals, taken(mesh.normals)[nearest]).max() < 1.0
    assert apart(found.uvs, taken(mesh.uvs)[nearest]) < 0.5 / 8192
    assert degrees(found.tangents, taken(mesh.tangents)[nearest]).max() < 1.0


@pytest.mark.parametrize("how", PACKED)
@settings(max_examples=40, deadline=None)
@given(
    uvs=hnp.arrays(np.float32, (12, 2), elements=st.floats(-2, 3, width=32)),
    inside=st.booleans(),
)
def test_uvs_stay_within_half_a_texel_of_the_largest_texture(
    how: Geometry, uvs: NDArray[np.float32], inside: bool
) -> None:
    given_uvs = np.clip(uvs, 0, 1) if inside else uvs
    points = np.stack([np.arange(12), np.arange(12) % 5, np.arange(12) % 3], axis=1)
    mesh = Mesh(
        points.astype(np.float32), np.arange(12, dtype=np.uint32).reshape(4, 3), uvs=given_uvs
    )
    found = load_model(model_to_glb(model_of(mesh), geometry=how)).parts[0].mesh
    assert found.uvs is not None
    order = np.rint(found.positions[:, 0]).astype(int)
    assert np.abs(found.uvs - given_uvs[order]).max() <= 0.5 / 8192


@pytest.mark.parametrize("how", PACKED)
def test_a_mesh_of_one_point_or_without_triangles_survives(how: Geometry) -> None:
    point = Mesh(np.ones((3, 3), np.float32), np.array([[0, 1, 2]], np.uint32))
    empty = Mesh(np.ones((3, 3), np.float32), np.empty((0, 3), np.uint32))
    both = Model((Part(ball(tangents=None), Material()), Part(empty, Material())))
    assert load_model(model_to_glb(both, geometry=how)).parts[1].mesh.triangle_count == 0
    if how != "draco":  # Draco drops what has no area
        found = load_model(model_to_glb(model_of(point), geometry=how))
        np.testing.assert_allclose(found.bounds(), 1, atol=1e-6)


@pytest.mark.parametrize("how", ["meshopt", "draco"])
def test_damaged_streams_are_refused(how: Geometry) -> None:
    data = model_to_glb(model_of(ball()), geometry=how)
    glb = read_glb(data)
    glb.bin = b"\xff" * 60 + bytes(glb.bin)[60:]
    with pytest.raises(MalformedGlb, match="damaged"):
        load_model(write_glb(glb))


@settings(max_examples=60, deadline=None)
@given(count=st.integers(-5, 2**33), stride=st.integers(-4, 400), size=st.integers(0, 2**33))
def test_wrong_counts_of_a_packed_view_never_read_past_its_end(
    count: int, stride: int, size: int
) -> None:
    glb = read_glb(model_to_glb(model_of(ball()), geometry="meshopt"))
    packed = glb.json["bufferViews"][0]["extensions"]["EXT_meshopt_compression"]
    packed |= {"count": count, "byteStride": stride, "byteLength": min(size, packed["byteLength"])}
    with pytest.raises(GltfError):
        load_model(write_glb(glb))
