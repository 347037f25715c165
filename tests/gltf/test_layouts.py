"""The same triangles, however a file lays them out, give the same mesh."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from trellis_assets.gltf import Glb, UnsupportedGlb, model_from_glb

from .shapes import box_mesh

INDEX_TYPES = {"u1": 5121, "u2": 5123, "u4": 5125}


def stored(*, interleaved: bool, index: str | None, mode: int = 4) -> Glb:
    """The box with positions, normals and UVs side by side or one after the other."""
    mesh = box_mesh()
    assert mesh.normals is not None
    assert mesh.uvs is not None
    columns = [mesh.positions, mesh.normals, mesh.uvs]
    faces = mesh.triangles.reshape(-1)
    if index is None:
        columns, faces = [values[faces] for values in columns], np.empty(0, np.uint32)
    count = len(columns[0])
    if interleaved:
        body = np.concatenate(columns, axis=1).tobytes()
        views: list[dict[str, Any]] = [{"buffer": 0, "byteLength": len(body), "byteStride": 32}]
        places = [(0, 0), (0, 12), (0, 24)]
    else:
        body = b"".join(values.tobytes() for values in columns)
        sizes = [values.nbytes for values in columns]
        starts = [0, sizes[0], sizes[0] + sizes[1]]
        views = [
            {"buffer": 0, "byteOffset": start, "byteLength": size}
            for start, size in zip(starts, sizes, strict=True)
        ]
        places = [(0, 0), (1, 0), (2, 0)]
    accessors: list[dict[str, Any]] = [
        {
            "bufferView": view, "byteOffset": offset, "componentType": 5126, "count": count,
            "type": kind,
        }
        for (view, offset), kind in zip(places, ("VEC3", "VEC3", "VEC2"), strict=True)
    ]  # fmt: skip
    primitive = {"attributes": {"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2}, "mode": mode}
    if index is not None:
        packed = faces.astype(f"<{index}").tobytes()
        views.append({"buffer": 0, "byteOffset": len(body), "byteLength": len(packed)})
        accessors.append(
            {
                "bufferView": len(views) - 1, "componentType": INDEX_TYPES[index],
                "count": len(faces), "type": "SCALAR",
            }
        )  # fmt: skip
        primitive["indices"] = 3
        body += packed
    document = {
        "asset": {"version": "2.0"},
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "buffers": [{"byteLength": len(body)}],
        "bufferViews": views,
        "accessors": accessors,
    }
    return Glb(document, body)


@pytest.mark.parametrize(
    ("interleaved", "index"), list(product([True, False], [*INDEX_TYPES, None]))
)
def test_layout_and_index_type_do_not_matter(interleaved: bool, index: str | None) -> None:
    found = model_from_glb(stored(interleaved=interleaved, index=index)).parts[0].mesh
    mesh = box_mesh()
    for name in ("positions", "normals", "uvs"):
        expected, values = getattr(mesh, name), getattr(found, name)
        np.testing.assert_array_equal(values[found.triangles], expected[mesh.triangles])
    assert found.triangles.dtype == np.uint32
    assert found.triangles.max() < found.vertex_count


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
def test_points_and_lines_are_refused(mode: int) -> None:
    with pytest.raises(UnsupportedGlb, match="points or lines") as refusal:
        model_from_glb(stored(interleaved=False, index="u2", mode=mode))
    assert refusal.value.fix
