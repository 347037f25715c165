"""The solid as pixel fields: how far it reaches to the viewer and away from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Solid:
    """All (H, W), in grid units, y down. Rows and columns on the border are outside.

    ``front`` and ``back`` are heights above and below ``middle``, positive where ``inside``.
    ``cut_x`` (H, W-1) and ``cut_y`` (H-1, W): where an edge between an inside and an outside
    column meets the outline, as the distance from the inside column, in 0..1.
    """

    inside: NDArray[np.bool_]
    front: Float
    back: Float
    middle: Float
    cut_x: Float
    cut_y: Float
