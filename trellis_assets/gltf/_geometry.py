"""The ways in which vertices and indices may be stored in a GLB."""

from __future__ import annotations

from typing import Literal

from ._model import Model

Geometry = Literal["none", "quantized", "meshopt", "draco"]
"""How vertices and indices are stored; see :data:`GEOMETRY_EXTENSIONS`."""

GEOMETRY_EXTENSIONS: dict[Geometry, tuple[str, ...]] = {
    "none": (),
    "quantized": ("KHR_mesh_quantization",),
    "meshopt": ("EXT_meshopt_compression", "KHR_mesh_quantization"),
    "draco": ("KHR_draco_mesh_compression",),
}
"""What a reader must know for each way; all of them are required in the file."""


def can_pack(model: Model, geometry: Geometry) -> bool:
    """Whether :func:`.model_to_glb` stores ``model`` in this way.

    A model that moves is stored plain only: grids would have to be undone below every node and in
    every skin, and Draco puts vertices in another order than the morph targets beside it.
    """
    return geometry == "none" or not model.moves
