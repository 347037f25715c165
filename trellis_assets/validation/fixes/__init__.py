"""The safe repairs, in the order in which they are applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..draft import Draft
from .alpha import drop_opaque_alpha
from .cutoff import remove_cutoff
from .degenerate import remove_degenerate
from .duplicates import remove_duplicates
from .names import clean_names
from .normals import renormalise
from .power_of_two import resize_to_powers_of_two
from .unused import remove_unused_objects
from .vertices import remove_unused, weld


@dataclass(frozen=True)
class Fix:
    """A repair for what one rule complains about; says in words what it changed."""

    rule: str
    mend: Callable[[Draft], Iterator[str]]


FIXES = (
    Fix("mesh.degenerate", remove_degenerate),
    Fix("mesh.duplicate-faces", remove_duplicates),
    Fix("mesh.split-vertices", weld),
    Fix("mesh.unused-vertices", remove_unused),
    Fix("normals.unit", renormalise),
    Fix("alpha.cutoff", remove_cutoff),
    Fix("alpha.opaque", drop_opaque_alpha),
    Fix("texture.power-of-two", resize_to_powers_of_two),
    Fix("name.characters", clean_names),
    Fix("name.duplicate", clean_names),
    Fix("scene.unused", remove_unused_objects),
)
