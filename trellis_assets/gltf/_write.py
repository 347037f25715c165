"""A :class:`Model` to GLB bytes: the smallest correct file, the same bytes for the same model.

Aligned buffer views with targets, bounds on POSITION, 16-bit indices where they reach (65,535 is
the restart value and never used), images shared by content. The Khronos validator has nothing to
say about what comes out. Geometry can be packed in the three ways that extensions define.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._body import Body, added
from ._container import Glb, write_glb
from ._draco import encode_draco
from ._errors import GltfError
from ._geometry import GEOMETRY_EXTENSIONS, Geometry, can_pack
from ._meshopt_codec import encode_triangles, encode_vertices
from ._model import Mesh, Model, Part
from ._quantize import FLOAT, UNSIGNED_SHORT, Grid, Stream, quantize
from ._write_bends import deltas, influences
from ._write_materials import MaterialWriter
from ._write_rig import RigWriter, drawn_together, shape_of

_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_UNSIGNED_INT = 5125


def model_to_glb(model: Model, *, geometry: Geometry = "none") -> bytes:
    """Write ``model`` as binary glTF 2.0.

    WebP images go through EXT_texture_webp (used and required, no fallback); KTX2 images through
    KHR_texture_basisu. One node per part under one scene; a part that a node of the rig carries is
    below it.

    Args:
        model: what to write.
        geometry: packed geometry loses precision, see :mod:`._quantize` and :mod:`._draco`; with
            ``quantized`` and ``meshopt`` each node carries the scale and translation of its grid.
            Positions, weights and morph targets of a model that moves are as exact as without.

    Raises:
        GltfError: a model that cannot be packed in this way, see :func:`.can_pack`.
    """
    if not can_pack(model, geometry):
        raise GltfError(
            f"a model that moves cannot be written with {geometry} geometry",
            fix="write it with `geometry: meshopt`, `quantized` or `none`",
        )
    return write_glb(_Writer(model, geometry).glb())


class _Writer:
    """Collects buffer views, and shares what is equal."""

    def __init__(self, model: Model, geometry: Geometry) -> None:
        self._model = model
        self._geometry = geometry
        self._unpacked = 0  # bytes of the buffer that a reader fills by decoding
        self._body = Body()
        self._accessors: list[dict[str, Any]] = []
        self._materials = MaterialWriter(self._body)
        self._extensions: set[str] = set()  # of geometry; a reader must know each one

    def glb(self) -> Glb:
        meshes: list[dict[str, Any]] = []
        nodes: list[dict[str, Any]] = []
        groups = drawn_together(self._model.parts)
        rig = self._rig([group[0] for group in groups])
        for index, group in enumerate(groups):
            first, primitives, grid = group[0], [], None
            for part in group:
                primitive, grid = self._primitive(rig.own_space(part) if rig else part.mesh)
                primitive["material"] = self._materials.index_of(part.material)
                primitives.append(primitive)
            meshes.append({"name": first.name, "primitives": primitives, **shape_of(first)})
            nodes.append({"name": first.name, "mesh": index, **(grid.undone if grid else {})})
            if first.skin >= 0:
                nodes[-1]["skin"] = first.skin
        roots = list(range(len(nodes)))
        moving: dict[str, Any] = {}
        if rig:
            rig_nodes, roots = rig.nodes()
            nodes += rig_nodes
            moving = {"skins": rig.skins(), "animations": rig.animations()}
        asset: dict[str, Any] = {"version": "2.0", "generator": self._model.generator}
        if self._model.copyright:
            asset["copyright"] = self._model.copyright
        if self._model.extras:
            asset["extras"] = dict(self._model.extras)
        document: dict[str, Any] = {
            "asset": asset,
            "scene": 0,
            "scenes": [{"name": self._model.name, "nodes": roots}],
            "nodes": nodes,
            "meshes": meshes,
            "materials": self._materials.materials,
            "accessors": self._accessors,
            "bufferViews": self._body.views,
            "buffers": [{"byteLength": self._body.length}],
            **{kind: items for kind, items in moving.items() if items},
        }
        if self._unpacked:
            fallback = {"EXT_meshopt_compression": {"fallback": True}}
            document["buffers"].append({"byteLength": self._unpacked, "extensions": fallback})
        document |= self._materials.textures_and_images()
        if used := self._extensions | self._materials.extensions:
            document["extensionsUsed"] = sorted(used)
        if required := self._extensions | self._materials.required:
            document["extensionsRequired"] = sorted(required)
        return Glb(document, self._body.data())

    def _rig(self, leading: Sequence[Part]) -> RigWriter | None:
        rig = self._model.rig
        return RigWriter(rig, leading, self._body, self._accessors) if rig else None

    def _primitive(self, mesh: Mesh) -> tuple[dict[str, Any], Grid | None]:
        needed = GEOMETRY_EXTENSIONS[self._geometry] if mesh.triangle_count else ()
        self._extensions.update(needed)
        if self._geometry == "draco" and mesh.triangle_count:
            return self._draco(mesh), None
        grid: Grid | None = None
        if self._geometry == "none" or not mesh.triangle_count:
            attributes = self._plain(mesh)
        else:
            streams, grid = quantize(mesh, self._geometry, keep_positions=self._model.moves)
            attributes = self._streams(streams)
        attributes |= self._streams(influences(mesh))
        primitive = {"attributes": attributes, "indices": self._indices(mesh)}
        if mesh.targets:
            primitive["targets"] = [self._streams(deltas(each, mesh)) for each in mesh.targets]
        return primitive, grid

    def _plain(self, mesh: Mesh) -> dict[str, int]:
        return {
            name: self._accessor(name, values, kind, self._body.view(values, _ARRAY_BUFFER))
            for name, values, kind in _attributes(mesh)
        }

    def _draco(self, mesh: Mesh) -> dict[str, Any]:
        """The accessors describe what decoding gives; the bytes are in the extension's view."""
        packed = encode_draco(mesh)
        attributes = {
            name: self._accessor(name, values, kind)
            for name, values, kind in _attributes(packed.decoded)
        }
        faces = packed.decoded.triangles
        indices = {"componentType": _UNSIGNED_INT, "count": faces.size, "type": "SCALAR"}
        extension = {"bufferView": self._body.view(packed.data), "attributes": packed.attributes}
        return {
            "attributes": attributes,
            "indices": added(self._accessors, indices),
            "extensions": {"KHR_draco_mesh_compression": extension},
        }

    def _accessor(
        self, name: str, values: NDArray[np.float32], kind: str, view: int | None = None
    ) -> int:
        accessor: dict[str, Any] = {} if view is None else {"bufferView": view}
        accessor |= {"componentType": FLOAT, "count": len(values), "type": kind}
        if name == "POSITION" and len(values):
            columns = values.T  # ten times as fast as over the rows at once
            accessor["min"] = [float(column.min()) for column in columns]
            accessor["max"] = [float(column.max()) for column in columns]
        return added(self._accessors, accessor)

    def _streams(self, streams: list[Stream]) -> dict[str, int]:
        return {stream.semantic: self._stream(stream) for stream in streams}

    def _stream(self, stream: Stream) -> int:
        rows = np.ascontiguousarray(stream.rows)
        if self._geometry == "meshopt" and len(rows):
            packed = encode_vertices(rows)
            view = self._packed_view(packed, rows, "ATTRIBUTES", stream.filter)
        else:
            view = self._body.view(rows, _ARRAY_BUFFER)
            if len(rows):
                self._body.views[view]["byteStride"] = stream.stride
        accessor: dict[str, Any] = {
            "bufferView": view,
            "componentType": stream.component,
            "count": len(rows),
            "type": stream.kind,
        }
        if stream.normalized:
            accessor["normalized"] = True
        if stream.bounds is not None:
            accessor["min"], accessor["max"] = stream.bounds
        return added(self._accessors, accessor)

    def _indices(self, mesh: Mesh) -> int:
        small = mesh.vertex_count < 65535
        indices = np.ascontiguousarray(mesh.triangles, "<u2" if small else "<u4").reshape(-1)
        if self._geometry == "meshopt" and len(indices):
            packed = encode_triangles(mesh.triangles, vertex_count=mesh.vertex_count)
            view = self._packed_view(packed, indices, "TRIANGLES")
        else:
            view = self._body.view(indices, _ELEMENT_ARRAY_BUFFER)
        accessor = {
            "bufferView": view,
            "componentType": UNSIGNED_SHORT if small else _UNSIGNED_INT,
            "count": len(indices),
            "type": "SCALAR",
        }
        return added(self._accessors, accessor)

    def _packed_view(self, packed: bytes, rows: NDArray[Any], mode: str, name: str = "NONE") -> int:
        """A view into the buffer that exists only once it is decoded (EXT_meshopt_compression)."""
        self._extensions.add("EXT_meshopt_compression")
        stored = self._body.views.pop(self._body.view(packed))
        stride = rows.nbytes // len(rows)
        extension = {**stored, "byteStride": stride, "count": len(rows), "mode": mode}
        if name != "NONE":
            extension["filter"] = name
        view: dict[str, Any] = {
            "buffer": 1,
            "byteOffset": self._unpacked,
            "byteLength": rows.nbytes,
            "target": _ELEMENT_ARRAY_BUFFER if mode == "TRIANGLES" else _ARRAY_BUFFER,
            "extensions": {"EXT_meshopt_compression": extension},
        }
        if mode == "ATTRIBUTES":
            view["byteStride"] = stride
        self._unpacked += rows.nbytes + -rows.nbytes % 4
        return added(self._body.views, view)


def _attributes(mesh: Mesh) -> list[tuple[str, NDArray[np.float32], str]]:
    """The attributes that are there: glTF's name, little-endian float32 values, accessor type."""
    known = (
        ("POSITION", mesh.positions, "VEC3"),
        ("NORMAL", mesh.normals, "VEC3"),
        ("TANGENT", mesh.tangents, "VEC4"),
        ("TEXCOORD_0", mesh.uvs, "VEC2"),
        ("COLOR_0", mesh.colors, "VEC4"),
    )
    return [
        (name, np.ascontiguousarray(values, "<f4"), kind)
        for name, values, kind in known
        if values is not None
    ]
