"""Read and write GLB: a lossless container, and the small model type all other packages use."""

from __future__ import annotations

from ._container import Glb, read_glb, write_glb
from ._errors import BrokenTexture, GltfError, MalformedGlb, UnsupportedGlb
from ._geometry import GEOMETRY_EXTENSIONS, Geometry
from ._join import Joined, join_glbs
from ._model import AlphaMode, Image, Material, Mesh, Model, Part
from ._read import load_model, model_from_glb
from ._write import model_to_glb

__all__ = [
    "GEOMETRY_EXTENSIONS",
    "AlphaMode",
    "BrokenTexture",
    "Geometry",
    "Glb",
    "GltfError",
    "Image",
    "Joined",
    "MalformedGlb",
    "Material",
    "Mesh",
    "Model",
    "Part",
    "UnsupportedGlb",
    "join_glbs",
    "load_model",
    "model_from_glb",
    "model_to_glb",
    "read_glb",
    "write_glb",
]
