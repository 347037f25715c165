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

    Draco puts vertices in another order than that of the morph targets beside it, and rounds
    the weights of joints: a model that moves takes one of the other ways.
    """
    return geometry != "draco" or not model.moves
