"""The whole graph of one game asset, inputs before what uses them."""

from __future__ import annotations

from collections.abc import Mapping

from trellis_assets.catalog import Profiles

from .node import Node
from .nodes.appearance import APPEARANCE
from .nodes.concept import CONCEPT_IMAGE
from .nodes.delivery import variant_node
from .nodes.generation import GENERATED_MODEL
from .nodes.geometry import LADDER, MASTER_MODEL
from .nodes.textures import TEXTURE_SETS


def build_graph(profiles: Profiles) -> Mapping[str, Node]:
    """All nodes by name: the fixed ones and one variant for each target profile."""
    nodes = (
        CONCEPT_IMAGE,
        GENERATED_MODEL,
        MASTER_MODEL,
        *LADDER,
        APPEARANCE,
        *TEXTURE_SETS,
        *(variant_node(name, profile) for name, profile in profiles.profiles.items()),
    )
    return {node.name: node for node in nodes}
