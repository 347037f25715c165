"""The streams of EXT_meshopt_compression: they come back, and damage or nonsense is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.geometry import shapes
from trellis_assets.geometry import meshopt
from trellis_assets.gltf import GltfError, MalformedGlb, Mesh
from trellis_assets.gltf import _meshopt_codec as codec

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANY_ARRAY = st.sampled_from(["f2", "f4", "f8", "i1", "u4", "u8", "?", "c8", "S3"]).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6), fill=st.nothing()
    )
)


def test_streams_come_back_and_damage_is_noticed() -> None:
    points, faces = shapes.bumpy(2, seed=3)
    mesh = meshopt.optimize_for_compression(Mesh(points, faces.astype(np.uint32)))
    stream = codec.encode_vertices(mesh.positions)
    rows = codec.decode_stream(stream, count=mesh.vertex_count, stride=12, mode="ATTRIBUTES")
    np.testing.assert_array_equal(rows.view(np.float32), mesh.positions)
    packed = codec.encode_triangles(mesh.triangles, vertex_count=mesh.vertex_count)
    size: dict[str, Any] = {"count": mesh.triangles.size, "stride": 4, "mode": "TRIANGLES"}
    back = codec.decode_stream(packed, **size).view(np.uint32).reshape(-1, 3)
    np.testing.assert_array_equal(np.sort(back, 1), np.sort(mesh.triangles, 1))
    for cut in (0, 1, len(packed) // 2):
        with pytest.raises(MalformedGlb):
            codec.decode_stream(packed[:cut], **size)
        with pytest.raises(MalformedGlb):
            codec.decode_stream(stream[:cut], count=mesh.vertex_count, stride=12, mode="ATTRIBUTES")


@QUICK
@given(rows=ANY_ARRAY)
def test_vertex_streams_of_arbitrary_arrays(rows: Any) -> None:
    try:
        stream = codec.encode_vertices(rows)
    except GltfError:
        return
    stride = rows.nbytes // len(rows)
    back = codec.decode_stream(stream, count=len(rows), stride=stride, mode="ATTRIBUTES")
    assert back.tobytes() == np.ascontiguousarray(rows).tobytes()


def test_octahedral_vectors_keep_their_direction() -> None:
    points, _ = shapes.icosphere(3)
    vectors = np.column_stack([points, np.ones(len(points))])
    packed = codec.encode_octahedral(vectors, bits=8)
    assert packed.dtype == np.int8
    x, y = packed[:, 0] / 127.0, packed[:, 1] / 127.0
    z = 1.0 - np.abs(x) - np.abs(y)
    fold = np.maximum(-z, 0.0)
    decoded = np.stack([x - np.sign(x) * fold, y - np.sign(y) * fold, z], 1)
    decoded /= np.linalg.norm(decoded, axis=1, keepdims=True)
    assert np.einsum("ij,ij->i", decoded, points).min() > np.cos(np.radians(1.0))


@pytest.mark.parametrize(
    ("count", "stride", "mode", "name"),
    [
        (2**40, 12, "ATTRIBUTES", "NONE"),  # more than memory
        (4, 6, "ATTRIBUTES", "NONE"),
        (4, 12, "ATTRIBUTES", "OCTAHEDRAL"),
        (4, 12, "TRIANGLES", "NONE"),
        (4, 2, "TRIANGLES", "NONE"),  # no whole triangles
        (3, 2, "TRIANGLES", "OCTAHEDRAL"),
        (4, 4, "None", "NONE"),
    ],
)
def test_numbers_outside_the_extension_are_refused(
    count: int, stride: int, mode: str, name: str
) -> None:
    with pytest.raises(MalformedGlb):
        codec.decode_stream(b"\xa0" * 64, count=count, stride=stride, mode=mode, filter=name)


@QUICK
@given(
    stream=st.binary(max_size=200),
    count=st.integers(0, 300),
    stride=st.sampled_from([2, 4, 8, 12, 16]),
    mode=st.sampled_from(["ATTRIBUTES", "TRIANGLES", "INDICES"]),
    head=st.sampled_from([b"", b"\xa0", b"\xe1", b"\xd1"]),
)
def test_any_bytes_are_decoded_or_refused(
    stream: bytes, count: int, stride: int, mode: str, head: bytes
) -> None:
    try:
        rows = codec.decode_stream(head + stream, count=count, stride=stride, mode=mode)
    except MalformedGlb:
        return
    assert rows.shape == (count, stride)
