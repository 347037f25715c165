"""Read and write GLB: a lossless container, and the small model type all other packages use."""

from __future__ import annotations

from ._accessor import read_accessor, stored_view, view_bytes
from ._container import Glb, read_glb, write_glb
from ._errors import BrokenTexture, GltfError, MalformedGlb, UnsupportedGlb
from ._geometry import GEOMETRY_EXTENSIONS, Geometry, can_pack
from ._join import Joined, join_glbs
from ._model import AlphaMode, Image, Material, Mesh, Model, MorphTarget, Part
from ._nodes import local_matrix, mesh_nodes
from ._read import load_model, model_from_glb
from ._refuse import LeftOut, left_out
from ._rig import Channel, Clip, Rig, RigNode, Skin
from ._write import model_to_glb
from ._write_rig import in_reading_order

__all__ = [
    "GEOMETRY_EXTENSIONS",
    "AlphaMode",
    "BrokenTexture",
    "Channel",
    "Clip",
    "Geometry",
    "Glb",
    "GltfError",
    "Image",
    "Joined",
    "LeftOut",
    "MalformedGlb",
    "Material",
    "Mesh",
    "Model",
    "MorphTarget",
    "Part",
    "Rig",
    "RigNode",
    "Skin",
    "UnsupportedGlb",
    "can_pack",
    "in_reading_order",
    "join_glbs",
    "left_out",
    "load_model",
    "local_matrix",
    "mesh_nodes",
    "model_from_glb",
    "model_to_glb",
    "read_accessor",
    "read_glb",
    "stored_view",
    "view_bytes",
    "write_glb",
]
