"""Where triangles lie, in the words of the file: node, primitive, count."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from .subject import Subject


class Spot(TypedDict):
    """The place with the most of them, and how many there are in all."""

    node: str
    primitive: int | None
    count: int


def spot(subject: Subject, chosen: NDArray[np.bool_]) -> Spot:
    """Of the chosen (T,) triangles."""
    faces = np.flatnonzero(chosen)
    return spot_faces(subject, faces, len(faces))


def spot_faces(subject: Subject, faces: NDArray[np.int64], count: int) -> Spot:
    """Of triangles by number."""
    if not len(faces):
        return Spot(node="", primitive=None, count=count)
    part = int(np.argmax(np.bincount(subject.surface.part[faces])))
    piece = subject.pieces[part]
    return Spot(node=piece.node, primitive=piece.primitive, count=count)
